package steps

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"bbconnect/internal/flow"
	"bbconnect/model"
	"bbconnect/ui"
)

// secretDone is how a job with one secret ended; now is its name from here on.
type secretDone struct {
	text string
	now  model.SecretName
	err  error
}

// secretLooked is one secret that was looked for, of how many.
type secretLooked struct {
	found flow.SecretHolding
	total int
}

// secretsVerified ends a look at the keystores.
type secretsVerified struct {
	found []flow.SecretHolding
	err   error
}

// act runs a job that may have to ask for a passphrase.
func (s *Secrets) act(job func(context.Context) secretDone) tea.Cmd {
	return s.acting.Stream(func(j ui.Job) tea.Msg {
		return job(flow.WithAsker(j.Context, dialogAsker(j, true)))
	})
}

// askRename asks for another id of the same scope.
func (s *Secrets) askRename() (ui.Action, tea.Cmd) {
	secret, ok := s.selected()
	if !ok {
		return nil, nil
	}
	name := secret.Info.Name
	scope, id, _ := name.Split()
	d := ui.Dialog{
		ID: "rename", Title: "Rename " + secretTitle(name),
		Text:    someUsers(secret.UsedBy) + " Every document that refers to it is rewritten, all or none. In Harness the secret has to be made under the new name before they are applied.",
		Choices: []ui.Choice{{Value: "rename", Label: "rename it"}, {Value: "no", Label: "keep the name"}},
		Prompt: &ui.Prompt{Label: "New id", Value: id, Check: func(text string) []ui.Finding {
			return s.checkID(scope, id, text)
		}},
	}
	d.Then = func(a ui.Answer) (ui.Action, tea.Cmd) {
		if a.Value != "rename" {
			return nil, nil
		}
		jobs, to := s.jobs, scope.SecretName(strings.TrimSpace(a.Text))
		return nil, s.act(func(ctx context.Context) secretDone {
			r, err := jobs.RenameSecret(ctx, name, to)
			return secretDone{text: "Renamed to " + string(to.Ref()) + "." + rewritten(r), now: to, err: err}
		})
	}
	return ui.Ask{Dialog: d}, nil
}

func rewritten(r flow.Renaming) string {
	if len(r.Connectors) == 0 {
		return ""
	}
	return " " + countOf(len(r.Connectors), "document") + " rewritten."
}

// checkID judges a new id while it can still be mended.
func (s *Secrets) checkID(scope model.Scope, was, text string) []ui.Finding {
	id := strings.TrimSpace(text)
	name := scope.SecretName(id)
	if _, _, ok := name.Split(); !ok {
		return []ui.Finding{{Severity: ui.Error, Code: "ref.malformed", Text: "That is no id.", Fix: "Use letters, digits, _, - and $, and begin with a letter or _."}}
	}
	if id == was {
		return []ui.Finding{{Severity: ui.Error, Code: "secret.taken", Text: "That is its name already."}}
	}
	for _, other := range s.loaded.secrets {
		if other.Info.Name == name {
			return []ui.Finding{{Severity: ui.Error, Code: "secret.taken", Text: "Another secret has that name."}}
		}
	}
	return nil
}

// withoutEnd says what an empty day would mean.
func withoutEnd(kind model.CredentialKind) string {
	if kind == model.KindAPIToken {
		return "An API token lives at most a year; leave it empty only when the day is not known."
	}
	return "Empty when it does not end."
}

// askExpiry asks for the day a secret ends.
func (s *Secrets) askExpiry() (ui.Action, tea.Cmd) {
	secret, ok := s.selected()
	if !ok {
		return nil, nil
	}
	info, now := secret.Info, s.jobs.Now()
	value := ""
	if !info.Expires.IsZero() {
		value = info.Expires.Format(time.DateOnly)
	}
	d := ui.Dialog{
		ID: "expiry", Title: "When " + secretTitle(info.Name) + " ends",
		Text:    "The day its page at Bitbucket shows, or how long from today: 90d, 12w, 6m, 1y. " + withoutEnd(info.Kind) + " The value is not touched.",
		Choices: []ui.Choice{{Value: "set", Label: "keep this day"}, {Value: "no", Label: "change nothing"}},
		Prompt: &ui.Prompt{Label: "Expires", Value: value, Example: "e.g. 2027-11-21", Check: func(text string) []ui.Finding {
			return checkDay(text, info.Kind, now)
		}},
	}
	d.Then = func(a ui.Answer) (ui.Action, tea.Cmd) {
		day, err := model.ReadExpiry(a.Text, now)
		if a.Value != "set" || err != nil {
			return nil, nil
		}
		jobs := s.jobs
		text := secretTitle(info.Name) + " has no end recorded."
		if !day.IsZero() {
			text = secretTitle(info.Name) + " ends " + daysAside(day.Format(time.DateOnly), now) + "."
		}
		return nil, s.act(func(ctx context.Context) secretDone {
			return secretDone{text: text, err: jobs.SetExpiry(ctx, info.Name, day)}
		})
	}
	return ui.Ask{Dialog: d}, nil
}

// checkDay refuses what is no day; what is worth knowing about one is said too.
func checkDay(text string, kind model.CredentialKind, now time.Time) []ui.Finding {
	day, err := model.ReadExpiry(text, now)
	if err != nil {
		return []ui.Finding{{Severity: ui.Error, Code: "expires.invalid", Text: "This is not a date.", Fix: "Write it as 2027-11-21, or as 90d, 12w, 6m or 1y from today."}}
	}
	findings := uiFindings(model.ExpiryFindings(day, now, kind, model.QExpires))
	for i := range findings {
		findings[i].Severity = max(findings[i].Severity, ui.Warning) // a day that is past may still be the truth
	}
	return findings
}

// askDelete deletes a secret nobody uses, and says who uses the others.
func (s *Secrets) askDelete() (ui.Action, tea.Cmd) {
	secret, ok := s.selected()
	if !ok {
		return nil, nil
	}
	name := secret.Info.Name
	switch {
	case len(secret.UsedBy) > 0:
		return ui.Ask{Dialog: ui.Message(ui.Warn, secretTitle(name)+" is in use", someUsers(secret.UsedBy)+" Give the connectors another secret, or delete them first.")}, nil
	case secret.PartOf != "":
		return ui.Ask{Dialog: ui.Message(ui.Warn, secretTitle(name)+" is in use", "It belongs to the SSH credential "+string(secret.PartOf.Ref())+". Delete that first.")}, nil
	}
	d := ui.Confirm("delete", "Delete "+secretTitle(name), "No connector uses it. Its value is deleted from the keystore; it is not revoked at Bitbucket.", "delete it", "keep it")
	d.Then = func(a ui.Answer) (ui.Action, tea.Cmd) {
		if a.Value != "yes" {
			return nil, nil
		}
		jobs := s.jobs
		return nil, s.act(func(ctx context.Context) secretDone {
			return secretDone{text: "Deleted " + secretTitle(name) + ".", err: jobs.DeleteSecret(ctx, name)}
		})
	}
	return ui.Ask{Dialog: d}, nil
}

// verify looks whether the keystore still holds the selected secret, or all.
func (s *Secrets) verify(all bool) (ui.Action, tea.Cmd) {
	secret, ok := s.selected()
	if !ok {
		return nil, nil
	}
	var names []model.SecretName
	if !all {
		names = []model.SecretName{secret.Info.Name}
		if secret.Info.Type == model.SecretSSHKey {
			names = append(names, secret.Info.File)
		}
	}
	jobs := s.jobs
	s.looked, s.all = 0, max(1, len(names))
	return nil, s.acting.Stream(func(j ui.Job) tea.Msg {
		ctx := flow.WithAsker(j.Context, dialogAsker(j, true))
		found, err := jobs.VerifySecrets(ctx, names, func(one flow.SecretHolding, total int) { j.Emit(secretLooked{one, total}) })
		return secretsVerified{found: found, err: err}
	})
}

// stopLooking ends a look; what was found until then stays.
func (s *Secrets) stopLooking() (ui.Action, tea.Cmd) {
	s.acting.Cancel()
	looked := s.looked
	s.looked, s.all = 0, 0
	return ui.Notify{Text: "Stopped after " + countOf(looked, "secret") + ".", Mark: ui.Info}, s.rows()
}

// tellVerified says what a look found in one line; the rows say it of each.
func (s *Secrets) tellVerified(m secretsVerified) (ui.Action, tea.Cmd) {
	s.looked, s.all = 0, 0
	if m.err != nil && !errors.Is(m.err, context.Canceled) {
		return ui.Notify{Text: sentence(m.err), Mark: ui.Fail}, s.load()
	}
	count := map[flow.HeldState]int{}
	var shut *model.Problem
	for _, found := range m.found {
		count[found.State]++
		if found.Problem != nil {
			shut = found.Problem
		}
	}
	mark, text := ui.Pass, fmt.Sprintf("%d held", count[flow.SecretHeld])
	if n := count[flow.SecretDiffers]; n > 0 {
		mark, text = ui.Warn, text+fmt.Sprintf(", %d of another length", n)
	}
	if n := count[flow.SecretLocked]; n > 0 {
		mark, text = ui.Warn, text+fmt.Sprintf(", %d locked: %s", n, shut.What)
	}
	if n := count[flow.SecretGone]; n > 0 {
		mark, text = ui.Fail, fmt.Sprintf("%d gone, ", n)+text
	}
	if len(m.found) == 1 {
		text = strings.TrimLeft(heldSentence(m.found[0]), "✓✗!– ")
	} else {
		text += "."
	}
	return ui.Notify{Text: text, Mark: mark}, s.rows()
}
