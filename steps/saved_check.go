package steps

import (
	"context"

	tea "github.com/charmbracelet/bubbletea"

	"bbconnect/internal/flow"
	"bbconnect/model"
	"bbconnect/ui"
)

// savedTest is the live test of a saved connector, opened from Home.
type savedTest struct {
	jobs      *flow.Jobs
	connector model.Connector
	env       ui.Env
	run       runner
	accept    *ui.Task
	// edit opens the wizard on the connector, at the answer that mends a problem.
	edit func(opened) ui.Screen
}

func newSavedTest(jobs *flow.Jobs, c model.Connector, edit func(opened) ui.Screen) *savedTest {
	return &savedTest{jobs: jobs, connector: c, edit: edit}
}

func (s *savedTest) Enter(env ui.Env) tea.Cmd {
	s.env = env
	s.run = newRunner(env, s.jobs.Now)
	s.accept = env.NewTask()
	return s.test()
}

func (s *savedTest) test() tea.Cmd {
	jobs, key := s.jobs, s.connector.Key()
	return s.run.start(func(ctx context.Context, report func(model.Check)) (model.TestResult, error) {
		return jobs.TestSaved(ctx, key, nil, nil, report)
	})
}

func (s *savedTest) Leave()          { s.run.cancel() }
func (s *savedTest) Capturing() bool { return false }

func (s *savedTest) Frame() ui.Frame { return ui.Frame{Name: "Test", Subject: s.connector.Name} }

func (s *savedTest) View(w, h int) string {
	return s.run.view(s.env.Theme, s.cardKeys(), w, h)
}

// cardKeys are the keys drawn on the problem's card.
func (s *savedTest) cardKeys() []ui.Key {
	if p := s.run.trouble(); p != nil && !s.run.running() {
		keys := append(s.remedies().keys(&s.run, p), s.editKey(p)...)
		return append(keys, s.run.leafKeys()...)
	}
	return nil
}

// remedies open the wizard with the answer put in: what is saved changes only
// when it is saved.
func (s *savedTest) remedies() remedies {
	return remedies{jobs: s.jobs, accept: s.accept, does: " in the wizard", mend: func(mend model.Mend) (ui.Action, tea.Cmd) {
		jobs, key := s.jobs, s.connector.Key()
		return nil, s.accept.Start(func(ctx context.Context) tea.Msg {
			m := openSaved(ctx, jobs, key, mend.Field)
			if m.err == nil {
				m.draft = model.Fill(m.draft, mend.Field, mend.Value)
			}
			return m
		})
	}}
}

// editKey leads to the field a problem names.
func (s *savedTest) editKey(p *model.Problem) []ui.Key {
	if p.Field == "" {
		return nil
	}
	return []ui.Key{{Keys: []string{"e"}, Does: "edit " + model.StepOf(p.Field).Title(), Press: func() (ui.Action, tea.Cmd) {
		return nil, s.open(p.Field)
	}}}
}

func (s *savedTest) Keys() []ui.Key {
	back := ui.Key{Keys: []string{"esc", "enter"}, Show: "esc", Does: "back", Press: func() (ui.Action, tea.Cmd) { return ui.Back{}, nil }}
	if s.run.running() {
		back.Keys, back.Does = []string{"esc"}, "cancel"
		return []ui.Key{back}
	}
	var keys []ui.Key
	if p := s.run.trouble(); p != nil {
		if keys = s.remedies().keys(&s.run, p); len(p.Mends) > 0 && !s.run.passed() {
			back.Keys = []string{"esc"}
		}
		keys = append(keys, s.editKey(p)...)
	}
	keys = append(keys, ui.Key{Keys: []string{"r"}, Does: "test again", Press: func() (ui.Action, tea.Cmd) { return nil, s.test() }})
	return append(append(keys, back), s.run.keys()...)
}

// open loads the connector for editing.
func (s *savedTest) open(at model.QuestionID) tea.Cmd {
	jobs, key := s.jobs, s.connector.Key()
	return s.accept.Start(func(ctx context.Context) tea.Msg { return openSaved(ctx, jobs, key, at) })
}

// Update takes what the test says, and keys.
func (s *savedTest) Update(msg tea.Msg) (ui.Action, tea.Cmd) {
	if m, ok := msg.(remedyDone); ok {
		if m.err == nil && m.again {
			return nil, s.test()
		}
		return m.notice(), nil
	}
	if m, ok := msg.(opened); ok {
		if m.err != nil {
			return ui.Notify{Text: sentence(m.err), Mark: ui.Fail}, nil
		}
		return ui.Replace{Screen: s.edit(m)}, nil
	}
	if cmd, ok := s.run.take(msg); ok {
		return nil, cmd
	}
	s.run.scroll.Update(msg)
	action, cmd, _ := ui.Press(s.Keys(), msg)
	return action, cmd
}
