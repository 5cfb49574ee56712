package steps

import (
	"context"
	"errors"
	"slices"
	"sync"

	tea "github.com/charmbracelet/bubbletea"

	"bbconnect/internal/flow"
	"bbconnect/model"
	"bbconnect/ui"
)

// migrateRun applies a migration: it tests every connector with the new values,
// asks what becomes of those that fail, swaps, and waits for the person to confirm
// or to take it all back.
type migrateRun struct {
	jobs *flow.Jobs
	// of is the plan it came from; begins takes the migration up, and straight says
	// to go on with it at once.
	of       *Migrate
	begins   func(context.Context, func(flow.Step)) (*flow.Migrating, error)
	straight bool

	env     ui.Env
	task    *ui.Task
	session *session
	entered bool
	// state is how things stood when the last job ended, nil before; step what the
	// running one says, and failed how many tests of it did.
	state  *runState
	step   flow.Step
	failed int
	// stop breaks the running job off between two steps; stopped says that it was.
	stop    context.CancelFunc
	stopped bool

	picker *ui.Picker
	scroll *ui.Scroll
	// text is the result as it is scrolled through, made for so many columns.
	text string
	wide int
}

func newMigrateRun(jobs *flow.Jobs, of *Migrate, begins func(context.Context, func(flow.Step)) (*flow.Migrating, error), straight bool) *migrateRun {
	return &migrateRun{jobs: jobs, of: of, begins: begins, straight: straight, session: &session{}}
}

// session lends the migration to one job at a time, since it belongs to one
// goroutine, and gives it up once the screen was left and the last job has ended.
type session struct {
	mu   sync.Mutex
	m    *flow.Migrating
	left bool
}

// use runs a job with the migration; take is called first where there is none yet.
func (s *session) use(take func() (*flow.Migrating, error), job func(*flow.Migrating) error) runState {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.left {
		return runState{err: context.Canceled}
	}
	if s.m == nil {
		m, err := take()
		if err != nil {
			return runState{err: err, unbegun: true}
		}
		s.m = m
	}
	err := job(s.m)
	return stateOf(s.m, err)
}

// leave gives the migration up when nothing runs any more.
func (s *session) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left = true
	if s.m != nil {
		s.m.Close()
		s.m = nil
	}
}

// runState is how a migration stands after a job.
type runState struct {
	record    model.MigrationRecord
	undecided []model.MigratedMember
	report    model.MigrationReport
	// done says that every secret was replaced; ended that the migration was
	// "undone" or "confirmed"; unbegun that there is none.
	done    bool
	ended   string
	unbegun bool
	err     error
}

// stateOf copies what the screen draws: the next job changes the original.
func stateOf(m *flow.Migrating, err error) runState {
	r := m.Record()
	r.Members, r.Secrets = slices.Clone(r.Members), slices.Clone(r.Secrets)
	return runState{record: r, undecided: m.Undecided(), report: m.Report(), done: m.Done(), err: err}
}

// Enter takes the migration up, once.
func (s *migrateRun) Enter(env ui.Env) tea.Cmd {
	s.env = env
	if s.entered {
		return nil
	}
	s.entered, s.task, s.scroll = true, env.NewTask(), ui.NewScroll(env.Theme)
	if s.straight {
		return s.goOn()
	}
	return s.start("", func(context.Context, *flow.Migrating, func(flow.Step)) error { return nil })
}

// Leave breaks off what runs, between two steps; the journal stays.
func (s *migrateRun) Leave() {
	if s.stop != nil {
		s.stop()
		s.task.Cancel()
	}
	go s.session.leave()
}

// running reports whether a job is under way.
func (s *migrateRun) running() bool { return s.task.Running() }

// start runs a job with the migration. ended names what the migration is when the
// job has succeeded; "" for still under way.
func (s *migrateRun) start(ended string, job func(context.Context, *flow.Migrating, func(flow.Step)) error) tea.Cmd {
	s.stopped, s.failed, s.step = false, 0, flow.Step{}
	var over context.Context
	over, s.stop = context.WithCancel(context.Background())
	session, begins := s.session, s.begins
	return s.task.Stream(func(j ui.Job) tea.Msg {
		running, cancel := context.WithCancel(j.Context)
		defer cancel()
		defer context.AfterFunc(over, cancel)()
		ctx := flow.WithAsker(running, dialogAsker(j, true))
		progress := func(step flow.Step) { j.Emit(step) }
		state := session.use(
			func() (*flow.Migrating, error) { return begins(ctx, progress) },
			func(m *flow.Migrating) error { return job(ctx, m, progress) },
		)
		if state.err == nil {
			state.ended = ended
		}
		return state
	})
}

// goOn tests what was not tested yet, and applies what has passed or is decided.
func (s *migrateRun) goOn() tea.Cmd { return s.start("", onward) }

// onward is goOn as a job.
func onward(ctx context.Context, m *flow.Migrating, progress func(flow.Step)) error {
	members := m.Record().Members
	progress(flow.Step{What: "test", Total: len(members)})
	if err := m.Test(ctx, flow.Many{}, nil, progress); err != nil {
		return err
	}
	progress(flow.Step{What: "apply", Total: len(members)})
	return m.Apply(ctx, progress)
}

// decide says what becomes of the chosen connectors.
func (s *migrateRun) decide(d model.MemberDecision) (ui.Action, tea.Cmd) {
	rows := s.picker.Marked()
	if len(rows) == 0 {
		row, ok := s.picker.Selected()
		if !ok {
			return nil, nil
		}
		rows = append(rows, row)
	}
	return nil, s.decides(keysOf(rows), d)
}

// decides decides about connectors; a retry tests them at once. When nothing is left to
// decide, it goes on: that is what the decision was for.
func (s *migrateRun) decides(ids []string, d model.MemberDecision) tea.Cmd {
	return s.start("", func(ctx context.Context, m *flow.Migrating, progress func(flow.Step)) error {
		for _, id := range ids {
			if err := m.Decide(ctx, id, d); err != nil {
				return err
			}
		}
		if d == model.DecideRetry {
			progress(flow.Step{What: "test", Total: len(ids)})
			if err := m.Test(ctx, flow.Many{}, ids, progress); err != nil {
				return err
			}
		}
		if len(m.Undecided()) > 0 {
			return nil
		}
		return onward(ctx, m, progress)
	})
}

// Capturing reports whether the filter is being typed.
func (s *migrateRun) Capturing() bool { return s.picker != nil && s.picker.Filtering() }

// Update takes progress, the end of a job, and keys.
func (s *migrateRun) Update(msg tea.Msg) (ui.Action, tea.Cmd) {
	switch m := msg.(type) {
	case flow.Step:
		if m.Tested != nil && (m.Tested.Err != nil || !flow.Passed(m.Tested.Result.Verdict)) {
			s.failed++
		}
		s.step = m
		return nil, nil
	case runState:
		return s.take(m)
	case copied:
		return m.action(), nil
	case pageShown:
		return m.action(s.copyText), nil
	case done:
		return notice(m), nil
	}
	if !s.Capturing() {
		if action, cmd, done := ui.Press(s.Keys(), msg); done {
			return action, cmd
		}
	}
	if s.picker == nil || s.running() {
		s.scroll.Update(msg)
		return nil, nil
	}
	event, cmd := s.picker.Update(msg)
	if event == ui.PickerChosen {
		s.picker.Rest()
		return s.decide(model.DecideRetry)
	}
	return nil, cmd
}

func notice(m done) ui.Action {
	if m.err != nil {
		return ui.Notify{Text: sentence(m.err), Mark: ui.Fail}
	}
	return ui.Notify{Text: m.text, Mark: ui.Pass}
}

// take shows how things stand. That nothing could begin leaves the plan as it was.
func (s *migrateRun) take(m runState) (ui.Action, tea.Cmd) {
	if s.stopped && errors.Is(m.err, context.Canceled) {
		m.err = nil
	}
	if !m.unbegun {
		s.of.begun = true
	}
	if m.unbegun && m.err == nil { // stopped before it began
		return ui.Do{ui.Back{}, ui.Notify{Text: "Stopped. Nothing was changed.", Mark: ui.Info}}, nil
	}
	s.state, s.wide = &m, 0
	s.scroll.Top()
	if m.ended == "undone" {
		s.state.report = m.report.Undone()
	}
	return nil, s.list()
}

// list fills the picker with the connectors that wait for a decision.
func (s *migrateRun) list() tea.Cmd {
	if len(s.state.undecided) == 0 || s.state.ended != "" {
		s.picker = nil
		return nil
	}
	if s.picker == nil {
		s.picker = ui.NewPicker(s.env, []ui.Column{{Title: "Failed with the new value", Min: 22}, {Title: "Secret", Min: 16, Drop: 1}, {Title: "Why", Min: 20}})
		s.picker.Multi, s.picker.Does = true, "try again"
	}
	rows := make([]ui.Row, 0, len(s.state.undecided))
	for _, m := range s.state.undecided {
		why := ""
		if m.Problem != nil {
			why = m.Problem.Code
		}
		rows = append(rows, ui.Row{ID: m.ID, Cells: []string{m.Name, s.secretOf(m), why}, Search: m.ID})
	}
	return s.picker.SetRows(rows)
}

// secretOf is the secret of a member's transaction, the first of several.
func (s *migrateRun) secretOf(m model.MigratedMember) string {
	for _, secret := range s.state.record.Secrets {
		if secret.Unit == m.Unit {
			return string(secret.Name.Ref())
		}
	}
	return ""
}
