package steps

import (
	"context"
	"fmt"
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"bbconnect/internal/flow"
	"bbconnect/model"
	"bbconnect/ui"
)

// secretUsers are the connectors that use one secret, to test them with it.
type secretUsers struct {
	jobs   *flow.Jobs
	secret flow.NamedSecret

	env         ui.Env
	picker      *ui.Picker
	task, tests *ui.Task
	saved       []model.Saved
	// done and all are how far a test of all of them has come; all is 0 without one.
	done, all int
}

func newSecretUsers(jobs *flow.Jobs, secret flow.NamedSecret) *secretUsers {
	return &secretUsers{jobs: jobs, secret: secret}
}

// test opens the connectors of the selected secret.
func (s *Secrets) test() (ui.Action, tea.Cmd) {
	secret, ok := s.selected()
	if !ok {
		return nil, nil
	}
	if len(secret.UsedBy) == 0 {
		return ui.Notify{Text: "No connector uses it, so that there is nothing to test.", Mark: ui.Info}, nil
	}
	return ui.Push{Screen: newSecretUsers(s.jobs, secret)}, nil
}

// usersLoaded are the connectors as they are saved now.
type usersLoaded struct {
	saved []model.Saved
	err   error
}

// usersTested ends a test of all of them; userTested is one.
type (
	usersTested struct {
		tested []flow.Tested
		err    error
	}
	userTested struct{ done, all int }
)

// Enter loads the connectors anew: a test on top remembers its outcome.
func (u *secretUsers) Enter(env ui.Env) tea.Cmd {
	u.env, u.task, u.tests = env, env.NewTask(), env.NewTask()
	if u.picker == nil {
		u.picker = ui.NewPicker(env, []ui.Column{{Title: "Name", Min: 20, Keep: 28}, {Title: "Points to", Min: 16, Drop: 1}, {Title: "Last test", Min: 12}})
		u.picker.Does, u.picker.Empty = "test it", "No connector uses it."
	}
	return u.load()
}

func (u *secretUsers) load() tea.Cmd {
	jobs, keys := u.jobs, u.secret.UsedBy
	return u.task.Start(func(ctx context.Context) tea.Msg {
		saved, _, err := jobs.Library.List(ctx)
		saved = slices.DeleteFunc(saved, func(s model.Saved) bool { return !slices.Contains(keys, s.Connector.Key()) })
		return usersLoaded{saved: saved, err: err}
	})
}

// Leave ends nothing of its own.
func (u *secretUsers) Leave() {}

// Capturing reports whether the filter is being typed.
func (u *secretUsers) Capturing() bool { return u.picker.Filtering() }

// Frame names the secret.
func (u *secretUsers) Frame() ui.Frame {
	f := ui.Frame{Name: "Connectors that use", Subject: secretTitle(u.secret.Info.Name)}
	if u.all > 0 {
		f.Note = fmt.Sprintf("testing, %d of %d", u.done, u.all)
	}
	return f
}

// View draws the list.
func (u *secretUsers) View(w, h int) string { return u.picker.View(w, h) }

// Keys are those of the list, and the tests.
func (u *secretUsers) Keys() []ui.Key {
	if u.all > 0 {
		return []ui.Key{{Keys: []string{"esc"}, Does: "stop testing", Press: u.stop}}
	}
	if u.picker.Filtering() {
		return u.picker.Keys()
	}
	keys := append(
		u.picker.Keys(),
		ui.Key{Keys: []string{"t"}, Does: "test", Press: u.test},
		ui.Key{Keys: []string{"T"}, Does: "test all", Press: u.testAll},
	)
	if !takesEsc(keys) {
		keys = append(keys, ui.Key{Keys: []string{"esc"}, Does: "back", Press: func() (ui.Action, tea.Cmd) { return ui.Back{}, nil }})
	}
	return keys
}

// test opens the live test of the selected connector.
func (u *secretUsers) test() (ui.Action, tea.Cmd) {
	row, _ := u.picker.Selected()
	for _, s := range u.saved {
		if s.Connector.Key() == row.ID {
			return ui.Push{Screen: newSavedTest(u.jobs, s.Connector, func(m opened) ui.Screen {
				return NewWizard(u.jobs, m.draft, m.world, "").OpenAt(m.at)
			})}, nil
		}
	}
	return nil, nil
}

// testAll tests every connector of the list, several at a time.
func (u *secretUsers) testAll() (ui.Action, tea.Cmd) {
	targets := make([]flow.Target, 0, len(u.saved))
	for _, s := range u.saved {
		targets = append(targets, flow.Target{Connector: s.Connector, Saved: true})
	}
	if len(targets) == 0 {
		return nil, nil
	}
	jobs := u.jobs
	u.done, u.all = 0, len(targets)
	return nil, u.tests.Stream(func(j ui.Job) tea.Msg {
		ctx := flow.WithAsker(j.Context, dialogAsker(j, true))
		tested, err := jobs.TestMany(ctx, targets, flow.Many{Progress: func(p flow.Progress) { j.Emit(userTested{p.Done, p.Total}) }})
		return usersTested{tested: tested, err: err}
	})
}

// stop ends the tests; what was found out until then is remembered.
func (u *secretUsers) stop() (ui.Action, tea.Cmd) {
	u.tests.Cancel()
	u.done, u.all = 0, 0
	return ui.Notify{Text: "Stopped testing.", Mark: ui.Info}, u.load()
}

// Update takes the list, what tests say, and keys.
func (u *secretUsers) Update(msg tea.Msg) (ui.Action, tea.Cmd) {
	switch m := msg.(type) {
	case usersLoaded:
		if m.err != nil {
			return ui.Notify{Text: sentence(m.err), Mark: ui.Fail}, nil
		}
		u.saved = m.saved
		rows := make([]ui.Row, 0, len(m.saved))
		for _, s := range m.saved {
			c := s.Connector
			rows = append(rows, ui.Row{ID: c.Key(), Cells: []string{c.Name, model.PointsTo(c), lastTest(s, u.jobs.Now())}, Search: c.ID + " " + c.URL})
		}
		return nil, u.picker.SetRows(rows)
	case userTested:
		u.done, u.all = m.done, m.all
		return nil, nil
	case usersTested:
		u.done, u.all = 0, 0
		return u.tell(m), u.load()
	}
	if !u.picker.Filtering() {
		if action, cmd, done := ui.Press(u.Keys(), msg); done || u.all > 0 {
			return action, cmd
		}
	}
	event, cmd := u.picker.Update(msg)
	if event == ui.PickerChosen {
		u.picker.Rest()
		return u.test()
	}
	return nil, cmd
}

// tell says in one line how a test of all went.
func (u *secretUsers) tell(m usersTested) ui.Action {
	failed := 0
	for _, t := range m.tested {
		if t.Err != nil || !flow.Passed(t.Result.Verdict) {
			failed++
		}
	}
	switch {
	case m.err != nil:
		return ui.Notify{Text: sentence(m.err), Mark: ui.Fail}
	case failed > 0:
		return ui.Notify{Text: fmt.Sprintf("%d of %d did not pass.", failed, len(m.tested)), Mark: ui.Fail}
	}
	return ui.Notify{Text: fmt.Sprintf("All %d passed.", len(m.tested)), Mark: ui.Pass}
}
