package ui_test

import (
	"context"
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/muesli/termenv"

	"bbconnect/ui"
)

// greet is the smallest screen: one question and a key of its own.
type greet struct {
	env  ui.Env
	form *ui.Form
	name string
}

func (g *greet) Enter(env ui.Env) tea.Cmd {
	g.env = env
	g.form = ui.NewForm(env.Theme, g.fields)
	return nil
}

func (g *greet) fields() []ui.Field {
	return []ui.Field{{
		ID: "name", Kind: ui.Line, Label: "Name",
		Get: func() string { return g.name },
		Set: func(v string) { g.name = v },
		Findings: func(v string) []ui.Finding {
			if v == "" {
				return []ui.Finding{{Severity: ui.Error, Code: "name.required", Text: "A name is needed."}}
			}
			return nil
		},
		Interpretation: func(v string) []string { return []string{"Hello, " + v} },
	}}
}

func (g *greet) Update(msg tea.Msg) (ui.Action, tea.Cmd) {
	if action, cmd, ok := ui.Press(g.Keys(), msg); ok {
		return action, cmd
	}
	switch g.form.Update(msg) {
	case ui.FormNext:
		return ui.Notify{Text: "Saved as " + g.name, Mark: ui.Pass}, nil
	case ui.FormPrev:
		return ui.Back{}, nil
	}
	return nil, nil
}

func (g *greet) View(w, h int) string { return g.form.View(w, h) }
func (g *greet) Capturing() bool      { return g.form.Capturing() }
func (g *greet) Leave()               { g.form.Close() }
func (g *greet) Frame() ui.Frame {
	return ui.Frame{Name: "Greeting", Subject: g.name, Help: g.form.Help()}
}

func (g *greet) Keys() []ui.Key {
	empty := ui.Key{Keys: []string{"ctrl+g"}, Does: "empty", Press: func() (ui.Action, tea.Cmd) {
		g.name = ""
		g.form.Refresh()
		return nil, nil
	}}
	return append([]ui.Key{empty}, g.form.Keys()...)
}

// A screen is driven by keys alone; a test needs no terminal.
func ExampleNewShell() {
	shell := ui.NewShell(context.Background(), &greet{}, ui.NewTheme(ui.Dark, termenv.Ascii), "bbconnect")
	shell.Init()
	shell.Update(tea.WindowSizeMsg{Width: 60, Height: 16})
	for _, r := range "Ada" {
		shell.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}})
	}
	shell.Update(tea.KeyMsg{Type: tea.KeyEnter})
	for _, l := range strings.Split(shell.View(), "\n") {
		if l = strings.TrimRight(l, " ─"); l != "" {
			fmt.Println(l)
		}
	}
	// Output:
	//  bbconnect   Greeting · Ada
	//  Name
	//  › Ada
	//    Hello, Ada
	//  ✓ Saved as Ada
	//  ctrl+g empty   tab next   esc back   f1 help
}
