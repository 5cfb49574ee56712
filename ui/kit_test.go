package ui

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"
)

func plain() *Theme { return NewTheme(Dark, termenv.Ascii) }

// named are the keys a script may press by name.
var named = map[string]tea.KeyMsg{
	"tab": {Type: tea.KeyTab}, "shift+tab": {Type: tea.KeyShiftTab}, "enter": {Type: tea.KeyEnter}, "esc": {Type: tea.KeyEsc},
	"up": {Type: tea.KeyUp}, "down": {Type: tea.KeyDown}, "left": {Type: tea.KeyLeft}, "right": {Type: tea.KeyRight},
	"home": {Type: tea.KeyHome}, "end": {Type: tea.KeyEnd}, "pgup": {Type: tea.KeyPgUp}, "pgdown": {Type: tea.KeyPgDown},
	"backspace": {Type: tea.KeyBackspace}, "space": {Type: tea.KeySpace, Runes: []rune{' '}}, "f1": {Type: tea.KeyF1},
	"ctrl+c": {Type: tea.KeyCtrlC}, "ctrl+y": {Type: tea.KeyCtrlY}, "ctrl+v": {Type: tea.KeyCtrlV}, "ctrl+n": {Type: tea.KeyCtrlN},
	"ctrl+p": {Type: tea.KeyCtrlP}, "ctrl+j": {Type: tea.KeyCtrlJ}, "ctrl+u": {Type: tea.KeyCtrlU},
}

func press(name string) tea.KeyMsg {
	if k, ok := named[name]; ok {
		k.Runes = slices.Clone(k.Runes) // widgets clean what they are given in place
		return k
	}
	return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(name)}
}

func paste(text string) tea.KeyMsg {
	return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(text), Paste: true}
}

// typed turns a text into the keys of somebody who types it.
func typed(text string) []tea.KeyMsg {
	var out []tea.KeyMsg
	for _, r := range text {
		switch r {
		case '\n':
			out = append(out, named["enter"])
		case '\t':
			out = append(out, named["tab"])
		case ' ':
			out = append(out, press("space"))
		default:
			out = append(out, press(string(r)))
		}
	}
	return out
}

// golden compares a view with a file in testdata; UI_UPDATE=1 writes it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	lines := strings.Split(ansi.Strip(got), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	got = strings.Join(lines, "\n") + "\n"
	if os.Getenv("UI_UPDATE") != "" {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("no golden file, run with UI_UPDATE=1: %v", err)
	}
	if string(want) != got {
		t.Errorf("%s differs.\nwant:\n%s\ngot:\n%s", name, want, got)
	}
}

// within fails unless the view fits a window.
func within(t *testing.T, view string, w, h int) {
	t.Helper()
	lines := strings.Split(view, "\n")
	if len(lines) > h {
		t.Fatalf("%d lines in a window of %d", len(lines), h)
	}
	for i, l := range lines {
		if got := ansi.StringWidth(l); got > w {
			t.Fatalf("line %d is %d columns wide in a window of %d: %q", i, got, w, l)
		}
	}
}

// testScreen is a wizard screen around a form over a map of answers.
type testScreen struct {
	env     Env
	form    *Form
	answers map[string]string
	build   func(*testScreen) []Field
	frame   Frame
	events  []FormEvent
	msgs    []tea.Msg
	keys    []Key
	action  Action
	left    int
	entered int
	unsaved string
}

func (s *testScreen) Enter(env Env) tea.Cmd {
	s.env = env
	s.entered++
	if s.form == nil {
		s.form = NewForm(env.Theme, func() []Field { return s.build(s) })
	}
	return nil
}

func (s *testScreen) Update(msg tea.Msg) (Action, tea.Cmd) {
	if action, cmd, ok := Press(s.Keys(), msg); ok {
		return action, cmd
	}
	event := s.form.Update(msg)
	s.events = append(s.events, event)
	if _, ok := msg.(tea.KeyMsg); !ok {
		s.msgs = append(s.msgs, msg)
	}
	if event == FormPrev {
		return Back{}, nil
	}
	action := s.action
	s.action = nil
	return action, nil
}

func (s *testScreen) View(w, h int) string { return s.form.View(w, h) }
func (s *testScreen) Keys() []Key          { return append(s.keys[:len(s.keys):len(s.keys)], s.form.Keys()...) }
func (s *testScreen) Capturing() bool      { return s.form.Capturing() }
func (s *testScreen) Leave()               { s.left++; s.form.Close() }
func (s *testScreen) Frame() Frame {
	f := s.frame
	f.Help, f.Unsaved = s.form.Help(), s.unsaved
	return f
}

// answer binds a field to the screen's map.
func (s *testScreen) answer(f Field) Field {
	f.Get = func() string { return s.answers[f.ID] }
	f.Set = func(v string) { s.answers[f.ID] = v }
	return f
}

func newTestScreen(build func(*testScreen) []Field) *testScreen {
	return &testScreen{answers: map[string]string{}, build: build}
}

// newTestForm makes a form over answers without a shell.
func newTestForm(build func(*testScreen) []Field) (*Form, *testScreen) {
	s := newTestScreen(build)
	s.Enter(NewEnv(context.Background(), plain(), s))
	return s.form, s
}

func feed(f *Form, keys ...tea.KeyMsg) (last FormEvent) {
	for _, k := range keys {
		last = f.Update(k)
	}
	return last
}

// detailsFields are the questions of the Details sketch.
func detailsFields(s *testScreen) []Field {
	url := s.answer(Field{ID: "url", Kind: Line, Label: "Paste any Bitbucket address", Example: "https://git.example.com/scm/PROJ/repo.git"})
	url.Findings = func(v string) []Finding {
		switch {
		case v == "":
			return []Finding{{Severity: Error, Code: "url.empty", Text: "An address is needed.", Fix: "Paste the one from your browser."}}
		case strings.Contains(v, "/browse"):
			return []Finding{{
				Severity: Warning, Code: "url.web-page", Text: "This is a browser page. The connector needs the clone address:",
				Suggestion: "https://git.acme-corp.com/scm/PAY/ledger.git",
			}}
		}
		return nil
	}
	url.Interpretation = func(v string) []string {
		if !strings.Contains(v, "ledger") {
			return nil
		}
		return []string{"Data Center   git.acme-corp.com   project PAY   repository ledger", "Harness will call https://git.acme-corp.com/rest/api/1.0"}
	}
	url.Help = Card{Title: "Address", Lines: []string{"Anything that leads to the repository: the browser's address, a git clone line, a remote."}}
	kind := s.answer(Field{ID: "urlType", Kind: Select, Label: "URL type", Options: []Option{{Value: "Account", Label: "Account"}, {Value: "Repo", Label: "Repository"}}})
	kind.Help = Card{Title: "Repository", Lines: []string{"Repository: one repository, this one. Choose Account to reach every repository of the project's account with one connector."}}
	transport := s.answer(Field{ID: "connectionType", Kind: Select, Label: "Connection type", Options: []Option{{Value: "http", Label: "HTTP"}, {Value: "ssh", Label: "SSH"}}})
	transport.Help = kind.Help
	fields := []Field{url, kind, transport}
	if s.answers["urlType"] == "Account" {
		fields = append(fields, s.answer(Field{ID: "testRepository", Kind: Line, Label: "Test repository", Example: "PROJECT/REPO.git"}))
	}
	return fields
}

func detailsScreen() *testScreen {
	s := newTestScreen(detailsFields)
	s.answers["urlType"], s.answers["connectionType"] = "Repo", "http"
	s.frame = Frame{Name: "New connector", Subject: "Payments", Note: "draft", Steps: []Step{
		{Name: "Overview", State: StepDone},
		{Name: "Details", State: StepNow, Now: true},
		{Name: "Credentials"},
		{Name: "API access"},
		{Name: "Connectivity"},
		{Name: "Test"},
	}}
	return s
}

// open puts a screen into a shell of a size.
func open(first Screen, w, h int) *Shell {
	s := NewShell(context.Background(), first, plain(), "bbconnect")
	s.Init()
	s.Update(tea.WindowSizeMsg{Width: w, Height: h})
	return s
}

func drive(s *Shell, keys ...tea.KeyMsg) {
	for _, k := range keys {
		s.Update(k)
	}
}

func sizes() [][2]int { return [][2]int{{60, 16}, {80, 24}, {120, 40}} }

func sizeName(name string, size [2]int) string {
	return fmt.Sprintf("%s_%dx%d", name, size[0], size[1])
}
