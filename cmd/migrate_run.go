package cmd

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"bbconnect/internal/flow"
	"bbconnect/model"
)

// migration is one run of migrate or of secret rotate.
type migration struct {
	app   *app
	flags migrateFlags
	plan  model.MigrationPlan
	// with are the credentials that were found good, refused the groups that got none.
	with    map[model.SecretName]model.Replacement
	refused map[model.SecretName]*model.Problem
	under   *flow.Migrating
}

// all takes the plan from the first look to the report.
func (m *migration) all(ctx context.Context) error {
	a := m.app
	if record, there, err := a.jobs.UnfinishedMigration(ctx); err != nil {
		return err
	} else if there && !m.flags.dryRun {
		return m.unfinished(ctx, record)
	} else if there {
		a.tell(a.errOut, signWarn, unfinishedText(record)+" bbconnect migrate --dry-run --resume shows it.")
	}
	m.printFound()
	if len(m.plan.Groups) == 0 {
		return m.nothingFound()
	}
	ctx = a.asking(ctx)
	if err := m.credentials(ctx); err != nil {
		return err
	}
	if err := m.printPlan(); err != nil || m.flags.dryRun {
		return errors.Join(err, m.exit())
	}
	if len(m.with) == 0 {
		return m.nothingToApply()
	}
	if !m.flags.yes {
		label := fmt.Sprintf("Test %s with the new credentials, then replace", countOf(m.concerned(), "connector"))
		yes, err := a.confirm(ctx, prompt{label: label + "?", enter: "yes", help: "Nothing was changed so far. First every connector is tested with its new value; only then one swap makes it current, and old values are kept until you confirm."})
		if err != nil {
			return err
		}
		if !yes {
			a.tell(a.errOut, "", "Nothing was changed. The new credentials were kept nowhere; paste them again the next time.")
			return errCancelled
		}
	}
	var err error
	err = m.watched(func(progress func(flow.Step)) error {
		m.under, err = a.jobs.BeginMigration(ctx, m.plan, m.with, progress)
		return err
	})
	if err != nil {
		return err
	}
	defer m.under.Close()
	return m.onward(ctx)
}

// nothingFound ends a run that has nothing to do: a line for a program that reads
// them, too.
func (m *migration) nothingFound() error {
	if !m.app.json {
		return nil
	}
	return m.app.writeJSONLine(eventJSON{Event: "none"})
}

// unfinishedText says what kind of run waits, and for what.
func unfinishedText(record model.MigrationRecord) string {
	what := "migration"
	if record.Purpose == model.PurposeRotation {
		what = "rotation"
	}
	if record.Applied() {
		return "An earlier " + what + " is not confirmed."
	}
	return "An earlier " + what + " is not finished."
}

// unfinished tells of a migration that waits, and asks what to do where somebody
// can be asked.
func (m *migration) unfinished(ctx context.Context, record model.MigrationRecord) error {
	a, waits := m.app, unfinishedText(record)
	if m.flags.yes || !a.canAsk() {
		return usage("Give --resume, --undo or --confirm.", "%s", waits)
	}
	a.tell(a.errOut, signWarn, waits)
	what, err := a.choose(ctx, prompt{label: "What to do with it", help: "Old values are still kept: both ways are open."},
		choice{"resume", "resume", "test and apply what is left"}, choice{"undo", "undo", "put everything back as it was"},
		choice{"confirm", "confirm", "keep what was replaced, and delete the old values"})
	if err != nil {
		return err
	}
	m.flags.resume, m.flags.undo, m.flags.confirm = what == "resume", what == "undo", what == "confirm"
	return m.later(ctx)
}

// onward tests what is untested, asks about what failed, applies what may be
// applied, reports, and ends the migration where that was asked for.
func (m *migration) onward(ctx context.Context) error {
	a := m.app
	for {
		err := m.watched(func(progress func(flow.Step)) error {
			return m.under.Test(ctx, flow.Many{Jobs: m.flags.jobs, PerHost: m.flags.jobs}, nil, progress)
		})
		if err != nil {
			return m.brokenOff(err)
		}
		again, err := m.decide(ctx)
		if err != nil {
			return m.brokenOff(err)
		}
		if !again {
			break
		}
	}
	err := m.watched(func(progress func(flow.Step)) error { return m.under.Apply(ctx, progress) })
	if err != nil {
		return m.brokenOff(err)
	}
	report := m.under.Report()
	if err := m.printReport(report); err != nil {
		return err
	}
	if !a.json {
		mark := signPass
		if report.State != "done" {
			mark = signWarn
		}
		a.tell(a.errOut, mark, report.Headline())
	}
	if m.flags.confirm && report.State == "done" {
		return errors.Join(m.end(ctx), m.exit())
	}
	if report.State == "done" && !m.flags.yes && a.canAsk() {
		yes, err := a.confirm(ctx, prompt{label: "The old values are kept, and bbconnect migrate --undo puts everything back with them. Delete them now?", help: "yes ends the migration for good. no keeps the old values: bbconnect migrate --undo puts everything back, bbconnect migrate --confirm ends it later."})
		if err != nil && !errors.Is(err, errBack) {
			return err
		}
		if yes {
			return errors.Join(m.end(ctx), m.exit())
		}
	}
	m.tellWaysOn(report)
	return m.exit()
}

// brokenOff says how to go on after a cancelled run.
func (m *migration) brokenOff(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, errCancelled) {
		m.app.tell(m.app.errOut, signWarn, "Broken off. Go on with bbconnect migrate --resume, or put everything back with bbconnect migrate --undo.")
	}
	return err
}

func (m *migration) tellWaysOn(r model.MigrationReport) {
	a := m.app
	if r.State == "done" {
		a.tell(a.errOut, "", "The old values are kept. bbconnect migrate --confirm deletes them, bbconnect migrate --undo puts everything back.")
		return
	}
	a.tell(a.errOut, signWarn, "Not everything was replaced. Mend what failed and go on with bbconnect migrate --resume, or put everything back with bbconnect migrate --undo.")
}

// end confirms.
func (m *migration) end(ctx context.Context) error {
	err := m.watched(func(progress func(flow.Step)) error { return m.under.Confirm(ctx, progress) })
	if err == nil {
		m.app.tell(m.app.errOut, signPass, "Confirmed: the old values are deleted.")
	}
	return err
}

// exit is the run's result: 1 where a group was refused or a connector waits.
func (m *migration) exit() error {
	if len(m.refused) > 0 || m.under != nil && (!m.under.Done() || m.under.Report().Count(model.MemberForced) > 0) {
		return failedError{code: exitFailed}
	}
	return nil
}

// nothingToApply ends a run in which no group got a credential.
func (m *migration) nothingToApply() error {
	if len(m.refused) > 0 {
		m.app.tell(m.app.errOut, signFail, "Nothing was changed.")
		return failedError{code: exitFailed}
	}
	return errCancelled
}

// concerned counts the connectors of the groups that go ahead.
func (m *migration) concerned() int {
	seen := map[string]bool{}
	for _, g := range m.plan.Groups {
		if _, ok := m.with[g.Name]; !ok {
			continue
		}
		for _, member := range g.Members {
			seen[member.ID()] = true
		}
	}
	return len(seen)
}

// decide asks what becomes of connectors whose test failed, or does what
// --on-failure says; again says that some are to be tested once more.
func (m *migration) decide(ctx context.Context) (again bool, err error) {
	a := m.app
	for _, member := range m.under.Undecided() {
		a.tell(a.errOut, signFail, member.Name+" ("+member.ID+") did not pass.")
		if member.Problem != nil && !a.json {
			a.printProblem(a.errOut, member.Problem)
		}
		decision := model.MemberDecision(m.flags.onFailure)
		if m.flags.onFailure == "stop" {
			if m.flags.yes || !a.canAsk() {
				continue
			}
			if decision, err = m.askDecision(ctx, member); err != nil {
				return false, err
			}
		}
		if decision == "" {
			continue
		}
		err := m.under.Decide(ctx, member.ID, decision)
		if p, ok := model.AsProblem(err); ok {
			a.tell(a.errOut, signFail, p.What+" "+p.Fix)
			continue
		}
		if err != nil {
			return false, err
		}
		again = again || decision == model.DecideRetry
	}
	return again, nil
}

func (m *migration) askDecision(ctx context.Context, member model.MigratedMember) (model.MemberDecision, error) {
	text, err := m.app.choose(ctx, prompt{label: "What becomes of " + clean(member.Name), help: "Until you decide, none of the connectors of its secret is changed."},
		choice{string(model.DecideRetry), "retry", "test it again"},
		choice{string(model.DecideForce), "go on", "it gets the new value all the same"},
		choice{string(model.DecideLeave), "leave", "it stays on the old value, which is kept under another name for it"},
		choice{"wait", "wait", "leave its secret as it is for now"})
	if text == "wait" {
		text = ""
	}
	return model.MemberDecision(text), err
}

// watched runs a long part with its progress in the last line of a terminal, and
// with a line a step elsewhere.
func (m *migration) watched(part func(progress func(flow.Step)) error) error {
	a := m.app
	if a.draws() && !a.json {
		var now flow.Step
		begun := time.Now()
		line, done := a.drawing(func() string { return stepText(now, time.Since(begun)) })
		defer done()
		return part(func(s flow.Step) { line.update(func() { now = s }) })
	}
	return part(func(s flow.Step) {
		switch {
		case a.json && s.Tested != nil:
			_ = a.writeJSONLine(eventJSON{Event: "test", Test: m.testOf(s)})
		case a.json, s.Tested == nil:
		case s.Tested.Err != nil:
			a.tell(a.errOut, signFail, s.Name+" could not be tested.")
		default:
			a.tell(a.errOut, verdictSign(s.Tested.Result.Verdict), s.Name+" "+testedText(s.Tested.Result)+".")
		}
	})
}

// testOf is a test in the form of the contract.
func (m *migration) testOf(s flow.Step) *testResultJSON {
	v := testJSON(s.Tested.Result)
	if s.Tested.Err != nil {
		p, _ := untestable(s.Tested.Err)
		v.Verdict, v.Problem, v.StartedAt = model.VerdictFail, p, m.app.now().UTC().Format(time.RFC3339)
	}
	return &v
}

// testedText is what became of one test, with the first thing there is to know.
func testedText(r model.TestResult) string {
	switch r.Verdict {
	case model.VerdictPass:
		return "passed"
	case model.VerdictWarn:
		if r.Problem != nil {
			return "passed, with a warning: " + strings.TrimSuffix(clean(r.Problem.What), ".")
		}
		return "passed, with a warning"
	case model.VerdictUnreachable:
		return "got no connection"
	}
	return "did not pass"
}

func verdictSign(v model.Verdict) sign {
	switch v {
	case model.VerdictPass:
		return signPass
	case model.VerdictWarn:
		return signWarn
	case model.VerdictUnreachable:
		return signNone
	}
	return signFail
}

// stepText is one line of progress.
func stepText(s flow.Step, elapsed time.Duration) string {
	doing := map[string]string{"store": "Storing new values", "test": "Testing", "apply": "Replacing", "undo": "Putting back", "confirm": "Deleting old values"}[s.What]
	if doing == "" {
		return ""
	}
	return strings.TrimRight(fmt.Sprintf("%s  %d of %d  %s  %s", doing, s.Done, s.Total, elapsed.Truncate(time.Second), clean(s.Name)), " ")
}
