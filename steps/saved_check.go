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
	s.run = newRunner(env)
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
	return s.run.view(s.env.Theme, nil, w, h)
}

func (s *savedTest) Keys() []ui.Key {
	back := ui.Key{Keys: []string{"esc", "enter"}, Show: "esc", Does: "back", Press: func() (ui.Action, tea.Cmd) { return ui.Back{}, nil }}
	if s.run.running() {
		back.Keys, back.Does = []string{"esc"}, "cancel"
		return []ui.Key{back}
	}
	keys := []ui.Key{{Keys: []string{"r"}, Does: "test again", Press: func() (ui.Action, tea.Cmd) { return nil, s.test() }}}
	if p := s.run.trouble(); p != nil && p.HostKey != nil {
		host, library := *p.HostKey, s.jobs.Library
		keys = append(keys, ui.Key{Keys: []string{"a"}, Does: "accept this host key", Press: func() (ui.Action, tea.Cmd) {
			return nil, s.accept.Start(func(ctx context.Context) tea.Msg { return keyAccepted{library.AcceptHostKey(ctx, host)} })
		}})
	}
	if p := s.run.trouble(); p != nil && p.Field != "" {
		keys = append(keys, ui.Key{Keys: []string{"e"}, Does: "edit " + model.StepOf(p.Field).Title(), Press: func() (ui.Action, tea.Cmd) {
			return nil, s.open(p.Field)
		}})
	}
	return append(append(keys, back), s.run.scroll.Keys()...)
}

// open loads the connector for editing.
func (s *savedTest) open(at model.QuestionID) tea.Cmd {
	jobs, key := s.jobs, s.connector.Key()
	return s.accept.Start(func(ctx context.Context) tea.Msg { return openSaved(ctx, jobs, key, at) })
}

// Update takes what the test says, and keys.
func (s *savedTest) Update(msg tea.Msg) (ui.Action, tea.Cmd) {
	if m, ok := msg.(keyAccepted); ok {
		if m.err != nil {
			return ui.Notify{Text: sentence(m.err), Mark: ui.Fail}, nil
		}
		return nil, s.test()
	}
	if m, ok := msg.(opened); ok {
		if m.err != nil {
			return ui.Notify{Text: sentence(m.err), Mark: ui.Fail}, nil
		}
		return ui.Replace{Screen: s.edit(m)}, nil
	}
	if s.run.take(msg) {
		return nil, nil
	}
	s.run.scroll.Update(msg)
	action, cmd, _ := ui.Press(s.Keys(), msg)
	return action, cmd
}
