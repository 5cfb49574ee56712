package cmd

import (
	"context"
	"errors"
	"fmt"
	"time"

	"bbconnect/internal/flow"
	"bbconnect/model"
)

// many tests several connectors, shows how far it is, and ends with the causes.
func (r *testRun) many(ctx context.Context, targets []flow.Target) error {
	results, err := r.round(ctx, targets)
	if err == nil {
		results, err = r.trustRounds(ctx, results)
	}
	cancelled := ctx.Err() != nil
	if err != nil && !cancelled {
		return err
	}
	if !r.app.json && len(results) > 0 {
		r.app.printCauses(flow.CausesOf(results, untestable))
	}
	if cancelled {
		return errCancelled
	}
	if err := r.offerCAFile(ctx, results); err != nil {
		return err
	}
	worst := exitDone
	for _, t := range results {
		switch {
		case t.Err != nil:
			worst = max(worst, exitCode(t.Err))
		case !flow.Passed(t.Result.Verdict):
			worst = max(worst, exitFailed)
		}
	}
	if worst != exitDone {
		return failedError{code: worst}
	}
	return nil
}

// round tests targets once. Results are printed as they come, but for those that
// a person may accept something for: they are tested again.
func (r *testRun) round(ctx context.Context, targets []flow.Target) ([]flow.Tested, error) {
	a := r.app
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var broken error
	many := flow.Many{
		Jobs: r.flags.jobs, PerHost: r.flags.perHost, Given: r.given, Adjust: r.adjust,
		Ended: func(t flow.Tested) {
			err := t.Err
			if _, own := untestable(err); err == nil || own {
				err = r.printEnded(t)
			}
			if err != nil && !errors.Is(err, flow.ErrNotTested) && broken == nil {
				broken = err
				stop()
			}
		},
	}
	if a.draws() {
		var p flow.Progress
		begun := time.Now()
		line, done := a.drawing(func() string {
			now := time.Now()
			return progressText(p, now.Sub(begun), now, a.errWidth())
		})
		defer done()
		many.Progress = func(now flow.Progress) { line.update(func() { p = now }) }
	}
	results, err := a.jobs.TestMany(ctx, targets, many)
	if broken != nil {
		return results, broken
	}
	return results, err
}

// printEnded prints one result of many: an object of the contract, or a line
// where no bar is drawn or the output goes to a file.
func (r *testRun) printEnded(t flow.Tested) error {
	a := r.app
	result := t.Result
	if t.Err != nil {
		p, _ := untestable(t.Err)
		result.Verdict, result.StartedAt, result.Problem = model.VerdictFail, a.now(), p
	}
	switch {
	case a.json:
		v := testJSON(result)
		v.Carried = t.Carried
		return a.writeJSONLine(v)
	case a.draws() && !a.outFile, r.mayAsk(t.Target, result):
		return nil
	}
	line := a.verdictMark(result.Verdict) + " " + result.Connector
	if result.Problem != nil {
		line += "   " + clean(result.Problem.What) + " (" + result.Problem.Code + ")"
	}
	_, err := fmt.Fprintln(a.out, line)
	return err
}

// trustRounds asks about the keys and certificates that kept connectors from
// passing, once each, and tests again what was accepted for.
func (r *testRun) trustRounds(ctx context.Context, results []flow.Tested) ([]flow.Tested, error) {
	for {
		var again []flow.Target
		var places []int
		accepted := map[string]bool{}
		for i, t := range results {
			if t.Err != nil || !r.app.canTrust() {
				continue
			}
			about := trustKey(t.Result.Problem)
			asked := accepted[about]
			if !asked {
				var err error
				if asked, err = r.askTrust(ctx, t.Target, t.Result); err != nil {
					return results, err
				}
			}
			if asked {
				accepted[about] = true
				again, places = append(again, t.Target), append(places, i)
			}
		}
		if len(again) == 0 {
			return results, nil
		}
		next, err := r.round(ctx, again)
		for i, t := range next {
			t.Index = places[i]
			results[places[i]] = t
		}
		if err != nil {
			return results, err
		}
	}
}
