package steps

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"bbconnect/model"
)

// update writes what the screens show now: go test ./steps -run Golden -update.
var update = flag.Bool("update", false, "write the golden files")

// looksLike compares the screen with a golden file in each of three windows.
func (p *person) looksLike(name string) *person {
	p.t.Helper()
	w, h := p.w, p.h
	for _, size := range [][2]int{{60, 16}, {80, 24}, {120, 40}} {
		p.resizes(size[0], size[1]).fits()
		if p.at.album != nil {
			p.at.album.keep(fmt.Sprintf("%s %dx%d", name, size[0], size[1]), p.shell.View())
			continue
		}
		path := filepath.Join("testdata", fmt.Sprintf("%s_%dx%d.golden", name, size[0], size[1]))
		got := p.screen() + "\n"
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				p.t.Error(err)
			}
			continue
		}
		want, err := os.ReadFile(path)
		if err != nil || string(want) != got {
			p.t.Errorf("%s differs (%v).\nwant:\n%s\ngot:\n%s", path, err, want, got)
		}
	}
	if a := p.at.album; a != nil && a.look == looks()[0] {
		p.fitsAnywhere(uint64(len(a.names)))
	}
	return p.resizes(w, h)
}

// fitsAnywhere looks at the screen in windows of any size that is not too small.
func (p *person) fitsAnywhere(seed uint64) {
	p.t.Helper()
	r := rand.New(rand.NewPCG(seed, 37))
	for range 5 {
		p.resizes(60+r.IntN(141), 16+r.IntN(45)).fits()
	}
}

func TestGoldenTheWizardOverHTTP(t *testing.T) {
	t.Parallel()
	inEveryTheme(t, "wizard_http", func(t *testing.T, dress dress) {
		inTheWizard(t, dress(scripted(failing(needsUsername()), passes)), func(p *person) {
			p.looksLike("overview")
			p.types("Payments").presses("tab", "tab", "tab", "tab", "right", "right").looksLike("overview_project").presses("left", "left", "ctrl+n")
			p.looksLike("details")
			p.pastes("https://git.acme-corp.com/projects/PAY/repos/ledger/browse?at=main").looksLike("details_web_page")
			p.presses("ctrl+u").pastes("https://bitbucket.org/acme/ledger.git").presses("ctrl+n").looksLike("credentials")
			p.pastes(apiToken()).looksLike("credentials_pasted").presses("f1").looksLike("token_guide").presses("esc", "ctrl+n").looksLike("api_same_token")
			p.presses("down").looksLike("api_access_token").presses("down").looksLike("api_off").presses("up", "up", "tab").types("jdoe@acme-corp.com")
			p.presses("ctrl+n").looksLike("connectivity").presses("down", "tab", "down").looksLike("connectivity_delegate").presses("tab").types("linux-prod").presses("ctrl+n")
			p.looksLike("review").presses("enter").looksLike("test_failed").presses("enter").looksLike("test_passed").presses("enter").looksLike("hand_over")
			p.presses("enter").looksLike("home_one")
		})
	})
}

func TestGoldenTheWizardOverSSH(t *testing.T) {
	t.Parallel()
	inEveryTheme(t, "wizard_ssh", func(t *testing.T, dress dress) {
		inTheWizard(t, dress(scripted(hanging)), func(p *person) {
			p.types("Keys").presses("ctrl+n").pastes("ssh://git@git.acme-corp.com:7999/PAY/ledger.git").presses("ctrl+n").looksLike("key")
			p.pastes(pemKey("OPENSSH", 38)).looksLike("key_openssh").presses("ctrl+t").looksLike("key_public").presses("d")
			p.pastes(pemKey("RSA ENCRYPTED", 51)).looksLike("key_passphrase").pastes(pemKey("RSA", 51)).presses("ctrl+n").looksLike("api_data_center")
			p.presses("ctrl+n", "ctrl+n").looksLike("review_error")
			p.presses("enter").looksLike("api_error").presses("shift+tab", "right", "ctrl+n", "ctrl+n").sees("enter test")
			p.presses("enter").looksLike("test_running")
		})
	})
}

func TestGoldenWithoutAKeyring(t *testing.T) {
	t.Parallel()
	inEveryTheme(t, "places", func(t *testing.T, dress dress) {
		withoutKeyring(t, dress(without("no bus")), func(p *person) {
			p.looksLike("no_keyring").presses("v").looksLike("vault_passphrase").presses("esc", "c").looksLike("secret_command")
		})
		withoutKeyring(t, dress(without("silent")), func(p *person) { p.looksLike("trying_the_place") })
	})
}

func TestGoldenHome(t *testing.T) {
	t.Parallel()
	inEveryTheme(t, "home", func(t *testing.T, dress dress) {
		inFrontOfHome(t, dress(func(f *fakes) {
			withLedger(f)
			for _, name := range []string{"Payroll", "Pay per use", "Gateway of the payments platform in Frankfurt"} {
				c, _ := ledger()
				c.Name, c.ID = name, model.IDFromName(name)
				f.library.put(c)
			}
			f.library.damaged = []model.Damaged{{Path: "connectors/torn.yaml", Problem: &model.Problem{What: "It is no YAML.", Fix: "Mend it by hand."}}}
			_, _ = f.library.SaveDraft(t.Context(), model.NewDraft().With(model.QName, "Half done"))
		}), func(p *person) {
			p.looksLike("draft_offered").presses("l").looksLike("home").presses("?").looksLike("home_keys").presses("esc")
			p.presses("u").looksLike("drafts").presses("esc").presses("/").types("pay").looksLike("home_filter").presses("esc", "d").looksLike("delete")
		})
	})
}
