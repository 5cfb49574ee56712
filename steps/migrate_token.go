package steps

import (
	"context"

	tea "github.com/charmbracelet/bubbletea"

	"bbconnect/internal/flow"
	"bbconnect/model"
	"bbconnect/ui"
)

// The fields of the form for a new credential, beside those of secretReplace.
const (
	fieldChoice = "kind"
	fieldGuide  = "guide"
	fieldEmail  = "email"
)

// migrateToken guides through making the new credential of one secret, takes it,
// and verifies it before anything is changed.
type migrateToken struct {
	of    *Migrate
	jobs  *flow.Jobs
	group model.MigrationGroup

	env  ui.Env
	form *ui.Form
	page *ui.Task
	// kind is what is made, value what was pasted, email and expires as typed.
	kind           model.CredentialKind
	value          model.Secret
	email, expires string
	// accepted says that the plan took it.
	accepted bool

	// run verifies for the first of checking; the others are secrets of the same
	// account that the same credential is to heal.
	run      runner
	checking []model.MigrationGroup
	verified *flow.Verified
}

func newMigrateToken(of *Migrate, g model.MigrationGroup, kind model.CredentialKind) *migrateToken {
	p := &migrateToken{of: of, jobs: of.jobs, group: g, kind: kind, email: g.Email}
	p.recall(kind)
	return p
}

// Enter shows the form.
func (p *migrateToken) Enter(env ui.Env) tea.Cmd {
	p.env, p.page = env, env.NewTask()
	if p.form == nil {
		p.form = ui.NewForm(env.Theme, p.fields)
		p.form.PrevDoes, p.form.NextDoes, p.form.Ends = "back", "verify", true
		p.form.Jump(fieldValue)
	}
	p.run = newRunner(env, p.jobs.Now)
	return nil
}

// Leave ends a run and leaves what was typed, or was verified, with the plan.
func (p *migrateToken) Leave() {
	p.run.cancel()
	p.form.Close()
	p.remember()
	p.value = model.Secret{}
}

// atForm reports that the form is shown rather than a run.
func (p *migrateToken) atForm() bool { return len(p.checking) == 0 }

// Capturing reports whether letters are being typed.
func (p *migrateToken) Capturing() bool { return p.atForm() && p.form.Capturing() }

// Frame names the secret; its card is the guide.
func (p *migrateToken) Frame() ui.Frame {
	f := ui.Frame{Name: "New " + model.KindLabel(p.kind), Subject: secretTitle(p.group.Name)}
	if !p.value.IsZero() {
		f.Unsaved = "The new credential is not stored yet."
	}
	if !p.atForm() {
		f.Name, f.Subject = "Verify", secretTitle(p.checking[0].Name)
		return f
	}
	f.Help = p.form.Help()
	return f
}

// fields are the questions, for the kind that is chosen.
func (p *migrateToken) fields() []ui.Field {
	fields := []ui.Field{{ID: fieldGuide, Kind: ui.Note, Label: p.brief()}}
	if len(p.group.Kinds) > 1 {
		kind := ui.Field{
			ID: fieldChoice, Kind: ui.Select, Label: "What to make", Help: p.help(),
			Get: func() string { return string(p.kind) }, Set: func(v string) { p.kind = model.CredentialKind(v) },
		}
		for _, k := range p.group.Kinds {
			kind.Options = append(kind.Options, ui.Option{Value: string(k), Label: model.KindLabel(k)})
		}
		fields = append(fields, kind)
	}
	value := ui.Field{
		ID: fieldValue, Kind: ui.SecretLine, Label: "Paste the " + model.KindLabel(p.kind), Help: p.help(),
		Get:            func() string { return p.value.Reveal() },
		Set:            func(text string) { p.value = model.NewSecret(text) },
		Findings:       func(string) []ui.Finding { return p.judge() },
		Interpretation: func(string) []string { return recognised(p.value, model.QPassword, p.jobs.Now()) },
	}
	if p.kind == model.KindSSHKey {
		value.Kind, value.Label, value.Interpretation = ui.SecretText, "New private key", nil
		value.Set = func(text string) { p.value = p.jobs.Keys.Normalise(model.NewSecret(text)) }
		return append(fields, value)
	}
	fields = append(fields, value)
	if p.asksEmail() {
		fields = append(fields, ui.Field{
			ID: fieldEmail, Kind: ui.Line, Label: "Email of the Atlassian account", Example: "e.g. jdoe@acme-corp.com",
			Get: func() string { return p.email }, Set: p.setEmail, Rewrites: model.HoldsCredential,
			Findings: func(text string) []ui.Finding { return p.judgeEmail(text) },
			Help:     p.emailHelp(),
		})
	}
	return append(fields, ui.Field{
		ID: fieldExpires, Kind: ui.Line, Label: "Expires", Example: "e.g. 1y, or 2027-11-21",
		Get: func() string { return p.expires }, Set: func(text string) { p.expires = text },
		Findings: func(text string) []ui.Finding {
			return uiFindings(model.CheckNewExpiry(text, p.jobs.Now(), p.kind))
		},
		Aside: func(text string) string { return daysAside(text, p.jobs.Now()) },
		Help:  p.expiryHelp(),
	})
}

// setEmail takes the email, and a credential that was pasted there by mistake for
// the one that is asked for.
func (p *migrateToken) setEmail(text string) {
	rest, stray, _ := model.TakeCredential(text)
	if p.email = rest; !stray.IsZero() && p.value.IsZero() {
		p.value = stray
	}
}

// asksEmail reports that one of the connectors will sign in to the REST API with an
// email and the token.
func (p *migrateToken) asksEmail() bool {
	if p.kind != model.KindAPIToken || p.group.Product != model.Cloud {
		return false
	}
	r := model.Replacement{Kind: p.kind}
	for _, m := range p.group.Members {
		after := p.group.Change(m, r).After
		if after.API.Method == model.APIEmailAndToken && after.API.Email.Ref == "" {
			return true
		}
	}
	return false
}

// judge says what is wrong with the pasted value.
func (p *migrateToken) judge() []ui.Finding {
	if p.value.IsZero() {
		return []ui.Finding{{Severity: ui.Error, Code: "password.required", Text: "There is no new credential yet.", Fix: "Make it on its page and paste it."}}
	}
	if p.kind == model.KindSSHKey {
		return uiFindings(p.jobs.Keys.Inspect(p.value, model.Secret{}))
	}
	return uiFindings(model.CheckNewCredential(p.value, p.kind, model.QPassword))
}

func (p *migrateToken) judgeEmail(text string) []ui.Finding {
	return uiFindings(model.CheckAccountEmail(text, p.jobs.Now()))
}

// Keys are those of the form, or of the run.
func (p *migrateToken) Keys() []ui.Key {
	if p.atForm() {
		return append(p.sampleKeys(), p.formKeys()...)
	}
	return p.runKeys()
}

// Update takes keys, and what the run says.
func (p *migrateToken) Update(msg tea.Msg) (ui.Action, tea.Cmd) {
	switch m := msg.(type) {
	case pageShown:
		return m.action(p.copyText), nil
	case copied:
		return m.action(), nil
	case tokenVerified:
		p.verified = &m.verified
		return nil, nil
	}
	if !p.atForm() {
		return p.updateRun(msg)
	}
	if action, cmd, done := ui.Press(append(p.sampleKeys(), p.guideKeys()...), msg); done {
		return action, cmd
	}
	switch p.form.Update(msg) {
	case ui.FormNext:
		return p.verify()
	case ui.FormPrev:
		return ui.Back{}, nil
	case ui.FormPaste:
		return ui.Notify{Text: "Paste with your terminal's own keys, often ctrl+shift+v.", Mark: ui.Info}, nil
	}
	return nil, nil
}

// verify begins the run for this secret.
func (p *migrateToken) verify() (ui.Action, tea.Cmd) {
	p.form.ShowErrors()
	if id, bad := p.form.FirstError(); bad {
		p.form.Jump(id)
		return nil, nil
	}
	p.checking = []model.MigrationGroup{p.group}
	return nil, p.check()
}

// replacement is what was typed.
func (p *migrateToken) replacement() model.Replacement {
	day, _ := model.ReadExpiry(p.expires, p.jobs.Now())
	r := model.Replacement{Value: p.value, Kind: p.kind, Expires: day}
	if p.asksEmail() {
		r.Email = cleanLine(p.email)
	}
	return r
}

// View draws the form, or the run.
func (p *migrateToken) View(w, h int) string {
	if p.atForm() {
		return p.form.View(w, h)
	}
	return p.viewRun(w, h)
}

func (p *migrateToken) copyText(text, said string) tea.Cmd {
	machine := p.jobs.Machine
	return p.page.Start(func(ctx context.Context) tea.Msg {
		return copied{said: said, err: machine.Copy(ctx, text)}
	})
}

func (p *migrateToken) openPage(page string) tea.Cmd {
	machine := p.jobs.Machine
	return p.page.Start(func(ctx context.Context) tea.Msg {
		return pageShown{page: page, err: machine.OpenBrowser(ctx, page)}
	})
}
