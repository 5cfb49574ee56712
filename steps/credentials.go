package steps

import (
	"fmt"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"bbconnect/model"
	"bbconnect/ui"
)

// secretPage is a page with value slots: Credentials and API access. It shows
// its form once the place for secrets has proved itself; keys typed before that
// are kept and given to the form.
type secretPage struct {
	*formPage
	key *ui.Task
	// page is where the credential is made, as of the draft's state pageAt.
	page   string
	pageAt int
}

// newCredentials is the page of what git signs in with.
func newCredentials(z *Wizard, focus model.QuestionID) page {
	return newSecretPage(z, model.StepCredentials, focus)
}

// newAPI is the page of how Harness signs in to the REST API.
func newAPI(z *Wizard, focus model.QuestionID) page { return newSecretPage(z, model.StepAPI, focus) }

func newSecretPage(z *Wizard, step model.Step, focus model.QuestionID) page {
	p := &secretPage{formPage: newFormPage(z, step, focus), key: z.env.NewTask(), pageAt: -1}
	p.head = func(w int) []string {
		if !p.asksSecret() {
			return nil
		}
		return append(z.place.lines(w), "")
	}
	p.shows = p.understood
	p.extra = p.slotKeys
	p.card = p.guide
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
	p.z.place.giveUp()
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
	case pageShown:
		return m.action(p.copyText), nil
	case copied:
		return m.action(), nil
	case tea.KeyMsg:
		if p.waiting() {
			return p.keyBeforeProof(m)
		}
	}
	action, cmd := p.formPage.update(msg)
	if p.z.page == page(p) && p.waiting() && !p.z.place.running() && p.z.place.problem == nil {
		// The answer just given asks for a new secret: its place has to prove itself.
		cmd = tea.Batch(cmd, p.z.place.begin(""))
	}
	return action, cmd
}

// keyBeforeProof keeps what is typed while the proof runs; when it did not work
// the keys choose the way on.
func (p *secretPage) keyBeforeProof(m tea.KeyMsg) (ui.Action, tea.Cmd) {
	if p.z.place.problem != nil && !p.z.place.typedBlind(m) {
		action, cmd, _ := ui.Press(p.z.place.keys(), m)
		return action, cmd
	}
	if p.z.place.problem != nil {
		return nil, nil
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
	return p.z.replay(early)
}

// replay gives keys that were typed ahead to whatever page is shown when their
// turn comes.
func (z *Wizard) replay(early []tea.KeyMsg) (ui.Action, tea.Cmd) {
	var actions ui.Do
	var cmds []tea.Cmd
	for _, key := range early {
		action, cmd := z.Update(key)
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
	return []ui.Key{{Keys: []string{"esc"}, Does: p.z.escDoes()}}
}

// help is about the form, so there is none while it is not shown.
func (p *secretPage) help() ui.Card {
	if p.waiting() {
		return ui.Card{}
	}
	return p.formPage.help()
}

// capturing is true while keys are kept for the form, so that none is taken for
// a global one.
func (p *secretPage) capturing() bool { return p.waiting() || p.formPage.capturing() }

// understood says below a slot what was pasted, and below a name what is saved under
// it, and that it stands for both credentials where it does.
func (p *secretPage) understood(id model.QuestionID, text string) []string {
	switch id {
	case model.QPassword, model.QAPIToken:
		return recognised(p.z.draft.Secret(id), id, p.z.world.Now)
	case model.QAPISecret:
		if p.sameToken() {
			return []string{"The token given under Credentials signs in here too: there is nothing to paste."}
		}
		return p.savedUnder(text, model.QAPIToken)
	case model.QSecret:
		return p.savedUnder(text, model.QPassword)
	}
	return nil
}

// savedUnder says what a name stands for already, unless a new value was pasted.
func (p *secretPage) savedUnder(ref string, slot model.QuestionID) []string {
	name, err := model.SecretRef(strings.TrimSpace(ref)).Name(model.Build(p.z.draft, p.z.world).Scope)
	info, saved := p.z.world.SecretInfo(name)
	if err != nil || !saved || info.Type != model.SecretText || !p.z.draft.Secret(slot).IsZero() {
		return nil
	}
	return []string{"Saved: " + model.DescribeSecret(info, p.z.world.Now) + ". There is nothing to paste."}
}

// sameToken reports whether one secret serves git and the REST API.
func (p *secretPage) sameToken() bool {
	c := model.Build(p.z.draft, p.z.world)
	return c.API.On() && c.API.TokenRef != "" && c.API.TokenRef == c.PasswordRef
}

// recognised says what a pasted value is. An App Password is no good however whole
// it is, and that is said where it was pasted.
func recognised(value model.Secret, id model.QuestionID, now time.Time) []string {
	if value.IsZero() {
		return nil
	}
	read := model.RecogniseCredential(value, id)
	switch {
	case read.Note == "":
		return nil
	case read.Kind == model.KindAppPassword:
		f := model.AppPasswordFinding(now, id)
		return []string{uiFindings(model.Findings{f})[0].Severity.Mark().Sign() + " " + read.Note, f.Message + " " + f.Fix}
	case read.Checked:
		return []string{ui.Pass.Sign() + " " + read.Note}
	}
	return []string{read.Note}
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

// daysAside says behind a date, or a length of time, how far away it is.
func daysAside(text string, now time.Time) string {
	day, err := model.ReadExpiry(text, now)
	if err != nil || day.IsZero() {
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
