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

// testAll tests many saved connectors and ends with what was found, by cause.
type testAll struct {
	jobs    *flow.Jobs
	targets []flow.Target
	env     ui.Env
	task    *ui.Task
	done    flow.Progress
	begun   time.Time
	ended   bool
	// stop breaks the run off and keeps what it found; stopped says that it was.
	stop    context.CancelFunc
	stopped bool
	err     error
	results []flow.Tested
	causes  flow.Causes
	picker  *ui.Picker
	// open is the cause whose connectors are listed, -1 for the list of causes.
	open int
	// about shows the open cause whole, in scroll; copying copies its commands.
	about   bool
	scroll  *ui.Scroll
	copying *ui.Task
	// show opens one connector's own test.
	show func(model.Connector) ui.Screen
}

func newTestAll(jobs *flow.Jobs, connectors []model.Connector, show func(model.Connector) ui.Screen) *testAll {
	s := &testAll{jobs: jobs, show: show, open: -1}
	for _, c := range connectors {
		s.targets = append(s.targets, flow.Target{Connector: c, Saved: true})
	}
	return s
}

// Enter starts the run; coming back from a connector's own test does not.
func (s *testAll) Enter(env ui.Env) tea.Cmd {
	s.env, s.copying = env, env.NewTask()
	if s.ended {
		return nil
	}
	s.task, s.begun = env.NewTask(), s.jobs.Now()
	s.scroll = ui.NewScroll(env.Theme)
	s.done = flow.Progress{Total: len(s.targets)}
	var over context.Context
	over, s.stop = context.WithCancel(context.Background())
	jobs, targets := s.jobs, s.targets
	return tea.Batch(s.ticking(), s.task.Stream(func(j ui.Job) tea.Msg {
		running, cancel := context.WithCancel(j.Context)
		defer cancel()
		defer context.AfterFunc(over, cancel)()
		ctx := flow.WithAsker(running, dialogAsker(j, true))
		results, err := jobs.TestMany(ctx, targets, flow.Many{Progress: func(p flow.Progress) { j.Emit(p) }})
		return allTested{results, err}
	}))
}

type allTested struct {
	results []flow.Tested
	err     error
}

// allTick repaints the elapsed time.
type allTick struct{ of *testAll }

func (s *testAll) ticking() tea.Cmd {
	return tea.Tick(time.Second, func(time.Time) tea.Msg { return allTick{s} })
}

// Leave cancels the run.
func (s *testAll) Leave() {
	s.stop()
	s.task.Cancel()
	s.copying.Cancel()
}

// Capturing reports whether a filter is typed.
func (s *testAll) Capturing() bool { return s.picker != nil && s.picker.Filtering() }

// Frame counts.
func (s *testAll) Frame() ui.Frame {
	return ui.Frame{Name: "Test", Subject: countOf(len(s.targets), "connector")}
}

// Update takes progress, the end, and keys.
func (s *testAll) Update(msg tea.Msg) (ui.Action, tea.Cmd) {
	switch m := msg.(type) {
	case allTick:
		if m.of == s && !s.ended {
			return nil, s.ticking()
		}
		return nil, nil
	case flow.Progress:
		s.done = m
		return nil, nil
	case allTested:
		s.end(m)
		return nil, nil
	case copied:
		return m.action(), nil
	}
	if s.about && s.scroll.Update(msg) {
		return nil, nil
	}
	if s.picker != nil && !s.about {
		event, cmd := s.picker.Update(msg)
		if event == ui.PickerChosen {
			return s.choose()
		}
		if event != ui.PickerIgnored {
			return nil, cmd
		}
	}
	action, cmd, _ := ui.Press(s.Keys(), msg)
	return action, cmd
}

// end turns the results into causes.
func (s *testAll) end(m allTested) {
	s.ended, s.results, s.err = true, m.results, m.err
	if s.stopped && errors.Is(m.err, context.Canceled) {
		s.err = nil
	}
	s.causes = flow.CausesOf(m.results, func(err error) (*model.Problem, bool) { return problemOf(err), true })
	s.list()
}

// list fills the picker with the causes, or with the connectors of one.
func (s *testAll) list() {
	if len(s.causes.List) == 0 {
		s.picker = nil
		return
	}
	var rows []ui.Row
	if s.open < 0 {
		s.picker = ui.NewPicker(s.env, []ui.Column{{Title: "Found", Min: 44}, {Title: "Code", Min: 12, Drop: 1}, {Title: "How many", Right: true, Min: 8}})
		for i, c := range s.causes.List {
			rows = append(rows, ui.Row{
				ID: fmt.Sprint(i), Cells: []string{markOf(c.Verdict).Sign() + " " + c.Problem.What, c.Problem.Code, fmt.Sprint(len(c.Names))},
				Search: strings.Join(c.Names, " "),
			})
		}
		s.picker.Does = "list them"
	} else {
		s.picker = ui.NewPicker(s.env, []ui.Column{{Title: "Connector", Min: 20, Keep: 28}, {Title: "Points to", Min: 16, Drop: 1}})
		for _, name := range s.causes.List[s.open].Names {
			c := s.connector(name)
			rows = append(rows, ui.Row{ID: name, Cells: []string{c.Name, model.PointsTo(c)}, Search: name})
		}
		s.picker.Does = "test it alone"
	}
	s.picker.SetRows(rows)
}

func (s *testAll) connector(key string) model.Connector {
	for _, t := range s.targets {
		if t.Connector.Key() == key {
			return t.Connector
		}
	}
	return model.Connector{}
}

// markOf is the mark of a verdict.
func markOf(v model.Verdict) ui.Mark {
	switch v {
	case model.VerdictPass:
		return ui.Pass
	case model.VerdictWarn:
		return ui.Warn
	case model.VerdictUnreachable:
		return ui.Skip
	case model.VerdictFail:
	}
	return ui.Fail
}

// choose opens a cause, or a connector's own test.
func (s *testAll) choose() (ui.Action, tea.Cmd) {
	row, ok := s.picker.Selected()
	switch {
	case !ok:
	case s.open >= 0:
		return ui.Push{Screen: s.show(s.connector(row.ID))}, nil
	default:
		_, _ = fmt.Sscan(row.ID, &s.open)
		s.list()
	}
	return nil, nil
}

// Keys are those of the list, then the way back.
func (s *testAll) Keys() []ui.Key {
	if !s.ended {
		return []ui.Key{s.stopKey()}
	}
	back := ui.Key{Keys: []string{"esc", "q"}, Show: "esc", Does: "back", Press: s.back}
	if s.picker == nil {
		back.Keys = append(back.Keys, "enter")
		return []ui.Key{back}
	}
	switch {
	case s.picker.Filtering():
		return s.picker.Keys()
	case s.about:
		return append(s.causeKeys(), back)
	case s.open >= 0:
		rest := s.picker.Keys()
		for i := range rest {
			rest[i].Rank++
		}
		return append(append(s.causeKeys(), back), rest...)
	}
	return append(s.picker.Keys(), back)
}

// stopKey breaks the run off, and leaves without its results when pressed again.
func (s *testAll) stopKey() ui.Key {
	if s.stopped {
		return ui.Key{Keys: []string{"esc"}, Does: "leave", Press: func() (ui.Action, tea.Cmd) { return ui.Back{}, nil }}
	}
	return ui.Key{Keys: []string{"esc"}, Does: "stop", Press: func() (ui.Action, tea.Cmd) {
		s.stopped = true
		s.stop()
		return nil, nil
	}}
}

func (s *testAll) back() (ui.Action, tea.Cmd) {
	if s.open < 0 {
		return ui.Back{}, nil
	}
	s.open, s.about = -1, false
	s.list()
	return nil, nil
}

// View draws the progress, then what was found.
func (s *testAll) View(w, h int) string {
	if !s.ended {
		return s.progress(w)
	}
	t := s.env.Theme
	var head []string
	if s.err != nil {
		head = append(head, " "+t.Mark(ui.Fail)+" "+sentence(s.err))
	}
	if s.stopped && s.causes.Untested > 0 {
		total := len(s.targets)
		head = append(head, fmt.Sprintf(" %s Stopped: %d of %d tested.", t.Mark(ui.Skip), total-s.causes.Untested, total))
	}
	verdict, counted := s.causes.Summary()
	head = append(head, " "+t.Mark(markOf(verdict))+" "+t.Strong.Render(counted)+t.Dim.Render("   in "+span(s.done.Elapsed)))
	if s.picker == nil {
		return strings.Join(head, "\n")
	}
	above := strings.Join(head, "\n")
	if s.open >= 0 {
		return s.causeView(above, w, h)
	}
	return above + "\n\n" + s.picker.View(w, max(h-lines(above)-1, 1))
}

// progress is a bar of plain characters and the numbers beside it.
func (s *testAll) progress(w int) string {
	t, p := s.env.Theme, s.done
	numbers := fmt.Sprintf("%d of %d   %d failed   %d running   %s", p.Done, p.Total, p.Failed, p.Running, span(s.jobs.Now().Sub(s.begun)))
	out := []string{" " + bar(t, w, p.Done, p.Total), "", " " + numbers}
	if p.Waiting != "" {
		out = append(out, "", " "+t.Mark(ui.Warn)+" "+fmt.Sprintf("%s asked to be left alone until %s.", p.Waiting, p.Until.Local().Format("15:04:05")))
	}
	return strings.Join(out, "\n")
}

// span is a time in words, to the second.
func span(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%d s", int(d.Seconds()))
	}
	return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
}
