package steps

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"bbconnect/model"
)

// TestWhateverIsPressedAmongSecretsNothingIsLostOrOrphaned presses keys at random
// and looks after each whether the secrets still fit together: every reference has
// its secret, every secret its value, and every value a secret that is known.
func TestWhateverIsPressedAmongSecretsNothingIsLostOrOrphaned(t *testing.T) {
	t.Parallel()
	keys := []string{
		"r", "n", "x", "v", "V", "t", "T", "d", "E", "X", "U", "/", "o", "esc", "enter", "enter", "y", "y", "up", "down", "down", "tab",
		"shift+tab", "ctrl+n", "ctrl+u", "a", "b", "9", "g", "G", "?", "f1", "paste", "paste", "paste key", "day", "narrow", "wide",
	}
	for seed := range uint64(24) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 7))
			inFrontOfSecrets(t, withSecrets, func(p *person) {
				var pressed []string
				for range 120 {
					key := keys[r.IntN(len(keys))]
					if key == "esc" && p.atTheList() {
						continue // it would leave the program
					}
					pressed = append(pressed, key)
					p.presents(key)
					if trouble := p.inDisorder(); trouble != "" {
						t.Fatalf("%s, after %s:\n%s", trouble, strings.Join(pressed, " "), p.screen())
					}
				}
			})
		})
	}
}

// atTheList reports whether esc would leave the last screen, or a page whose back
// leads there at once.
func (p *person) atTheList() bool {
	return strings.Contains(p.screen(), "esc back") && strings.Contains(p.title(), " secret")
}

// presents presses a key, or does what stands for several.
func (p *person) presents(key string) {
	switch key {
	case "paste", "paste key":
		// Into the masked field alone, which has the focus as the page opens: whatever
		// is pasted into a name or a filter is drawn.
		if opened := strings.Contains(p.title(), "Replace"); opened || !strings.Contains(p.presses("r").title(), "Replace ·") {
			return
		}
		value := apiToken() + "\n"
		if key == "paste key" {
			value = pemKey("RSA", 51)
		}
		p.pastes(value)
	case "day":
		p.types("30d")
	case "narrow":
		p.resizes(60, 16)
	case "wide":
		p.resizes(120, 40)
	default:
		p.presses(key)
	}
}

// inDisorder says what does not fit together, "" for nothing.
func (p *person) inDisorder() string {
	lines := strings.Split(p.shell.View(), "\n")
	if len(lines) > p.h {
		return fmt.Sprintf("%d lines in a window of %d", len(lines), p.h)
	}
	for _, line := range lines {
		if w := ansi.StringWidth(line); w > p.w {
			return fmt.Sprintf("a line of %d columns in a window of %d", w, p.w)
		}
	}
	known := map[model.SecretName]model.SecretInfo{}
	for _, info := range p.at.library.secrets {
		known[info.Name] = info
		kept := info.Where == model.WhereKeyring && info.Type != model.SecretSSHKey
		value := p.at.keys[model.WhereKeyring].values[info.Name]
		if kept && (value.IsZero() || value.Len() != info.Length) {
			return fmt.Sprintf("%s has a value of %d characters, recorded are %d", info.Name, value.Len(), info.Length)
		}
		if _, there := known[info.File]; info.Type == model.SecretSSHKey && !there && !p.knows(info.File) {
			return string(info.Name) + " points to a key that is not there"
		}
	}
	for name := range p.at.keys[model.WhereKeyring].values {
		if _, there := known[name]; !there {
			return "nobody knows of the value of " + string(name)
		}
	}
	for key, s := range p.at.library.connectors {
		for _, ref := range s.Connector.SecretRefs() {
			name, err := ref.Name(s.Connector.Scope)
			if _, there := known[name]; err != nil || !there {
				return fmt.Sprintf("%s refers to %s, which is not there", key, ref)
			}
		}
	}
	return ""
}

func (p *person) title() string { return strings.SplitN(p.screen(), "\n", 2)[0] }

func (p *person) knows(name model.SecretName) bool {
	for _, info := range p.at.library.secrets {
		if info.Name == name {
			return true
		}
	}
	return false
}
