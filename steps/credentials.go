package steps

import (
	"context"
	"fmt"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"bbconnect/internal/flow"
	"bbconnect/model"
	"bbconnect/ui"
)

// secretPage is a page with value slots: Credentials and API access. It shows
// its form once the place for secrets has proved itself; keys typed before that
// are kept and given to the form.
type secretPage struct {
	*formPage
	key *ui.Task
}

// newCredentials is the page of what git signs in with.
func newCredentials(z *Wizard, focus model.QuestionID) page {
	return newSecretPage(z, model.StepCredentials, focus)
}

// newAPI is the page of how Harness signs in to the REST API.
func newAPI(z *Wizard, focus model.QuestionID) page { return newSecretPage(z, model.StepAPI, focus) }

func newSecretPage(z *Wizard, step model.Step, focus model.QuestionID) page {
	p := &secretPage{formPage: newFormPage(z, step, focus), key: z.env.NewTask()}
	p.head = func(w int) []string {
		if !p.asksSecret() {
			return nil
		}
		return append(z.place.lines(w), "")
	}
	p.shows = p.recognised
	p.extra = p.slotKeys
	return p
}

// asksSecret reports whether the page has a value slot now.
func (p *secretPage) asksSecret() bool {
	for _, q := range model.Questions(p.step, p.z.draft, p.z.world) {
		if q.IsSecret() && !q.Advanced {
			return true
		}
	}
	return false
}

func (p *secretPage) enter() tea.Cmd {
	cmd := p.formPage.enter()
	if p.z.place.ready() || p.z.place.running() || !p.asksSecret() {
		return cmd
	}
	return tea.Batch(cmd, p.z.place.begin(""))
}

func (p *secretPage) leave() {
	p.key.Cancel()
	if !p.z.place.ready() {
		p.z.place.task.Cancel()
		p.z.place.early = nil
	}
	p.formPage.leave()
}

// waiting reports whether the form may not be shown yet.
func (p *secretPage) waiting() bool { return !p.z.place.ready() && p.asksSecret() }

func (p *secretPage) update(msg tea.Msg) (ui.Action, tea.Cmd) {
	switch m := msg.(type) {
	case proved:
		return p.afterProof(m)
	case keyMade:
		return p.takeKey(m)
	case copied:
		return m.action(), nil
	case tea.KeyMsg:
		if p.waiting() {
			return p.keyBeforeProof(m)
		}
	}
	return p.formPage.update(msg)
}

// keyBeforeProof keeps what is typed while the proof runs; when it did not work
// the keys choose the way on.
func (p *secretPage) keyBeforeProof(m tea.KeyMsg) (ui.Action, tea.Cmd) {
	if p.z.place.problem != nil {
		action, cmd, _ := ui.Press(p.z.place.keys(), m)
		return action, cmd
	}
	if m.String() == "esc" {
		return p.z.prev()
	}
	p.z.place.early = append(p.z.place.early, m)
	return nil, nil
}

// afterProof opens the form and gives it the keys that were typed meanwhile.
// Keys that lead to another page take the rest with them.
func (p *secretPage) afterProof(m proved) (ui.Action, tea.Cmd) {
	early := p.z.place.take(m)
	p.z.judge()
	p.form.Refresh()
	var actions ui.Do
	var cmds []tea.Cmd
	for _, key := range early {
		action, cmd := p.z.Update(key)
		if action != nil {
			actions = append(actions, action)
		}
		cmds = append(cmds, cmd)
	}
	if len(actions) == 0 {
		return nil, tea.Batch(cmds...)
	}
	return actions, tea.Batch(cmds...)
}

func (p *secretPage) view(w, h int) string {
	place := &p.z.place
	switch {
	case !p.waiting():
		return p.formPage.view(w, h)
	case place.problem != nil:
		return place.card(p.z.env.Theme, w)
	}
	return strings.Join(place.lines(w), "\n")
}

func (p *secretPage) keys() []ui.Key {
	switch {
	case !p.waiting():
		return p.formPage.keys()
	case p.z.place.problem != nil:
		return p.z.place.keys()
	}
	return []ui.Key{{Keys: []string{"esc"}, Does: "previous step"}}
}

// capturing is true while keys are kept for the form, so that none is taken for
// a global one.
func (p *secretPage) capturing() bool { return p.waiting() || p.formPage.capturing() }

// recognised says below a slot what was pasted.
func (p *secretPage) recognised(id model.QuestionID, _ string) []string {
	value := p.z.draft.Secret(id)
	if value.IsZero() || (id != model.QPassword && id != model.QAPIToken) {
		return nil
	}
	read := model.RecogniseCredential(value, id)
	if read.Note == "" {
		return nil
	}
	if read.Checked {
		return []string{ui.Pass.Sign() + " " + read.Note}
	}
	return []string{read.Note}
}

// slotKeys are the keys beside a value slot: its page, its scopes, and for a
// private key the ways to come by one.
func (p *secretPage) slotKeys(id model.QuestionID) []ui.Key {
	switch id {
	case model.QPassword, model.QKind, model.QAPIToken:
		keys := []ui.Key{{Keys: []string{"ctrl+o"}, Does: "open page", Press: p.openPage}}
		if model.TokenPage(p.z.draft, p.z.world) == model.PageAPITokens {
			keys = append(keys, ui.Key{Keys: []string{"ctrl+s"}, Does: "copy scopes", Press: func() (ui.Action, tea.Cmd) {
				return nil, p.copyText(model.ScopeList(), "The fourteen scopes were copied.")
			}})
		}
		return keys
	case model.QSSHKey:
		return p.sshKeys()
	case model.QSecret, model.QAPISecret:
		return p.pickKeys(id)
	}
	return nil
}

// copied says that a text went to the clipboard.
type copied struct {
	said string
	err  error
}

func (c copied) action() ui.Action {
	if c.err != nil {
		return ui.Notify{Text: sentence(c.err), Mark: ui.Warn}
	}
	return ui.Notify{Text: c.said, Mark: ui.Pass}
}

func (p *secretPage) copyText(text, said string) tea.Cmd {
	machine := p.z.jobs.Machine
	return p.key.Start(func(ctx context.Context) tea.Msg {
		return copied{said: said, err: machine.Copy(ctx, text)}
	})
}

func (p *secretPage) openPage() (ui.Action, tea.Cmd) {
	page, machine := model.TokenPage(p.z.draft, p.z.world), p.z.jobs.Machine
	return nil, p.key.Start(func(ctx context.Context) tea.Msg {
		return copied{said: "Opened " + page, err: machine.OpenBrowser(ctx, page)}
	})
}

// pickKeys lets the person pick a saved secret instead of naming a new one.
func (p *secretPage) pickKeys(id model.QuestionID) []ui.Key {
	q, ok := model.FindQuestion(id, p.z.draft, p.z.world)
	if !ok || len(q.Options) == 0 {
		return nil
	}
	return []ui.Key{{Keys: []string{"ctrl+r"}, Does: "pick a saved one", Press: func() (ui.Action, tea.Cmd) {
		return ui.Push{Screen: newSecretPicker(q, func(ref string) {
			p.z.change(p.z.draft.With(id, ref))
			p.form.Refresh()
		})}, nil
	}}}
}

// keyMade is a private key that was made, converted or read from a file.
type keyMade struct {
	key    model.Secret
	public string
	err    error
}

// sshKeys are the ways to come by a private key.
func (p *secretPage) sshKeys() []ui.Key {
	keys := []ui.Key{
		{Keys: []string{"ctrl+g"}, Does: "make a key", Press: func() (ui.Action, tea.Cmd) {
			return ui.Notify{Text: "Making a key …", Mark: ui.Running}, p.makeKey(func(ctx context.Context, t flow.KeyTool) (model.Secret, error) {
				return t.Generate(ctx)
			})
		}},
		{Keys: []string{"ctrl+f"}, Does: "from a file", Press: func() (ui.Action, tea.Cmd) { return p.askFile(), nil }},
	}
	if p.convertible() {
		key, pass := p.z.draft.Secret(model.QSSHKey), p.z.draft.Secret(model.QSSHPassphrase)
		keys = append([]ui.Key{{Keys: []string{"ctrl+t"}, Does: "convert to PEM", Press: func() (ui.Action, tea.Cmd) {
			return nil, p.makeKey(func(_ context.Context, t flow.KeyTool) (model.Secret, error) { return t.Convert(key, pass) })
		}}}, keys...)
	}
	return keys
}

func (p *secretPage) convertible() bool {
	fs := p.z.findings.For(model.QSSHKey)
	_, openssh := fs.Code("key.openssh")
	_, pkcs8 := fs.Code("key.pkcs8")
	return openssh || pkcs8
}

// makeKey runs a job that ends with a key, in the background.
func (p *secretPage) makeKey(do func(context.Context, flow.KeyTool) (model.Secret, error)) tea.Cmd {
	tool := p.z.jobs.Keys
	name := strings.ReplaceAll(model.Value(model.QID, p.z.draft, p.z.world), " ", "_")
	return p.key.Start(func(ctx context.Context) tea.Msg {
		key, err := do(ctx, tool)
		if err != nil {
			return keyMade{err: err}
		}
		public, err := tool.Public(key, model.Secret{}, name)
		return keyMade{key: key, public: public, err: err}
	})
}

func (p *secretPage) askFile() ui.Action {
	return ui.Ask{Dialog: ui.Dialog{
		ID: "key-file", Title: "The private key's file",
		Prompt: &ui.Prompt{Label: "Path", Example: "~/.ssh/id_rsa"},
		Then: func(a ui.Answer) (ui.Action, tea.Cmd) {
			if a.Closed || a.Text == "" {
				return nil, nil
			}
			machine := p.z.jobs.Machine
			return nil, p.key.Start(func(ctx context.Context) tea.Msg {
				key, err := machine.ReadFile(ctx, a.Text)
				return keyMade{key: key, err: err}
			})
		},
	}}
}

// takeKey puts a key into its slot and shows the public half of one that was
// made or converted here.
func (p *secretPage) takeKey(m keyMade) (ui.Action, tea.Cmd) {
	if m.err != nil {
		return ui.Notify{Text: sentence(m.err), Mark: ui.Fail}, nil
	}
	d := p.z.jobs.FillSecret(p.z.draft, model.QSSHKey, m.key)
	if m.public != "" {
		d = d.WithSecret(model.QSSHPassphrase, model.Secret{})
	}
	p.z.change(d)
	p.form.Refresh()
	if m.public == "" {
		return nil, nil
	}
	public := strings.TrimSpace(m.public)
	return ui.Ask{Dialog: ui.Dialog{
		ID: "public", Mark: ui.Pass, Title: "The key is ready. Add its public half in Bitbucket",
		Text: model.TokenPage(p.z.draft, p.z.world) + "\n\n" + public,
		Choices: []ui.Choice{
			{Value: "copy", Label: "copy the public half", Key: "c"},
			{Value: "done", Label: "done", Key: "d"},
		},
		Then: func(a ui.Answer) (ui.Action, tea.Cmd) {
			if a.Value == "copy" {
				return nil, p.copyText(public+"\n", "The public half was copied.")
			}
			return nil, nil
		},
	}}, nil
}

// daysAside says behind a date how far away it is.
func daysAside(text string, now time.Time) string {
	day, err := time.Parse(time.DateOnly, strings.TrimSpace(text))
	if err != nil {
		return ""
	}
	switch left := model.DaysLeft(day, now); {
	case left < 0:
		return "in the past"
	case left == 0:
		return "today"
	case left == 1:
		return "tomorrow"
	default:
		return fmt.Sprintf("in %d days", left)
	}
}
