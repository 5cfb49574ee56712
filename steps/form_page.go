package steps

import (
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"bbconnect/model"
	"bbconnect/ui"
)

// formPage is a page that asks the questions of one step. The five pages differ
// in the keys, the help and the lines above the form that they add.
type formPage struct {
	z     *Wizard
	step  model.Step
	form  *ui.Form
	focus model.QuestionID
	// extra are the page's own keys for the field in focus.
	extra func(id model.QuestionID) []ui.Key
	// shows adds what is understood of a value below its field.
	shows func(id model.QuestionID, value string) []string
	// head are lines above the form.
	head func(w int) []string
	// card replaces the help of a question where the page knows more.
	card func(q model.Question) ui.Card
	// said is what the next Update tells the person, once.
	said string
}

func newFormPage(z *Wizard, step model.Step, focus model.QuestionID) *formPage {
	return &formPage{z: z, step: step, focus: focus}
}

func (p *formPage) enter() tea.Cmd {
	p.form = ui.NewForm(p.z.env.Theme, p.fields)
	p.form.PrevDoes, p.form.NextDoes = "previous step", "next step"
	switch {
	case p.z.fromReview:
		p.form.PrevDoes = "all answers"
	case p.step == model.StepOverview:
		p.form.PrevDoes = "leave"
	}
	if p.z.visited[p.step] {
		p.form.ShowErrors()
	}
	if p.focus != "" {
		p.form.Jump(string(p.focus))
	}
	return nil
}

func (p *formPage) leave() {
	if p.form != nil {
		p.form.Close()
	}
}

func (p *formPage) update(msg tea.Msg) (ui.Action, tea.Cmd) {
	if action, cmd, done := ui.Press(p.ownKeys(), msg); done {
		return action, cmd
	}
	p.said = ""
	event := p.form.Update(msg)
	if text := p.z.takeTold(); text != "" {
		p.form.Refresh()
		p.said = text
	}
	if p.said != "" {
		return ui.Notify{Text: p.said, Mark: ui.Info}, nil
	}
	switch event {
	case ui.FormNext:
		return p.z.next()
	case ui.FormPrev:
		return p.z.prev()
	case ui.FormPaste:
		return ui.Notify{Text: "Paste with your terminal's own keys, often ctrl+shift+v.", Mark: ui.Info}, nil
	}
	return nil, nil
}

// ownKeys are the page's keys for the field in focus.
func (p *formPage) ownKeys() []ui.Key {
	id := model.QuestionID(p.form.Focused())
	keys := p.sampleKeys(id)
	if p.extra != nil {
		keys = append(keys, p.extra(id)...)
	}
	return keys
}

func (p *formPage) view(w, h int) string {
	var head []string
	if p.head != nil {
		head = p.head(w)
	}
	// The lines above give way to what is said about the field in focus; one line of
	// the form says how much of it is out of sight.
	if len(head) == 0 || h-len(head) <= p.form.FocusHeight(w, h) {
		return p.form.View(w, h)
	}
	top := strings.Join(head, "\n")
	return top + "\n" + p.form.View(w, max(h-len(head), 1))
}

func (p *formPage) keys() []ui.Key  { return append(p.ownKeys(), p.form.Keys()...) }
func (p *formPage) capturing() bool { return p.form.Capturing() }
func (p *formPage) help() ui.Card   { return p.form.Help() }

// fields are the questions of the step as the kit wants them, made anew after
// every change.
func (p *formPage) fields() []ui.Field {
	questions := model.Questions(p.step, p.z.draft, p.z.world)
	fields := make([]ui.Field, 0, len(questions))
	for _, q := range questions {
		fields = append(fields, p.field(q))
	}
	return fields
}

func (p *formPage) field(q model.Question) ui.Field {
	z := p.z
	f := ui.Field{
		ID: string(q.ID), Kind: fieldKind(q.Kind), Label: q.Label, Example: exampleOf(q),
		Locked: q.Locked, Folded: q.Advanced, Help: p.helpCard(q),
		Get: func() string { return z.get(q) },
		Set: func(v string) { z.set(q, fromWidget(q, v)) },
		Findings: func(string) []ui.Finding {
			return uiFindings(z.findings.For(q.ID))
		},
	}
	f.Preset = f.Kind == ui.Line && strings.TrimSpace(z.draft.Answer(q.ID)) == ""
	for _, o := range q.Options {
		f.Options = append(f.Options, ui.Option{Value: o.Value, Label: o.Label, Help: o.Help})
	}
	if p.shows != nil {
		f.Interpretation = func(v string) []string { return p.shows(q.ID, v) }
	}
	if q.ID == model.QURL {
		// As it was typed, blanks included; a credential in it has left it already.
		f.Rewrites = func(string) bool { return true }
		f.Get = func() string { return z.draft.Answer(model.QURL) }
		f.Set = func(v string) {
			p.setLine(q, v)
			left := z.draft.Answer(model.QURL)
			switch {
			case left == v || left == "":
			case !z.draft.Secret(model.QPassword).IsZero():
				p.said = "The credential in the address was taken out; it waits under Credentials."
			case !model.ReadURL(v, model.URLContext{}).Secret.IsZero():
				p.said = "The credential in the address was taken out and is kept nowhere; paste it under Credentials."
			}
		}
	}
	if f.Kind == ui.Line && q.ID != model.QURL {
		f.Rewrites, f.Set = model.HoldsCredential, func(v string) { p.setLine(q, v) }
	}
	if q.Kind == model.AskDate {
		f.Aside = func(v string) string { return daysAside(v, z.world.Now) }
	}
	return f
}

// setLine gives an answer that is drawn. A credential pasted into it leaves it at
// once, and the person is told where it went.
func (p *formPage) setLine(q model.Question, v string) {
	before := p.z.draft
	p.z.set(q, v)
	switch {
	case !model.HoldsCredential(v):
	case gained(before, p.z.draft):
		p.said = "That was a credential. It was taken as the token, and is hidden."
	default:
		p.said = "That was a credential. It was taken out and is kept nowhere; paste it where a token is asked for."
	}
}

// gained reports whether a draft has a secret that it did not have before.
func gained(before, after model.Draft) bool {
	return slices.ContainsFunc([]model.QuestionID{model.QPassword, model.QAPIToken, model.QSSHKey}, func(slot model.QuestionID) bool {
		return !before.Secret(slot).Equal(after.Secret(slot))
	})
}

func (p *formPage) helpCard(q model.Question) ui.Card {
	if p.card != nil {
		if c := p.card(q); !c.Empty() {
			return c
		}
	}
	return plainCard(q)
}

// plainCard is the help of a question as the model has it.
func plainCard(q model.Question) ui.Card {
	lines := strings.Split(q.Help, "\n")
	if q.Kind == model.AskSecretLine && len(lines) > 1 {
		return ui.Card{Title: lines[0], Lines: lines[1:]}
	}
	return ui.Card{Title: q.Label, Lines: lines}
}

// get is the answer that counts; a secret is handed out for the widget alone.
func (z *Wizard) get(q model.Question) string {
	if q.IsSecret() {
		return z.draft.Secret(q.ID).Reveal()
	}
	v := model.Value(q.ID, z.draft, z.world)
	if q.Kind == model.AskConfirm {
		if v == "yes" {
			return "true"
		}
		return "false"
	}
	return v
}

func fromWidget(q model.Question, v string) string {
	if q.Kind != model.AskConfirm {
		return v
	}
	if v == "true" {
		return "yes"
	}
	return "no"
}

func fieldKind(k model.QuestionKind) ui.Kind {
	switch k {
	case model.AskChoice:
		return ui.Select
	case model.AskConfirm:
		return ui.Check
	case model.AskSecretLine:
		return ui.SecretLine
	case model.AskSecretText:
		return ui.SecretText
	}
	return ui.Line
}

// uiFindings are findings as the kit draws them.
func uiFindings(fs model.Findings) []ui.Finding {
	severities := map[model.Severity]ui.Severity{
		model.SeverityError: ui.Error, model.SeverityWarning: ui.Warning, model.SeverityHint: ui.Hint,
	}
	out := make([]ui.Finding, 0, len(fs))
	for _, f := range fs {
		out = append(out, ui.Finding{Severity: severities[f.Severity], Code: f.Code, Text: f.Message, Fix: f.Fix, Suggestion: f.Suggestion})
	}
	return out
}

// exampleOf marks an example as one, so that without colour it is not taken for
// an answer.
func exampleOf(q model.Question) string {
	if q.ID == model.QSSHKey {
		return "paste it here, its BEGIN and END lines included"
	}
	if q.Example == "" {
		return ""
	}
	return "e.g. " + q.Example
}
