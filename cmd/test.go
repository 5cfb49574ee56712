package cmd

import (
	"context"
	"errors"
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
	perHost    int
	timeout    time.Duration
	caFile     string
	hostKeys   []string
	knownHosts string
	via        string
}

func newTest(a *app) *cobra.Command {
	f := testFlags{jobs: flow.DefaultJobs}
	c := &cobra.Command{
		Use: "test [ID…] | --all | -f FILE", Short: "Prove connectors with a live test that names the cause of a failure",
		Long: `Test connectors live: git and the REST API are asked side by side, with the
connector's own credentials. Nothing is written at Bitbucket and nobody but the
connector's own hosts is contacted. With -f a document is tested that is not
saved; with --secret its values are given, and no keystore is needed.

Several connectors are tested at a time, a bounded number of them on one host; a
server that asks to be left alone is. The summary names every cause once. On a
terminal an unknown host key or certificate authority is asked about; with nobody
to ask, it fails the test.`,
		Example: `  bbconnect test payments
  bbconnect test --all --json
  bbconnect test -f connector.yaml --secret account.bb_token=env:BB_TOKEN`,
		ValidArgsFunction: a.completeConnectors,
		RunE: func(c *cobra.Command, args []string) error {
			if !c.Flags().Changed("per-host") {
				f.perHost = f.jobs // who asks for more at a time means it for one host too
			}
			return a.runTest(c.Context(), args, f)
		},
	}
	fl := c.Flags()
	fl.BoolVar(&f.all, "all", false, "test every saved connector")
	fl.StringVarP(&f.file, "file", "f", "", "test the connector in this document (- for standard input)")
	fl.StringArrayVar(&f.secrets, "secret", nil, "give a secret for this run: ref=source, as account.bb_token=env:BB_TOKEN (may be repeated)")
	fl.IntVar(&f.jobs, "jobs", f.jobs, "how many connectors to test at a time")
	fl.IntVar(&f.perHost, "per-host", 0, "how many of them on one host, at most (default: as many as --jobs)")
	fl.BoolVarP(&a.verbose, "verbose", "v", false, "show every connector's name, and what the token's scopes allow; write a log as well")
	fl.DurationVar(&f.timeout, "timeout", 0, "give up on a connector after this long (default 15s)")
	fl.StringVar(&f.caFile, "ca-file", "", "trust the certificate authorities in this PEM file too")
	fl.StringArrayVar(&f.hostKeys, "host-key", nil, "accept the SSH host key with this SHA256:… fingerprint for this run (may be repeated)")
	fl.StringVar(&f.knownHosts, "known-hosts", "", "trust the SSH host keys in this file too")
	fl.StringVar(&f.via, "via", "", "")
	_ = fl.MarkHidden("via")
	complete(c, map[string]completer{
		"secret": a.completeValue, "jobs": cobra.NoFileCompletions, "per-host": cobra.NoFileCompletions, "timeout": cobra.NoFileCompletions,
		"host-key": cobra.NoFileCompletions, "via": cobra.NoFileCompletions,
	})
	return c
}

func (a *app) runTest(ctx context.Context, ids []string, f testFlags) error {
	switch {
	case f.via != "":
		return notInThisVersion("test --via")
	case f.jobs < 1:
		return usage("Write --jobs 8, for example.", "--jobs wants a number above 0.")
	case f.perHost < 1:
		return usage("Write --per-host 8, for example.", "--per-host wants a number above 0.")
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
	r := &testRun{app: a, flags: f, given: given, asked: map[string]bool{}}
	if len(targets) == 1 && !f.all {
		return r.one(a.asking(ctx), targets[0])
	}
	if len(targets) == 0 {
		a.tell(a.errOut, "", "There is no connector to test.")
	}
	defer a.heapRoom(roomForTests)()
	return r.many(a.asking(ctx), targets)
}

// testRun is one run of the command.
type testRun struct {
	app   *app
	flags testFlags
	given flow.Values
	// asked are the questions about keys and certificates that were answered.
	asked map[string]bool
}

// adjust puts the flags into a request.
func (r *testRun) adjust(req *model.TestRequest) {
	if r.flags.caFile != "" {
		req.CAFile = r.flags.caFile
	}
	req.HostKeys, req.Timeout = r.flags.hostKeys, r.flags.timeout
}

// one tests one connector, its checks shown as they run, and asks about what a
// person may accept.
func (r *testRun) one(ctx context.Context, t flow.Target) error {
	a := r.app
	for {
		result, err := r.oneTest(ctx, t)
		switch {
		case ctx.Err() != nil:
			return errCancelled
		case err != nil:
			return err
		case a.json:
			err = a.writeJSON(testJSON(result))
		default:
			a.printVerdict(result)
		}
		if err != nil {
			return err
		}
		accepted, err := r.askTrust(ctx, t, result)
		if err != nil {
			return err
		}
		if accepted {
			continue
		}
		if !flow.Passed(result.Verdict) {
			return failedError{code: exitFailed}
		}
		return r.offerCAFile(ctx, []flow.Tested{{Target: t, Result: result}})
	}
}

func (r *testRun) oneTest(ctx context.Context, t flow.Target) (result model.TestResult, err error) {
	report, done := r.app.watchChecks()
	defer done()
	key := t.Connector.Key()
	if t.Saved {
		result, err = r.app.jobs.TestSaved(ctx, key, r.given, r.adjust, report)
	} else {
		result, err = r.app.jobs.TestConnector(ctx, t.Connector, r.given, r.adjust, report)
	}
	result.Connector = key
	return result, err
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
func (a *app) targets(ctx context.Context, ids []string, f testFlags) ([]flow.Target, error) {
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
		var out []flow.Target
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
			out = append(out, flow.Target{Connector: e.Connector})
		}
		return out, nil
	case f.all:
		saved, damaged, err := a.jobs.Library.List(ctx)
		if err != nil {
			return nil, err
		}
		a.tellDamaged(damaged)
		var out []flow.Target
		for _, s := range saved {
			out = append(out, flow.Target{Connector: s.Connector, Saved: true})
		}
		return out, nil
	case len(ids) == 0:
		return nil, usage("bbconnect test ID, --all, or -f FILE.", "Which connector shall be tested?")
	}
	var out []flow.Target
	for _, id := range ids {
		s, err := a.jobs.Library.Get(ctx, a.key(id))
		if err != nil {
			return nil, err
		}
		out = append(out, flow.Target{Connector: s.Connector, Saved: true})
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
