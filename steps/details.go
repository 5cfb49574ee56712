package steps

import (
	"strconv"

	tea "github.com/charmbracelet/bubbletea"

	"bbconnect/model"
	"bbconnect/ui"
)

// newDetails is the page of the address: one line that takes anything pasted,
// with what was understood of it shown live.
func newDetails(z *Wizard, focus model.QuestionID) page {
	p := newFormPage(z, model.StepDetails, focus)
	p.shows = func(id model.QuestionID, _ string) []string {
		if id != model.QURL || z.draft.Answer(model.QURL) == "" {
			return nil
		}
		read := model.ReadURL(z.draft.Answer(model.QURL), model.URLContext{})
		return model.Describe(read.Address)
	}
	p.extra = func(id model.QuestionID) []ui.Key {
		if id != model.QURL || len(z.world.Remotes) == 0 {
			return nil
		}
		return []ui.Key{{Keys: []string{"ctrl+r"}, Does: "use a remote of this checkout", Press: func() (ui.Action, tea.Cmd) {
			return p.offerRemotes(), nil
		}}}
	}
	return p
}

// offerRemotes lets the person choose among the checkout's remotes.
func (p *formPage) offerRemotes() ui.Action {
	d := ui.Dialog{ID: "remote", Title: "Remotes of this checkout"}
	for i, remote := range p.z.world.Remotes {
		d.Choices = append(d.Choices, ui.Choice{Value: remote, Label: remote, Key: strconv.Itoa(i + 1)})
	}
	d.Then = func(a ui.Answer) (ui.Action, tea.Cmd) {
		if !a.Closed {
			p.z.change(model.Fill(p.z.draft, model.QURL, a.Value))
			p.form.Refresh()
		}
		return nil, nil
	}
	return ui.Ask{Dialog: d}
}
