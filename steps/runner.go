package steps

import (
	"context"
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"bbconnect/internal/flow"
	"bbconnect/model"
	"bbconnect/ui"
)

// runner shows a live test: its checks as they run, then the verdict and the
// problem to mend first.
type runner struct {
	task   *ui.Task
	checks []model.Check
	result *model.TestResult
	// problem is why the test could not even begin.
	problem *model.Problem
	// shown is the problem whose card is open, counted from the one to mend first;
	// wide shows what the token may do even when nothing is missing.
	shown int
	wide  bool
	// now is the clock, began when each check that runs began.
	now   func() time.Time
	began map[string]time.Time
	// ended is when the result came; ticks numbers the chain of ticks that counts.
	ended time.Time
	ticks int
	// scroll is for windows with less room than there is to say.
	scroll *ui.Scroll
}

func newRunner(env ui.Env, now func() time.Time) runner {
	return runner{task: env.NewTask(), scroll: ui.NewScroll(env.Theme), now: now}
}

// tick repaints the time of a check that runs, and of a wait.
type tick struct {
	of    *runner
	chain int
}

// everyTick is how often.
const everyTick = 200 * time.Millisecond

// ticking begins a chain of ticks; one before it ends.
func (r *runner) ticking() tea.Cmd {
	r.ticks++
	next := tick{of: r, chain: r.ticks}
	return tea.Tick(everyTick, func(time.Time) tea.Msg { return next })
}

// waits is how long the server asks to wait from now on, because of one problem.
func (r *runner) waits(p *model.Problem) time.Duration {
	all := time.Duration(p.WaitSeconds) * time.Second
	if r.ended.IsZero() {
		return all
	}
	return max(all-r.now().Sub(r.ended), 0)
}

// counts reports whether a time on the screen goes on.
func (r *runner) counts() bool {
	return r.running() || slices.ContainsFunc(r.problems(), func(p *model.Problem) bool { return r.waits(p) > 0 })
}

// checkEnded is a check that began or ended; testEnded ends the run.
type checkReport struct{ check model.Check }

type testEnded struct {
	result model.TestResult
	err    error
}

// testJob is one of the jobs that end with a test result.
type testJob func(ctx context.Context, report func(model.Check)) (model.TestResult, error)

// start runs a test; a run before it is cancelled.
func (r *runner) start(job testJob) tea.Cmd {
	r.reset()
	return tea.Batch(r.ticking(), r.task.Stream(func(j ui.Job) tea.Msg {
		ctx := flow.WithAsker(j.Context, dialogAsker(j, true))
		result, err := job(ctx, func(c model.Check) { j.Emit(checkReport{c}) })
		return testEnded{result: result, err: err}
	}))
}

// reset forgets the run before.
func (r *runner) reset() {
	r.checks, r.result, r.problem = nil, nil, nil
	r.shown, r.wide, r.began, r.ended = 0, false, map[string]time.Time{}, time.Time{}
	r.scroll.Top()
}

func (r *runner) running() bool { return r.task.Running() }

// take is what the run says; it reports false for other messages.
func (r *runner) take(msg tea.Msg) (cmd tea.Cmd, ok bool) {
	switch m := msg.(type) {
	case tick:
		if m.of == r && m.chain == r.ticks && r.counts() {
			cmd = r.ticking()
		}
	case checkReport:
		r.put(m.check)
	case testEnded:
		r.ended = r.now()
		if m.err != nil {
			r.problem = problemOf(m.err)
		} else {
			r.result, r.checks = &m.result, m.result.Checks
		}
		if r.counts() {
			cmd = r.ticking()
		}
	default:
		return nil, false
	}
	return cmd, true
}

// put keeps one row per check, in the order they began.
func (r *runner) put(c model.Check) {
	if c.Status == model.CheckRunning {
		r.began[c.ID] = r.now()
	}
	for i := range r.checks {
		if r.checks[i].ID == c.ID {
			r.checks[i] = c
			return
		}
	}
	r.checks = append(r.checks, c)
}

// cancel ends a running test.
func (r *runner) cancel() {
	r.task.Cancel()
	r.checks = nil
}

// trouble is the problem whose card is open, nil when there is none.
func (r *runner) trouble() *model.Problem {
	if all := r.problems(); len(all) > 0 {
		return all[r.shown%len(all)]
	}
	return nil
}

// first is the problem to mend first, nil when there is none.
func (r *runner) first() *model.Problem {
	if r.problem != nil {
		return r.problem
	}
	if r.result != nil {
		return r.result.Problem
	}
	return nil
}

// passed reports whether the connector may be saved without asking.
func (r *runner) passed() bool { return r.result != nil && flow.Passed(r.result.Verdict) }

// view draws the checks and the verdict; where both do not fit the verdict comes
// first, and the rest is scrolled to.
func (r *runner) view(t *ui.Theme, keys []ui.Key, w, h int) string {
	rows := make([]ui.CheckRow, 0, len(r.checks))
	for _, c := range r.checks {
		row := checkRow(c)
		if c.Status == model.CheckRunning {
			row.Took = r.now().Sub(r.began[c.ID])
		}
		rows = append(rows, row)
	}
	parts := []string{ui.CheckList(t, rows, w), r.verdict(t, keys, w)}
	var foot string
	if lines(parts[0])+1+lines(parts[1]) > h && parts[1] != "" {
		parts[1], foot = r.apart(t, keys, w, h)
		slices.Reverse(parts)
	}
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	if foot == "" {
		return r.scroll.View(strings.Join(parts, "\n\n"), w, h)
	}
	room := h - lines(foot) - 1
	text := r.scroll.View(strings.Join(parts, "\n\n"), w, room)
	return text + strings.Repeat("\n", room-lines(text)+2) + foot
}

// textLeast is how many lines of a verdict stay above the keys of its card.
const textLeast = 4

// apart is the verdict without the keys of its card, which stand at the bottom
// whatever is scrolled: what can be done about a problem is never out of sight.
func (r *runner) apart(t *ui.Theme, keys []ui.Key, w, h int) (text, foot string) {
	rows := ui.KeyLines(t, keys, w)
	if r.trouble() == nil || len(rows) == 0 || h-len(rows)-1 < textLeast {
		return r.verdict(t, keys, w), ""
	}
	return r.verdict(t, nil, w), strings.Join(rows, "\n")
}

func lines(s string) int { return strings.Count(s, "\n") + 1 }

func checkRow(c model.Check) ui.CheckRow {
	marks := map[model.CheckStatus]ui.Mark{
		model.CheckRunning: ui.Running, model.CheckPass: ui.Pass, model.CheckWarn: ui.Warn, model.CheckFail: ui.Fail, model.CheckSkip: ui.Skip,
	}
	row := ui.CheckRow{Mark: marks[c.Status], Title: c.Title, Took: c.Duration}
	if c.Problem != nil && (c.Status == model.CheckFail || c.Status == model.CheckWarn) {
		row.Code = c.Problem.Code
	}
	if c.Status == model.CheckSkip {
		// A reason behind a colon would take the place of the title; the card gives it.
		row.Note, _, _ = strings.Cut(c.Detail, ":")
		if row.Note == "" {
			row.Note = "not tried"
		}
	}
	return row
}
