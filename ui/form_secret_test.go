package ui

import (
	"encoding/base64"
	"math/rand/v2"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

// fakeKey makes a text with the look and size of an RSA-4096 key, at run time.
func fakeKey() string {
	r := rand.New(rand.NewPCG(1, 2))
	raw := make([]byte, 2352)
	for i := range raw {
		raw[i] = byte(r.IntN(256))
	}
	body := base64.StdEncoding.EncodeToString(raw)
	dashes := strings.Repeat("-", 5)
	var b strings.Builder
	b.WriteString(dashes + "BEGIN RSA PRIVATE " + "KEY" + dashes + "\n")
	for len(body) > 64 {
		b.WriteString(body[:64] + "\n")
		body = body[64:]
	}
	b.WriteString(body + "\n" + dashes + "END RSA PRIVATE " + "KEY" + dashes)
	return b.String()
}

func keyForm() (*Form, *testScreen) {
	return newTestForm(func(s *testScreen) []Field {
		return []Field{
			s.answer(Field{ID: "key", Kind: SecretText, Label: "Private key", Example: "paste it here"}),
			s.answer(Field{ID: "text", Kind: Text, Label: "Description"}),
			s.answer(Field{ID: "token", Kind: SecretLine, Label: "Token"}),
			s.answer(Field{ID: "line", Kind: Line, Label: "Line"}),
		}
	})
}

func TestAPastedKeyArrivesWholeHoweverTheTerminalPastes(t *testing.T) {
	t.Parallel()
	key := fakeKey()
	for name, keys := range map[string][]tea.KeyMsg{
		"bracketed":          {paste(key)},
		"bracketed, CR":      {paste(strings.ReplaceAll(key, "\n", "\r"))},
		"bracketed, CR LF":   {paste(strings.ReplaceAll(key, "\n", "\r\n"))},
		"unbracketed":        inLines(key),
		"unbracketed, LF":    replaceKeys(inLines(key), tea.KeyEnter, named["ctrl+j"]),
		"unbracketed, CR LF": replaceKeys(inLines(key), tea.KeyEnter, named["enter"], named["ctrl+j"]),
		"letter by letter":   append(typed(key[:200]), paste(key[200:])),
	} {
		for _, id := range []string{"key", "text"} {
			form, s := keyForm()
			form.Jump(id)
			feed(form, keys...)
			if s.answers[id] != key {
				t.Errorf("%s into %s: %d characters of %d arrived", name, id, len(s.answers[id]), len(key))
			}
			if form.Focused() != id {
				t.Errorf("%s into %s: the focus went to %s", name, id, form.Focused())
			}
		}
	}
}

func replaceKeys(keys []tea.KeyMsg, old tea.KeyType, with ...tea.KeyMsg) []tea.KeyMsg {
	var out []tea.KeyMsg
	for _, k := range keys {
		if k.Type == old {
			out = append(out, with...)
		} else {
			out = append(out, k)
		}
	}
	return out
}

// inLines gives each line as one message, as bubbletea reads an unbracketed paste.
func inLines(text string) []tea.KeyMsg {
	var out []tea.KeyMsg
	for i, l := range strings.Split(text, "\n") {
		if i > 0 {
			out = append(out, named["enter"])
		}
		out = append(out, tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(l)})
	}
	return out
}

func TestATextOfManyLinesIsNotCutShort(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("line\n", 300) + "end"
	for name, keys := range map[string][]tea.KeyMsg{"pasted": {paste(text)}, "typed": inLines(text)} {
		form, s := keyForm()
		feed(form, keys...)
		if s.answers["key"] != text {
			t.Errorf("%s: %d of %d characters arrived", name, len(s.answers["key"]), len(text))
		}
	}
}

func TestWhatCameWithAPastedTokenIsCutOff(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ id, in, want string }{
		{"token", "tok-123\n", "tok-123"},
		{"token", "  tok-123\r\n", "tok-123"},
		{"token", "tok-\n123", "tok-123"},
		{"token", "two words", "two words"},
		{"line", "git clone x\n", "git clone x"},
		{"line", "a\tb\nc", "a b c"},
		{"line", "\ufeffa\x1b[31mb", "a[31mb"},
	} {
		form, s := keyForm()
		form.Jump(c.id)
		feed(form, paste(c.in))
		if s.answers[c.id] != c.want {
			t.Errorf("pasting %q into %s gives %q, want %q", c.in, c.id, s.answers[c.id], c.want)
		}
	}
}

func TestCtrlVPastesOnce(t *testing.T) {
	t.Parallel()
	form, s := keyForm()
	form.Jump("token")
	if got := feed(form, named["ctrl+v"]); got != FormPaste || s.answers["token"] != "" {
		t.Fatalf("ctrl+v gives event %d and %q", got, s.answers["token"])
	}
	form.Paste("token", "clip\n")
	if s.answers["token"] != "clip" {
		t.Errorf("the field holds %q", s.answers["token"])
	}
	if form.Paste("line", "late") != FormIgnored || s.answers["line"] != "" {
		t.Error("a clipboard that came late landed in a field that is not in focus")
	}
}

func TestNoSecretIsEverDrawn(t *testing.T) {
	t.Parallel()
	canary := "canary" + "-4711"
	key := strings.Replace(fakeKey(), "\n", "\n"+canary+"\n", 1)
	screen := newTestScreen(func(s *testScreen) []Field {
		locked := Field{ID: "locked", Kind: SecretLine, Label: "Locked", Locked: true, Get: func() string { return canary }}
		return []Field{
			s.answer(Field{ID: "token", Kind: SecretLine, Label: "Token"}),
			s.answer(Field{ID: "key", Kind: SecretText, Label: "Key"}),
			locked,
		}
	})
	shell := open(screen, 120, 40)
	look := func() {
		t.Helper()
		for _, size := range sizes() {
			shell.Update(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
			if strings.Contains(ansi.Strip(shell.View()), canary) {
				t.Fatalf("the secret is on the screen:\n%s", shell.View())
			}
		}
	}
	for _, k := range append(append(typed(canary), named["left"], named["home"], named["tab"]), paste(key), named["up"], named["down"], named["f1"]) {
		drive(shell, k)
		look()
	}
	drive(shell, named["esc"])
	view := ansi.Strip(shell.View())
	if !strings.Contains(view, "52 lines, 3,2") || !strings.Contains(view, "RSA PRIVATE KEY   hidden") || !strings.Contains(view, "••••") {
		t.Errorf("the summary is missing:\n%s", view)
	}
}

func TestASecretThatIsNotGivenBackLeavesNothingInTheForm(t *testing.T) {
	t.Parallel()
	var kept string
	form, _ := newTestForm(func(s *testScreen) []Field {
		token := Field{ID: "token", Kind: SecretLine, Label: "Token", Set: func(v string) { kept = v }}
		if kept != "" {
			token.Kept = "kept: 6 characters"
		}
		return []Field{token, s.answer(Field{ID: "line", Kind: Line, Label: "Line"})}
	})
	feed(form, typed("abc")...)
	feed(form, typed("def")...)
	if kept != "abcdef" {
		t.Fatalf("the accessor was given %q", kept)
	}
	feed(form, named["tab"])
	if got := form.item("token").widget.value(); got != "" {
		t.Errorf("after the field was left the widget still holds %q", got)
	}
	if !strings.Contains(form.View(80, 10), "kept: 6 characters") || kept != "abcdef" {
		t.Errorf("leaving lost the secret (%q), or does not say that there is one", kept)
	}
	feed(form, named["shift+tab"], named["tab"], named["shift+tab"])
	if kept != "abcdef" {
		t.Errorf("walking over the field changed the secret to %q", kept)
	}
	feed(form, named["ctrl+u"])
	if kept != "" {
		t.Error("ctrl+u in the empty field does not take the kept secret away")
	}
}

func TestClosingAFormDropsWhatWasTyped(t *testing.T) {
	t.Parallel()
	form, s := keyForm()
	form.Jump("token")
	feed(form, typed("abc")...)
	widget := form.item("token").widget
	form.Close()
	if widget.value() != "" || len(form.items) != 0 {
		t.Error("the closed form still holds what was typed")
	}
	if s.answers["token"] != "abc" {
		t.Errorf("closing changed the answer to %q", s.answers["token"])
	}
	if form.Update(press("x")) != FormIgnored || strings.TrimSpace(form.View(80, 10)) != "" {
		t.Error("the closed form still answers")
	}
}

func TestLettersReadAtOnceAreNeverTakenForAKey(t *testing.T) {
	t.Parallel()
	for _, word := range []string{"end", "home", "tab", "enter", "esc", "up", "down", "left", "right", "delete", "pgup", "f1", "ctrl+n"} {
		for _, id := range []string{"key", "text", "token", "line"} {
			form, s := keyForm()
			form.Jump(id)
			feed(form, press("x"), tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(word)})
			if s.answers[id] != "x"+word || form.Focused() != id {
				t.Errorf("typing %q quickly into %s gives %q on %s", word, id, s.answers[id], form.Focused())
			}
		}
	}
}
