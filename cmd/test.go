package cmd

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"bbconnect/internal/document"
	"bbconnect/internal/flow"
	"bbconnect/keystore"
	"bbconnect/model"
)

// testFlags are the flags of a live test.
type testFlags struct {
	all        bool
	file       string
	secrets    []string
	jobs       int
	timeout    time.Duration
	caFile     string
	hostKeys   []string
	knownHosts string
	via        string
}

func newTest(a *app) *cobra.Command {
	f := testFlags{jobs: 8}
	c := &cobra.Command{
		Use: "test [ID…] | --all | -f FILE", Short: "Prove connectors with a live test that names the cause of a failure",
		Long: `Test connectors live: git and the REST API are asked side by side, with the
connector's own credentials. Nothing is written at Bitbucket and nobody but the
connector's own hosts is contacted. With -f a document is tested that is not
saved; with --secret its values are given, and no keystore is needed.`,
		Example: `  bbconnect test payments
  bbconnect test --all --json
  bbconnect test -f connector.yaml --secret account.bb_token=env:BB_TOKEN`,
		ValidArgsFunction: a.completeConnectors,
		RunE:              func(c *cobra.Command, args []string) error { return a.runTest(c.Context(), args, f) },
	}
	fl := c.Flags()
	fl.BoolVar(&f.all, "all", false, "test every saved connector")
	fl.StringVarP(&f.file, "file", "f", "", "test the connector in this document (- for standard input)")
	fl.StringArrayVar(&f.secrets, "secret", nil, "give a secret for this run: ref=source, as account.bb_token=env:BB_TOKEN (may be repeated)")
	fl.IntVar(&f.jobs, "jobs", f.jobs, "how many connectors to test at a time")
	fl.DurationVar(&f.timeout, "timeout", 0, "give up on a connector after this long (default 15s)")
	fl.StringVar(&f.caFile, "ca-file", "", "trust the certificate authorities in this PEM file too")
	fl.StringArrayVar(&f.hostKeys, "host-key", nil, "accept the SSH host key with this SHA256:… fingerprint for this run (may be repeated)")
	fl.StringVar(&f.knownHosts, "known-hosts", "", "trust the SSH host keys in this file too")
	fl.StringVar(&f.via, "via", "", "")
	_ = fl.MarkHidden("via")
	complete(c, map[string]completer{
		"secret": a.completeValue, "jobs": cobra.NoFileCompletions, "timeout": cobra.NoFileCompletions,
		"host-key": cobra.NoFileCompletions, "via": cobra.NoFileCompletions,
	})
	return c
}

// target is one connector to test.
type target struct {
	connector model.Connector
	saved     bool
}

func (a *app) runTest(ctx context.Context, ids []string, f testFlags) error {
	switch {
	case f.via != "":
		return notInThisVersion("test --via")
	case f.jobs < 1:
		return usage("Write --jobs 8, for example.", "--jobs wants a number above 0.")
	case f.timeout < 0:
		return usage("Write --timeout 30s, for example.", "--timeout wants a time above 0.")
	}
	if err := a.connect(); err != nil {
		return err
	}
	a.jobs.Tester = a.tester(a, f)
	targets, err := a.targets(ctx, ids, f)
	if err != nil {
		return err
	}
	given, err := a.givenValues(ctx, f.secrets)
	if err != nil {
		return err
	}
	if len(targets) == 0 {
		a.tell(a.errOut, "", "There is no connector to test.")
	}
	many := len(targets) > 1 || f.all
	if many {
		defer roomForTests(a.getenv)()
	}
	return a.printTests(ctx, a.testTargets(a.asking(ctx), targets, given, f, many), many)
}

// printTests prints results as they come and remembers the worst. A connector
// that could not even be tested, for want of a secret, has failed with that
// problem and keeps no other from being tested.
func (a *app) printTests(ctx context.Context, results <-chan tested, many bool) error {
	worst := exitDone
	for r := range results {
		if ctx.Err() != nil {
			continue
		}
		if r.err != nil {
			p, ok := untestable(r.err)
			if !many || !ok {
				return r.err
			}
			r.result = model.TestResult{Connector: r.result.Connector, Verdict: model.VerdictFail, StartedAt: a.now(), Problem: p}
			worst = max(worst, exitCode(r.err))
		}
		if err := a.printTest(r.result, many); err != nil {
			return err
		}
		if !flow.Passed(r.result.Verdict) {
			worst = max(worst, exitFailed)
		}
	}
	if ctx.Err() != nil {
		return errCancelled
	}
	if worst != exitDone {
		return failedError{code: worst}
	}
	return nil
}

// untestable is why a connector could not be tested, where that is its own
// trouble and not that of the run.
func untestable(err error) (*model.Problem, bool) {
	if p, ok := model.AsProblem(err); ok {
		return p, true
	}
	if !errors.Is(err, keystore.ErrNotFound) && !errors.Is(err, flow.ErrNoSecret) {
		return nil, false
	}
	_, what, why, fix := describeError(err)
	return &model.Problem{Code: "cred.missing", What: what, Why: why, Fix: fix}, true
}

// targets are the connectors that the arguments name.
func (a *app) targets(ctx context.Context, ids []string, f testFlags) ([]target, error) {
	switch {
	case f.file != "" && (len(ids) > 0 || f.all), f.all && len(ids) > 0:
		return nil, usage("Give one of them.", "-f, IDs and --all exclude each other.")
	case f.file != "":
		data, err := a.readInput(f.file)
		if err != nil {
			return nil, err
		}
		entries, err := document.Read(data)
		if err != nil {
			return nil, inFile(f.file, err)
		}
		var out []target
		for _, e := range entries {
			name := entryPlace(f.file, e, len(entries) > 1)
			if err := usable(name, e); err != nil {
				return nil, err
			}
			for _, bad := range model.ValidateConnector(e.Connector, model.World{Now: a.now()}) {
				if bad.Severity == model.SeverityError && !testable(bad.Code) {
					return nil, inFile(name, findingProblem(bad))
				}
			}
			out = append(out, target{connector: e.Connector})
		}
		return out, nil
	case f.all:
		saved, _, err := a.jobs.Library.List(ctx)
		if err != nil {
			return nil, err
		}
		var out []target
		for _, s := range saved {
			out = append(out, target{connector: s.Connector, saved: true})
		}
		return out, nil
	case len(ids) == 0:
		return nil, usage("bbconnect test ID, --all, or -f FILE.", "Which connector shall be tested?")
	}
	var out []target
	for _, id := range ids {
		s, err := a.jobs.Library.Get(ctx, a.key(id))
		if err != nil {
			return nil, err
		}
		out = append(out, target{connector: s.Connector, saved: true})
	}
	return out, nil
}

// testable findings are errors of a document that the live test explains
// better: it is run all the same.
func testable(code string) bool { return code == "kind.app-password" || code == "token.expired" }

// givenValues reads --secret REF=SOURCE.
func (a *app) givenValues(ctx context.Context, flags []string) (flow.Values, error) {
	values := flow.Values{}
	for _, s := range flags {
		ref, source, ok := splitAnswer(s)
		if !ok {
			return nil, usage("Write --secret account.bb_token=env:BB_TOKEN, for example.", "--secret wants REF=SOURCE.")
		}
		v, err := a.readSource(ctx, source, ref)
		if err != nil {
			return nil, err
		}
		values[model.SecretRef(ref)] = v
	}
	return values, nil
}

type tested struct {
	result model.TestResult
	err    error
}

// testTargets tests several connectors at a time and yields the results as they
// come.
func (a *app) testTargets(ctx context.Context, targets []target, given flow.Values, f testFlags, many bool) <-chan tested {
	out := make(chan tested, len(targets)) // whoever stops reading holds nobody up
	queue := make(chan target)
	report := a.reportChecks()
	if many {
		report = func(model.Check) {}
	}
	adjust := func(r *model.TestRequest) {
		if f.caFile != "" {
			r.CAFile = f.caFile
		}
		r.HostKeys, r.Timeout = f.hostKeys, f.timeout
	}
	var workers sync.WaitGroup
	for range min(max(f.jobs, 1), max(len(targets), 1)) {
		workers.Go(func() {
			for t := range queue {
				var r tested
				if t.saved {
					r.result, r.err = a.jobs.TestSaved(ctx, t.connector.Key(), given, adjust, report)
				} else {
					r.result, r.err = a.jobs.TestConnector(ctx, t.connector, given, adjust, report)
				}
				r.result.Connector = t.connector.Key()
				out <- r
			}
		})
	}
	go func() {
		for _, t := range targets {
			queue <- t
		}
		close(queue)
		workers.Wait()
		close(out)
	}()
	return out
}

// printTest prints one result: the object of the contract, one line when there
// are many, or the verdict's card.
func (a *app) printTest(r model.TestResult, many bool) error {
	switch {
	case a.json && many:
		return a.writeJSONLine(testJSON(r))
	case a.json:
		return a.writeJSON(testJSON(r))
	case many:
		line := a.verdictMark(r.Verdict) + " " + r.Connector
		if r.Problem != nil {
			line += "   " + clean(r.Problem.What) + " (" + r.Problem.Code + ")"
		}
		fmt.Fprintln(a.out, line)
		return nil
	}
	a.printVerdict(r)
	return nil
}

// printVerdict prints the outcome of one test for people, with the problem to
// mend first.
func (a *app) printVerdict(r model.TestResult) {
	words := map[model.Verdict]string{
		model.VerdictPass: "The connector works.", model.VerdictWarn: "The connector works, with a warning.",
		model.VerdictFail: "The connector does not work.", model.VerdictUnreachable: "This machine cannot reach the server; the delegate may.",
	}
	mark := a.verdictMark(r.Verdict)
	if a.words {
		mark += ":"
	}
	fmt.Fprintf(a.errOut, "\n%s %s\n", mark, words[r.Verdict])
	if r.Problem != nil {
		a.printProblem(a.errOut, r.Problem)
	}
	a.printFindings(a.errOut, r.Notes)
}

// checkLine is one ended check on one line.
func (a *app) checkLine(c model.Check) string {
	mark := map[model.CheckStatus]sign{model.CheckPass: signPass, model.CheckWarn: signWarn, model.CheckFail: signFail, model.CheckSkip: signNone}[c.Status]
	right := fmt.Sprintf("%d ms", c.Duration.Milliseconds())
	if c.Status == model.CheckSkip {
		right = clean(c.Detail)
		if right == "" {
			right = "not tried"
		}
	}
	if a.words {
		words := map[model.CheckStatus]string{model.CheckPass: "passed", model.CheckWarn: "warning", model.CheckFail: "failed", model.CheckSkip: "skipped"}
		return fmt.Sprintf("%s: %s, %s", words[c.Status], clean(c.Title), right)
	}
	return fmt.Sprintf(" %s %-50s %s", mark, clean(c.Title), right)
}
