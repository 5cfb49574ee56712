package steps

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"bbconnect/ui"
)

// copiedText is as much as is known: the terminal does not answer.
const copiedText = "Copied, if the terminal allows it."

// pageShown is how showing a page in the browser went.
type pageShown struct {
	page string
	err  error
}

// action says so. Where there is no browser, as over ssh, a dialog has the whole
// address on lines of its own, and copies it.
func (m pageShown) action(copyText func(text, said string) tea.Cmd) ui.Action {
	if m.err == nil {
		return ui.Notify{Text: "Opened " + m.page, Mark: ui.Pass}
	}
	problem := problemOf(m.err)
	d := ui.Dialog{
		ID: "page", Title: problem.What, Mark: ui.Warn, Text: strings.Join([]string{problem.Why, "", m.page}, "\n"),
		Choices: []ui.Choice{{Value: "copy", Label: "copy the address", Key: "c"}, {Value: "close", Label: "close", Key: "n"}},
	}
	d.Then = func(a ui.Answer) (ui.Action, tea.Cmd) {
		if a.Value != "copy" {
			return nil, nil
		}
		return nil, copyText(m.page, copiedText)
	}
	return ui.Ask{Dialog: d}
}
