package cmd

import (
	"context"
	"fmt"
	"slices"

	"bbconnect/internal/document"
	"bbconnect/internal/flow"
	"bbconnect/model"
)

// finish tests and saves a settled draft, and prints what came of it. asked,
// which may be nil, is asked whether to save a connector that failed its test.
func (a *app) finish(ctx context.Context, in filled, f answerFlags, asked func(context.Context) (bool, error)) error {
	if err := in.settled(); err != nil {
		return err
	}
	if f.dryRun {
		return a.printDraft(in.draft, in.world)
	}
	if f.noTest && asked == nil && !a.json {
		// Nothing else will say so: no form was shown, and no test is run.
		a.printFindings(a.errOut, warningsIn(model.Validate(in.draft, in.world)))
	}
	var err error
	if in.world, err = a.chooseKeystore(ctx, in, f.keystore); err != nil {
		return err
	}
	var record *model.TestRecord
	if !f.noTest {
		result, err := a.testDraft(ctx, in)
		if err != nil {
			return err
		}
		r := flow.Record(result)
		record = &r
		if !flow.Passed(result.Verdict) && !f.saveFailed {
			if save, err := maybe(ctx, asked); err != nil || !save {
				return a.notSaved(result, err)
			}
		}
	}
	saved, err := a.jobs.Save(a.asking(ctx), in.draft, in.world, record)
	if err != nil {
		return waysOn(err)
	}
	return a.printSaved(ctx, saved, in.draft, in.world)
}

// warningsIn are the findings that are worth a line though they hold nothing up.
func warningsIn(fs model.Findings) model.Findings {
	return slices.DeleteFunc(slices.Clone(fs), func(f model.Finding) bool { return f.Severity != model.SeverityWarning })
}

// testDraft tests a draft, and says how that went unless JSON is wanted.
func (a *app) testDraft(ctx context.Context, in filled) (model.TestResult, error) {
	report, done := a.watchChecks()
	result, err := a.jobs.TestDraft(a.asking(ctx), in.draft, in.world, report)
	done()
	switch {
	case err != nil:
		return result, err
	case ctx.Err() != nil:
		return result, errCancelled
	}
	result.Connector = model.Build(in.draft, in.world).Key()
	if !a.json {
		a.printVerdict(result)
	}
	return result, nil
}

func maybe(ctx context.Context, asked func(context.Context) (bool, error)) (bool, error) {
	if asked == nil {
		return false, nil
	}
	return asked(ctx)
}

// chooseKeystore proves the place for new secrets before any is stored, when the
// draft has some to store.
func (a *app) chooseKeystore(ctx context.Context, in filled, choice string) (model.World, error) {
	w := in.world
	if len(model.SecretWrites(in.draft, w)) == 0 && choice == "" {
		return w, nil
	}
	where, err := parseWhere(choice)
	if err != nil {
		return w, err
	}
	place, err := a.prove(ctx, where)
	if err != nil {
		return w, err
	}
	w.NewSecretsIn = place.Where
	return w, nil
}

// notSaved ends a run whose test did not pass.
func (a *app) notSaved(r model.TestResult, err error) error {
	if err != nil {
		return err
	}
	if a.json {
		if err := a.writeJSON(testJSON(r)); err != nil {
			return err
		}
	} else {
		a.tell(a.errOut, "", "Nothing was saved. --save-failed saves it all the same.")
	}
	return failedError{code: exitFailed}
}

// printSaved says what was saved and what to do with it in Harness; d and before
// are the draft it came from and the world until then.
func (a *app) printSaved(ctx context.Context, saved model.Saved, d model.Draft, before model.World) error {
	if a.json {
		return a.printConnectorJSON(ctx, saved)
	}
	a.tell(a.errOut, signPass, "Saved "+saved.Connector.Name+" ("+saved.Connector.Key()+").")
	secrets, err := a.jobs.Library.Secrets(ctx)
	if err != nil {
		return err
	}
	steps := flow.HandOverSaved(d, before, saved.Connector, secrets)
	a.tell(a.errOut, "", flow.HandOverTitle(d, steps))
	for i, step := range steps {
		a.tell(a.errOut, "", fmt.Sprintf("%d. %s", i+1, step.Text))
	}
	fmt.Fprintln(a.out, saved.Connector.Key())
	return nil
}

// printDraft shows what --dry-run would save.
func (a *app) printDraft(d model.Draft, w model.World) error {
	c := model.Build(d, w)
	for _, write := range model.SecretWrites(d, w) {
		a.tell(a.errOut, "", "Would store "+string(write.Info.Name.Ref())+".")
	}
	a.tell(a.errOut, "", "Nothing was tested and nothing saved.")
	if a.json {
		return a.writeView(model.Saved{Connector: c}, w)
	}
	data, err := document.Encode(c)
	if err != nil {
		return err
	}
	_, err = a.out.Write(data)
	return err
}
