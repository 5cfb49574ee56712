package steps

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"bbconnect/internal/flow"
	"bbconnect/model"
	"bbconnect/ui"
)

// The fields of the form that replaces a value.
const (
	fieldValue   = "value"
	fieldExpires = "expires"
)

// secretReplace asks for another value of one secret, and the day it ends.
type secretReplace struct {
	jobs    *flow.Jobs
	samples offers
	secret  flow.NamedSecret
	// done is told that the value was stored; its screen comes next, nil for none.
	done func(flow.NamedSecret) ui.Screen

	env   ui.Env
	form  *ui.Form
	store *ui.Task
	// value is what was typed, expires the day beside it as it was typed.
	value   model.Secret
	expires string
}

// replace opens the form for the selected secret. An SSH credential has no value
// of its own: its key is replaced.
func (s *Secrets) replace() (ui.Action, tea.Cmd) {
	secret, ok := s.selected()
	if !ok {
		return nil, nil
	}
	if secret.Info.Type == model.SecretSSHKey {
		for _, part := range s.loaded.secrets {
			if part.Info.Name == secret.Info.File {
				secret = part
			}
		}
	}
	var why string
	switch {
	case secret.Info.Type == model.SecretSSHKey:
		why = "Its key is not known on this machine. Edit a connector that uses it and give the key there."
	case secret.Info.Where == model.WhereAsk:
		why = "It is asked each time and stored nowhere, so that there is nothing to replace."
	case secret.Info.Where == model.WhereCommand:
		why = "Your command prints it, and bbconnect stores nothing there. Replace it where the command finds it."
	}
	if why != "" {
		return ui.Ask{Dialog: ui.Message(ui.Info, secretTitle(secret.Info.Name), why)}, nil
	}
	return ui.Push{Screen: &secretReplace{jobs: s.jobs, samples: s.samples, secret: secret, done: func(n flow.NamedSecret) ui.Screen {
		if len(n.UsedBy) == 0 {
			return nil
		}
		return newSecretUsers(s.jobs, n)
	}}}, nil
}

// Enter shows the form; what was typed is still there when a screen on top goes.
func (p *secretReplace) Enter(env ui.Env) tea.Cmd {
	p.env, p.store = env, env.NewTask()
	p.form = ui.NewForm(env.Theme, p.fields)
	p.form.PrevDoes, p.form.NextDoes, p.form.Ends = "back", "replace it", true
	return nil
}

// Leave forgets what was typed.
func (p *secretReplace) Leave() {
	p.form.Close()
	p.value = model.Secret{}
}

// Capturing reports whether letters are being typed.
func (p *secretReplace) Capturing() bool { return p.form.Capturing() }

// Frame names the secret and says what quitting would lose.
func (p *secretReplace) Frame() ui.Frame {
	f := ui.Frame{Name: "Replace", Subject: secretTitle(p.secret.Info.Name), Help: p.form.Help()}
	if !p.value.IsZero() {
		f.Unsaved = "The new value is not stored yet."
	}
	return f
}

// View draws who is concerned, then the form.
func (p *secretReplace) View(w, h int) string {
	var head []string
	for _, text := range []string{someUsers(p.secret.UsedBy), "Replaces at once; the old value is gone. R in the list rotates instead: tested first, and the old value kept until confirmed."} {
		for _, l := range ui.Wrap(text, min(w, ui.TextWidth)-1) {
			head = append(head, " "+l)
		}
	}
	if room := max(h-8, 2); len(head) > room {
		head = append(head[:room-1], head[len(head)-1])
	}
	head = append(head, "")
	return strings.Join(head, "\n") + "\n" + p.form.View(w, max(h-len(head), 1))
}

// isKey reports whether the value is a private key.
func (p *secretReplace) isKey() bool { return p.secret.Info.Type == model.SecretFile }

func (p *secretReplace) fields() []ui.Field {
	value := ui.Field{
		ID: fieldValue, Kind: ui.SecretLine, Label: "New value",
		Get:            func() string { return p.value.Reveal() },
		Set:            func(text string) { p.value = model.NewSecret(text) },
		Findings:       func(string) []ui.Finding { return p.judge() },
		Interpretation: func(string) []string { return recognised(p.value, model.QPassword, p.jobs.Now()) },
		Help:           p.help(),
	}
	if p.isKey() {
		value.Kind, value.Label, value.Interpretation = ui.SecretText, "New private key", nil
		value.Set = func(text string) { p.value = p.jobs.Keys.Normalise(model.NewSecret(text)) }
		return []ui.Field{value}
	}
	return []ui.Field{value, {
		ID: fieldExpires, Kind: ui.Line, Label: "Expires", Example: "e.g. 2027-11-21",
		Get:      func() string { return p.expires },
		Set:      func(text string) { p.expires = text },
		Findings: func(text string) []ui.Finding { return checkDay(text, p.kind(), p.jobs.Now()) },
		Aside:    func(text string) string { return daysAside(text, p.jobs.Now()) },
		Help: ui.Card{Title: "Expires", Lines: []string{
			"The day the new token ends, as its page shows it, or how long it lives: 90d, 12w, 6m, 1y.", withoutEnd(p.kind()),
		}},
	}}
}

func (p *secretReplace) help() ui.Card {
	c := ui.Card{Title: secretTitle(p.secret.Info.Name), Lines: []string{secretKind(p.secret.Info)}}
	if p.isKey() {
		c.Lines = append(c.Lines, "An RSA key in PEM form, from its BEGIN line to its END line. Its public half has to be added at Bitbucket.")
		return c
	}
	page := model.TokenPageOf(model.Address{Product: model.Cloud}, p.secret.Info.Kind)
	if p.secret.Info.Host == "" || p.secret.Info.Host == "bitbucket.org" {
		c.Lines = append(c.Lines, "Tokens are made at "+page)
	}
	c.Lines = append(c.Lines, "The value is recognised as it is typed, and never shown.")
	return c
}

// kind is what the new value is: as it is recognised, else what the old one was.
func (p *secretReplace) kind() model.CredentialKind {
	if p.isKey() {
		return p.secret.Info.Kind
	}
	if k := model.RecogniseCredential(p.value, model.QPassword).Kind; k != "" && k != model.KindUnknown {
		return k
	}
	return p.secret.Info.Kind
}

// judge says what is wrong with the value that was typed.
func (p *secretReplace) judge() []ui.Finding {
	if p.value.IsZero() {
		return []ui.Finding{{Severity: ui.Error, Code: "secret.required", Text: "There is no new value yet.", Fix: "Paste it, or go back and keep the old one."}}
	}
	if p.isKey() {
		return uiFindings(p.jobs.Keys.Inspect(p.value, model.Secret{}))
	}
	findings := model.RecogniseCredential(p.value, model.QPassword).Findings
	was, is := p.secret.Info.Kind, p.kind()
	if is != was && was != "" && was != model.KindUnknown {
		findings = append(findings, model.Finding{
			Code: "token.kind-mismatch", Severity: model.SeverityWarning, Field: model.QPassword,
			Message: "This is another kind of credential: " + model.KindLabel(is) + " instead of " + model.KindLabel(was) + ".",
			Fix:     "The user name and the method of API access may have to change in each connector.",
		})
	}
	return uiFindings(findings)
}

// Keys are those of the form.
func (p *secretReplace) Keys() []ui.Key {
	if p.store.Running() {
		return nil
	}
	return append(p.sampleKeys(), p.form.Keys()...)
}

// Update takes keys, and how storing went.
func (p *secretReplace) Update(msg tea.Msg) (ui.Action, tea.Cmd) {
	if m, ok := msg.(secretDone); ok {
		return p.stored(m)
	}
	if p.store.Running() {
		return nil, nil
	}
	if action, cmd, done := ui.Press(p.sampleKeys(), msg); done {
		return action, cmd
	}
	switch p.form.Update(msg) {
	case ui.FormNext:
		return p.confirm()
	case ui.FormPrev:
		return p.back()
	case ui.FormPaste:
		return ui.Notify{Text: "Paste with your terminal's own keys, often ctrl+shift+v.", Mark: ui.Info}, nil
	}
	return nil, nil
}

// back asks before a value that was pasted is forgotten.
func (p *secretReplace) back() (ui.Action, tea.Cmd) {
	if p.value.IsZero() {
		return ui.Back{}, nil
	}
	d := ui.Confirm("leave", "Leave without storing it", "The old value stays. The new one would have to be pasted again.", "leave", "stay")
	d.Then = func(a ui.Answer) (ui.Action, tea.Cmd) {
		if a.Value != "yes" {
			return nil, nil
		}
		return ui.Back{}, nil
	}
	return ui.Ask{Dialog: d}, nil
}

// confirm asks once more: nothing brings the old value back.
func (p *secretReplace) confirm() (ui.Action, tea.Cmd) {
	p.form.ShowErrors()
	if id, bad := p.form.FirstError(); bad {
		p.form.Jump(id)
		return nil, nil
	}
	d := ui.Confirm("replace", "Replace the value of "+secretTitle(p.secret.Info.Name), someUsers(p.secret.UsedBy)+" Replaces at once; the old value is gone.", "replace it", "keep the old one")
	d.Then = func(a ui.Answer) (ui.Action, tea.Cmd) {
		if a.Value != "yes" {
			return nil, nil
		}
		return nil, p.begin()
	}
	return ui.Ask{Dialog: d}, nil
}

func (p *secretReplace) begin() tea.Cmd {
	info, value, jobs := p.secret.Info, p.value, p.jobs
	info.Kind, info.Created = p.kind(), jobs.Now()
	if !p.isKey() {
		value = model.RecogniseCredential(value, model.QPassword).Clean
		info.Expires, _ = model.ReadExpiry(p.expires, jobs.Now())
	}
	info.Length = value.Len()
	return p.store.Stream(func(j ui.Job) tea.Msg {
		ctx := flow.WithAsker(j.Context, dialogAsker(j, true))
		return secretDone{text: "The value of " + secretTitle(info.Name) + " was replaced.", err: jobs.SetSecret(ctx, info, value)}
	})
}

// stored leaves the form when the value is there, and stays with what was typed
// when it is not.
func (p *secretReplace) stored(m secretDone) (ui.Action, tea.Cmd) {
	if m.err != nil {
		return ui.Notify{Text: sentence(m.err), Mark: ui.Fail}, nil
	}
	p.value = model.Secret{}
	said := ui.Notify{Text: m.text, Mark: ui.Pass}
	if next := p.done(p.secret); next != nil {
		return ui.Do{ui.Replace{Screen: next}, said}, nil
	}
	return ui.Do{ui.Back{}, said}, nil
}
