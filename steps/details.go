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
		if id != model.QURL {
			return nil
		}
		if z.draft.Answer(model.QURL) == "" {
			return firstRemote(z.world.Remotes)
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

// maxShownRemote is how much of a remote is shown, in letters.
const maxShownRemote = 50

// firstRemote shows the nearest address there is while the field is empty.
func firstRemote(remotes []string) []string {
	if len(remotes) == 0 {
		return nil
	}
	shown := []rune(ui.Clean(remotes[0]))
	if len(shown) > maxShownRemote {
		shown = append(shown[:maxShownRemote], '…')
	}
	if len(remotes) == 1 {
		return []string{"This checkout's remote: " + string(shown), "ctrl+r takes it"}
	}
	return []string{"A remote of this checkout: " + string(shown), "ctrl+r offers all " + strconv.Itoa(len(remotes))}
}

// useRemote puts an address into the field.
func (p *formPage) useRemote(remote string) {
	p.z.change(model.Fill(p.z.draft, model.QURL, remote))
	p.form.Refresh()
}

// offerRemotes lets the person choose among the checkout's remotes.
// The only one there is is taken at once.
func (p *formPage) offerRemotes() ui.Action {
	if len(p.z.world.Remotes) == 1 {
		p.useRemote(p.z.world.Remotes[0])
		return nil
	}
	d := ui.Dialog{ID: "remote", Title: "Remotes of this checkout"}
	for i, remote := range p.z.world.Remotes {
		d.Choices = append(d.Choices, ui.Choice{Value: remote, Label: remote, Key: strconv.Itoa(i + 1)})
	}
	d.Then = func(a ui.Answer) (ui.Action, tea.Cmd) {
		if !a.Closed {
			p.useRemote(a.Value)
		}
		return nil, nil
	}
	return ui.Ask{Dialog: d}
}
