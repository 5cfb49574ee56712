// Command bare is the floor that bench sets the wizard's screens against: a
// terminal program of the same libraries with one text field, and nothing of
// its own to read, check or draw. No full-screen program made of them can be
// faster.
package main

import (
	"flag"
	"fmt"
	"os"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/huh"
)

// host shows a form of one field.
type host struct{ form *huh.Form }

func (h host) Init() tea.Cmd { return h.form.Init() }

func (h host) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if key, ok := msg.(tea.KeyMsg); ok && key.Type == tea.KeyCtrlC {
		return h, tea.Quit
	}
	form, cmd := h.form.Update(msg)
	if f, ok := form.(*huh.Form); ok {
		h.form = f
	}
	return h, cmd
}

func (h host) View() string { return h.form.View() }

func main() {
	fps := flag.Int("fps", 60, "frames a second")
	flag.Parse()
	name := ""
	form := huh.NewForm(huh.NewGroup(huh.NewInput().Title("Name").Value(&name)))
	if _, err := tea.NewProgram(host{form}, tea.WithAltScreen(), tea.WithFPS(*fps)).Run(); err != nil {
		fmt.Fprintf(os.Stderr, "bare: %v\n", err)
		os.Exit(1)
	}
}
