package steps

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"bbconnect/model"
)

// fleet saves n connectors; every third one fails, one is not reached.
func fleet(n int) func(*fakes) {
	return func(f *fakes) {
		_, info := ledger()
		_ = f.library.PutSecret(context.Background(), info)
		f.keys[model.WhereKeyring].values = map[model.SecretName]model.Secret{info.Name: model.NewSecret(apiToken())}
		for i := range n {
			c, _ := ledger()
			c.Name, c.ID = fmt.Sprintf("Service %02d", i), fmt.Sprintf("service_%02d", i)
			f.library.put(c)
		}
		f.tester.script = []func(context.Context, model.TestRequest, func(model.Check)) model.TestResult{
			func(_ context.Context, req model.TestRequest, _ func(model.Check)) model.TestResult {
				r := model.TestResult{Connector: req.Connector.Key(), Verdict: model.VerdictPass, StartedAt: today()}
				switch {
				case strings.HasSuffix(req.Connector.ID, "3"):
					p := needsUsername()
					r.Verdict, r.Problem = model.VerdictFail, &p
				case req.Connector.ID == "service_05":
					r.Verdict = model.VerdictUnreachable
					r.Problem = &model.Problem{Code: "net.timeout", What: "git.acme-corp.com did not answer in time.", Why: "A firewall.", Fix: "Try it on the delegate's host."}
				}
				return r
			},
		}
	}
}

func TestAllShownAreTestedAndTheCausesCanBeWalked(t *testing.T) {
	t.Parallel()
	inFrontOfHome(t, fleet(24), func(p *person) {
		p.presses("T").sees("20 passed", "✗ git was given an email address", "cred.needs-username", "– git.acme-corp.com did not answer in")
		p.looksLike("test_all")
		p.presses("enter").sees("Service 03", "Service 13", "Service 23", "git signs in with the Bitbucket username").doesNotSee("Service 05")
		p.looksLike("test_all_cause")
		p.presses("enter").sees("Test · Service 03", "git was given an email address").presses("esc").sees("Service 13")
		p.presses("esc").sees("net.timeout").presses("esc").sees("24 connectors")
		for key, s := range p.at.library.connectors {
			if s.LastTest == nil {
				t.Errorf("the test of %s was not remembered", key)
			}
		}
	})
}

func TestOnlyWhatTheFilterShowsIsTested(t *testing.T) {
	t.Parallel()
	inFrontOfHome(t, fleet(24), func(p *person) {
		p.presses("/").types("Service 07").presses("tab", "T").sees("1 passed")
		for _, r := range p.at.tester.requests {
			if r.Connector.ID != "service_07" {
				t.Errorf("%s was tested too", r.Connector.ID)
			}
		}
	})
	inFrontOfHome(t, fleet(3), func(p *person) {
		p.presses("T").sees("3 passed").doesNotSee("failed").presses("enter").sees("3 connectors")
		if n := len(p.at.tester.requests); n != 3 {
			t.Errorf("%d tests", n)
		}
	})
}

func TestARunOverAllShowsItsProgressAndStops(t *testing.T) {
	t.Parallel()
	inFrontOfHome(t, func(f *fakes) {
		fleet(20)(f)
		f.tester.script = []func(context.Context, model.TestRequest, func(model.Check)) model.TestResult{hanging}
	}, func(p *person) {
		p.presses("T").sees("0 of 20", "0 failed", "esc stop")
		p.looksLike("test_all_running")
		<-time.After(3 * time.Second) // the bubble has a time of its own
		p.settle()
		p.presses("esc").sees("Stopped: 0 of 20 tested.").presses("esc").sees("20 connectors")
		p.settle()
		if p.at.tester.cancelled == 0 {
			t.Error("the run went on")
		}
	})
}

func TestATimeIsSaidInWords(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{0: "0 s", 59 * time.Second: "59 s", 61 * time.Second: "1 min 1 s", 2 * time.Hour: "120 min 0 s"} {
		if got := span(d); got != want {
			t.Errorf("%v: %q", d, got)
		}
	}
}

// endsFor lets the first n connectors pass and hangs on the rest.
func endsFor(n int) func(context.Context, model.TestRequest, func(model.Check)) model.TestResult {
	return func(ctx context.Context, req model.TestRequest, report func(model.Check)) model.TestResult {
		if req.Connector.ID < fmt.Sprintf("service_%02d", n) {
			return passes(ctx, req, report)
		}
		return hanging(ctx, req, report)
	}
}

func TestAStoppedRunShowsWhatItFoundSoFar(t *testing.T) {
	t.Parallel()
	inFrontOfHome(t, func(f *fakes) {
		fleet(20)(f)
		f.tester.script = []func(context.Context, model.TestRequest, func(model.Check)) model.TestResult{endsFor(3)}
	}, func(p *person) {
		p.presses("T").sees("3 of 20", "esc stop").presses("esc")
		p.sees("Stopped: 3 of 20 tested.", "3 passed, 17 not tested").doesNotSee("canceled", "✗").looksLike("test_all_stopped")
		if p.at.tester.cancelled == 0 {
			t.Error("the run went on")
		}
		p.presses("esc").sees("20 connectors").doesNotSee("Stopped")
	})
}
