package steps

import (
	"context"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"bbconnect/model"
	"bbconnect/ui"
)

// testPage reviews every answer, runs the live test and saves.
type testPage struct {
	// stands says that the outcome of the last test still counts, once that is known.
	stands string
	z      *Wizard
	review *ui.Review
	run    runner
	save   *ui.Task
	accept *ui.Task
	// reviewing shows the answers rather than the test.
	reviewing bool
}

func newTest(z *Wizard) page {
	p := &testPage{z: z, review: ui.NewReview(z.env.Theme), reviewing: true}
	p.run = newRunner(z.env, z.jobs.Now)
	p.save, p.accept = z.env.NewTask(), z.env.NewTask()
	return p
}

func (p *testPage) enter() tea.Cmd {
	p.z.judge()
	p.refresh()
	if _, bad := p.firstError(); !bad {
		p.review.Select(string(p.z.reviewAt))
	}
	return nil
}

func (p *testPage) leave() {
	p.run.cancel()
	p.save.Cancel()
	p.accept.Cancel()
}

func (p *testPage) capturing() bool { return false }

func (p *testPage) help() ui.Card {
	lines := []string{"The live test asks Bitbucket itself, with these credentials, through git and the REST API. It only reads."}
	if p.reviewing {
		lines = append([]string{"Every answer once more; the marked ones want a look."}, lines...)
	}
	return ui.Card{Title: "Test", Lines: lines}
}

// runRow is the first row of the review: enter on it runs the test.
const runRow = "run"

// refresh lists every answer with its gravest finding, and with what it was where
// that is saved otherwise. The first row is the test itself.
func (p *testPage) refresh() {
	rows := []ui.ReviewRow{{ID: runRow, Label: "Run the test", Value: p.lastRun()}}
	for _, step := range model.Steps() {
		questions := model.Questions(step, p.z.draft, p.z.world)
		if len(questions) == 0 {
			continue
		}
		rows = append(rows, ui.ReviewRow{Label: step.Title()})
		for _, q := range questions {
			if row, shown := p.row(q); shown {
				rows = append(rows, row)
			}
		}
	}
	if aside := model.SetAside(p.z.draft, p.z.world); len(aside) > 0 {
		rows = append(rows, ui.ReviewRow{Label: "Set aside: no longer applies"})
		for _, c := range aside {
			rows = append(rows, ui.ReviewRow{ID: string(c.Question), Label: c.Label, Value: c.Before})
		}
	}
	p.review.SetRows(rows)
	if f, bad := p.firstError(); bad {
		p.review.Select(string(f.Field))
	}
}

// lastRun says how the test of the answers as they stand went.
func (p *testPage) lastRun() string {
	switch r := p.z.result; {
	case r == nil:
		return "asks git and the REST API"
	case r.Verdict == model.VerdictPass:
		return "it has passed"
	case r.Verdict == model.VerdictWarn:
		return "it has passed, with a warning"
	case r.Verdict == model.VerdictUnreachable:
		return "it got no connection"
	}
	return "it has failed"
}

func (p *testPage) firstError() (model.Finding, bool) {
	for _, f := range p.z.findings {
		if f.Severity == model.SeverityError {
			return f, true
		}
	}
	return model.Finding{}, false
}

// row is one answer; what was not answered and need not be is left out.
func (p *testPage) row(q model.Question) (ui.ReviewRow, bool) {
	row := ui.ReviewRow{ID: string(q.ID), Label: q.Name(), Value: p.shownValue(q)}
	worst, any := p.z.findings.For(q.ID).Worst()
	if any {
		row.Note = p.typedAs(q.ID, row.Value) + worst.Message
		row.Mark = map[model.Severity]ui.Mark{model.SeverityError: ui.Fail, model.SeverityWarning: ui.Warn, model.SeverityHint: ui.Info}[worst.Severity]
	}
	row.Was = p.was(q, row.Value)
	if row.Value == "" && !any && !q.Required && row.Was == "" {
		return row, false
	}
	return row, true
}

// typedAs leads what is said of an address that is shown as it is saved, and was typed
// otherwise; "" where that is not so.
func (p *testPage) typedAs(id model.QuestionID, shown string) string {
	typed := strings.TrimSpace(p.z.draft.Answer(id))
	if id != model.QURL || typed == "" || typed == shown {
		return ""
	}
	return typed + " was typed. "
}

// was is the answer that is saved, where this one is another; "" where nothing is
// saved or nothing changed.
func (p *testPage) was(q model.Question, now string) string {
	base := p.z.draft.Base
	if base == nil || p.z.draft.Editing == "" {
		return ""
	}
	if q.IsSecret() {
		if now == "" {
			return ""
		}
		return "the stored value"
	}
	saved := model.DraftOf(*base, p.z.world)
	before := p.labelled(q, model.Value(q.ID, saved, p.z.world))
	switch before {
	case now:
		return ""
	case "":
		return "not set"
	}
	return before
}

// shownValue is an answer as people read it; a secret is never more than its
// length.
func (p *testPage) shownValue(q model.Question) string {
	if q.IsSecret() {
		v := p.z.draft.Secret(q.ID)
		if v.IsZero() {
			return ""
		}
		return charCount(v.Len())
	}
	value := model.Value(q.ID, p.z.draft, p.z.world)
	if q.ID == model.QURL {
		value = model.Build(p.z.draft, p.z.world).URL
	}
	return p.labelled(q, value)
}

// labelled is an answer by the name of its option, where it is one.
func (p *testPage) labelled(q model.Question, value string) string {
	for _, o := range q.Options {
		if o.Value == value {
			return o.Label
		}
	}
	return value
}

func (p *testPage) view(w, h int) string {
	if p.reviewing {
		return p.review.View(w, h)
	}
	return p.run.view(p.z.env.Theme, p.cardKeys(), w, h)
}

// cardKeys are the keys drawn on the problem's card.
func (p *testPage) cardKeys() []ui.Key {
	var keys []ui.Key
	for _, k := range p.keys() {
		if !k.Quiet && k.Press != nil && k.Name() != "esc" {
			keys = append(keys, k)
		}
	}
	return keys
}

func (p *testPage) keys() []ui.Key {
	switch {
	case p.run.running():
		return []ui.Key{{Keys: []string{"esc"}, Does: "cancel the test", Press: func() (ui.Action, tea.Cmd) {
			p.run.cancel()
			p.reviewing = true
			p.refresh()
			return nil, nil
		}}}
	case p.save.Running():
		// Esc is taken and does nothing: a save that has begun is not left half way.
		return []ui.Key{{Keys: []string{"esc"}, Does: "wait, it is being saved", Press: func() (ui.Action, tea.Cmd) { return nil, nil }}}
	case p.reviewing:
		return p.reviewKeys()
	}
	return p.verdictKeys()
}

func (p *testPage) reviewKeys() []ui.Key {
	test := ui.Key{Keys: []string{"t"}, Does: "test", Press: p.test}
	if f, bad := p.firstError(); bad {
		test.Press = func() (ui.Action, tea.Cmd) { // what is marked comes first
			p.review.Select(string(f.Field))
			return ui.Notify{Text: "Not tested: " + f.Message, Mark: ui.Fail}, nil
		}
	}
	first := ui.Key{Keys: []string{"enter", "e"}, Show: "enter", Does: "edit this answer", Press: func() (ui.Action, tea.Cmd) {
		return p.z.edit(model.QuestionID(p.review.Selected()))
	}}
	if p.review.Selected() == runRow {
		first = ui.Key{Keys: []string{"enter"}, Does: "test", Press: test.Press}
		test.Does, test.Quiet = "test, from any answer", true
	}
	return []ui.Key{
		first,
		test,
		{Keys: []string{"s"}, Does: "save", Press: p.askSave},
		{Keys: []string{"esc", "shift+tab", "ctrl+p", "pgup"}, Show: "esc", Does: p.backDoes(), Press: p.back},
		{Keys: []string{"up", "down"}, Show: "↑/↓", Does: "move", Rank: 1},
	}
}

func (p *testPage) backDoes() string {
	if p.z.draft.Editing != "" {
		return "leave"
	}
	return "previous step"
}

func (p *testPage) back() (ui.Action, tea.Cmd) {
	if p.z.draft.Editing != "" {
		return p.z.goAway()
	}
	return p.z.prev()
}

func (p *testPage) verdictKeys() []ui.Key {
	var keys []ui.Key
	problem := p.run.trouble()
	if p.run.passed() {
		keys = append(keys, ui.Key{Keys: []string{"enter", "s"}, Show: "enter", Does: "save", Press: p.askSave})
	}
	if problem != nil {
		keys = append(keys, p.remedies().keys(&p.run, problem)...)
	}
	keys = append(keys, ui.Key{Keys: []string{"r"}, Does: "test again", Press: p.test})
	if problem != nil && problem.Field != "" {
		keys = append(keys, ui.Key{Keys: []string{"e"}, Does: "edit " + model.StepOf(problem.Field).Title(), Press: func() (ui.Action, tea.Cmd) {
			return p.z.jump(problem.Field)
		}})
	}
	if !p.run.passed() {
		keys = append(keys, ui.Key{Keys: []string{"s"}, Does: "save anyway", Press: p.askSave})
	}
	keys = append(keys, ui.Key{Keys: []string{"esc"}, Does: "all answers", Press: func() (ui.Action, tea.Cmd) {
		p.reviewing = true
		p.refresh()
		return nil, nil
	}})
	return append(keys, p.run.keys()...)
}

// remedies put an answer into the draft and test again.
func (p *testPage) remedies() remedies {
	return remedies{jobs: p.z.jobs, accept: p.accept, does: " and test again", mend: func(mend model.Mend) (ui.Action, tea.Cmd) {
		p.z.change(model.Fill(p.z.draft, mend.Field, mend.Value))
		return p.test()
	}}
}

func (p *testPage) update(msg tea.Msg) (ui.Action, tea.Cmd) {
	switch m := msg.(type) {
	case remedyDone:
		if m.err == nil && m.again {
			return p.test()
		}
		return m.notice(), nil
	case savedMsg:
		return p.afterSave(m)
	case testedBefore:
		return p.askUntested(m)
	case renewed:
		return p.afterRenewal(m)
	}
	if cmd, ok := p.run.take(msg); ok {
		if p.run.result != nil {
			p.z.result = p.run.result
		}
		return nil, cmd
	}
	if action, cmd, done := ui.Press(p.keys(), msg); done {
		return action, cmd
	}
	if p.reviewing {
		p.review.Update(msg)
	} else {
		p.run.scroll.Update(msg)
	}
	return nil, nil
}

// test runs the live test of the draft as it would be saved.
func (p *testPage) test() (ui.Action, tea.Cmd) {
	p.reviewing = false
	jobs, d, w := p.z.jobs, p.z.draft, p.z.world
	return nil, p.run.start(func(ctx context.Context, report func(model.Check)) (model.TestResult, error) {
		return jobs.TestDraft(ctx, d, w, report)
	})
}
