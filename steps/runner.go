package steps

import (
	"context"
	"slices"
	"strings"

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
	// scroll is for windows with less room than there is to say.
	scroll *ui.Scroll
}

func newRunner(env ui.Env) runner {
	return runner{task: env.NewTask(), scroll: ui.NewScroll(env.Theme)}
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
	r.checks, r.result, r.problem = nil, nil, nil
	r.scroll.Top()
	return r.task.Stream(func(j ui.Job) tea.Msg {
		ctx := flow.WithAsker(j.Context, dialogAsker(j, true))
		result, err := job(ctx, func(c model.Check) { j.Emit(checkReport{c}) })
		return testEnded{result: result, err: err}
	})
}

func (r *runner) running() bool { return r.task.Running() }

// take is what the run says; it reports false for other messages.
func (r *runner) take(msg tea.Msg) bool {
	switch m := msg.(type) {
	case checkReport:
		r.put(m.check)
	case testEnded:
		if m.err != nil {
			r.problem = problemOf(m.err)
			return true
		}
		r.result, r.checks = &m.result, m.result.Checks
	default:
		return false
	}
	return true
}

// put keeps one row per check, in the order they began.
func (r *runner) put(c model.Check) {
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

// trouble is the problem to mend first, nil when there is none.
func (r *runner) trouble() *model.Problem {
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
		rows = append(rows, checkRow(c))
	}
	parts := []string{ui.CheckList(t, rows, w), r.verdict(t, keys, w)}
	if lines(parts[0])+1+lines(parts[1]) > h && parts[1] != "" {
		slices.Reverse(parts)
	}
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	return r.scroll.View(strings.Join(parts, "\n\n"), w, h)
}

func lines(s string) int { return strings.Count(s, "\n") + 1 }

// verdict is the card under the checks.
func (r *runner) verdict(t *ui.Theme, keys []ui.Key, w int) string {
	p := r.trouble()
	switch {
	case p == nil && r.result == nil:
		return ""
	case p == nil:
		card := " " + t.Mark(ui.Pass) + " " + t.Strong.Render("The connector works.")
		if notes := uiFindings(r.result.Notes); len(notes) > 0 {
			card += "\n\n " + strings.Join(ui.FindingLines(t, notes, w-1, false), "\n ")
		}
		return card
	}
	mark := ui.Fail
	if r.result != nil && r.result.Verdict == model.VerdictWarn {
		mark = ui.Warn
	}
	return ui.ProblemCard(t, ui.Problem{Code: p.Code, What: p.What, Why: p.Why, Fix: p.Fix, Mark: mark, Keys: keys}, w)
}

func checkRow(c model.Check) ui.CheckRow {
	marks := map[model.CheckStatus]ui.Mark{
		model.CheckRunning: ui.Running, model.CheckPass: ui.Pass, model.CheckWarn: ui.Warn, model.CheckFail: ui.Fail, model.CheckSkip: ui.Skip,
	}
	row := ui.CheckRow{Mark: marks[c.Status], Title: c.Title, Took: c.Duration}
	if c.Status == model.CheckSkip {
		row.Note = c.Detail
		if row.Note == "" {
			row.Note = "not tried"
		}
	}
	return row
}
