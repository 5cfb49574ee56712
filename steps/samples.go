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

// offers are all samples of a screen.
type offers []Sample

// keys offer the samples that fit a field of a product; take is given the one that
// is chosen.
func (o offers) keys(field model.QuestionID, product model.Product, take func(model.Secret)) []ui.Key {
	var fit offers
	for _, s := range o {
		if s.Field == field && (s.Product == "" || s.Product == product) {
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
			if i, err := strconv.Atoi(a.Value); err == nil && !a.Closed {
				take(fit[i].Value)
			}
			return nil, nil
		}
		return ui.Ask{Dialog: d}, nil
	}}}
}

// sampleKeys offer the samples that fit the field in focus.
func (p *formPage) sampleKeys(id model.QuestionID) []ui.Key {
	product := model.ReadURL(p.z.draft.Answer(model.QURL), model.URLContext{}).Product
	return p.z.samples.keys(id, product, func(value model.Secret) {
		q, _ := model.KnownQuestion(id)
		p.z.set(q, value.Reveal())
		p.form.Refresh()
		if q.IsSecret() {
			p.form.Paste(string(id), value.Reveal()) // which Refresh leaves alone
		}
	})
}

// sampleKeys offer what fits the field in focus: credentials, and the email of the
// account that made them.
func (p *migrateToken) sampleKeys() []ui.Key {
	field := map[string]model.QuestionID{fieldValue: model.QPassword, fieldEmail: model.QAPIEmail}[p.form.Focused()]
	if p.kind == model.KindSSHKey && field == model.QPassword {
		field = model.QSSHKey
	}
	return p.of.samples.keys(field, p.group.Product, func(value model.Secret) {
		if field == model.QAPIEmail {
			p.email = value.Reveal()
			p.form.Refresh()
			return
		}
		p.form.Paste(fieldValue, value.Reveal())
	})
}

// sampleKeys offer credentials.
func (p *secretReplace) sampleKeys() []ui.Key {
	if p.form.Focused() != fieldValue {
		return nil
	}
	field := model.QPassword
	if p.isKey() {
		field = model.QSSHKey
	}
	product := model.Cloud
	if p.secret.Info.Kind == model.KindHTTPAccessToken {
		product = model.DataCenter
	}
	return p.samples.keys(field, product, func(value model.Secret) { p.form.Paste(fieldValue, value.Reveal()) })
}
