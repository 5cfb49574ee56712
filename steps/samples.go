package steps

import (
	"strconv"

	tea "github.com/charmbracelet/bubbletea"

	"bbconnect/model"
	"bbconnect/ui"
)

// Sample is an answer worth trying, offered where its field is asked. Only
// "bbconnect try" has some.
type Sample struct {
	Field model.QuestionID
	// Product is where it fits, "" for both.
	Product model.Product
	// Label says what it is and what will come of it.
	Label string
	Value model.Secret
}

// sampleKeys offer the samples that fit the field in focus.
func (p *formPage) sampleKeys(id model.QuestionID) []ui.Key {
	fit := []Sample{}
	if len(p.z.samples) == 0 {
		return nil
	}
	product := model.ReadURL(p.z.draft.Answer(model.QURL), model.URLContext{}).Product
	for _, s := range p.z.samples {
		if s.Field == id && (s.Product == "" || s.Product == product) {
			fit = append(fit, s)
		}
	}
	if len(fit) == 0 {
		return nil
	}
	return []ui.Key{{Keys: []string{"ctrl+k"}, Does: "something to try", Press: func() (ui.Action, tea.Cmd) {
		d := ui.Dialog{ID: "sample", Title: "Something to try here"}
		for i, s := range fit {
			d.Choices = append(d.Choices, ui.Choice{Value: strconv.Itoa(i), Label: s.Label, Key: strconv.Itoa((i + 1) % 10)})
		}
		d.Then = func(a ui.Answer) (ui.Action, tea.Cmd) {
			i, err := strconv.Atoi(a.Value)
			if a.Closed || err != nil {
				return nil, nil
			}
			q, _ := model.KnownQuestion(id)
			p.z.set(q, fit[i].Value.Reveal())
			p.form.Refresh()
			if q.IsSecret() {
				p.form.Paste(string(id), fit[i].Value.Reveal()) // which Refresh leaves alone
			}
			return nil, nil
		}
		return ui.Ask{Dialog: d}, nil
	}}}
}
