package steps

import (
	"context"
	"strings"
	"testing"
	"time"

	"bbconnect/model"
)

// ending is a run that ends with a whole result.
func ending(change func(*model.TestResult)) func(context.Context, model.TestRequest, func(model.Check)) model.TestResult {
	return func(_ context.Context, req model.TestRequest, _ func(model.Check)) model.TestResult {
		r := model.TestResult{Connector: req.Connector.Key(), Verdict: model.VerdictFail, StartedAt: today(), Checks: checks(model.CheckFail)}
		change(&r)
		return r
	}
}

func severalMends(r *model.TestResult) {
	p := needsUsername()
	p.Mends = append(p.Mends, model.Mend{Field: model.QUsername, Value: model.UserAPIToken, Label: "use " + model.UserAPIToken})
	p.Page = "https://bitbucket.org/account/settings/"
	r.Problem, r.Checks[1].Problem = &p, &p
}

func unknownAuthority(r *model.TestResult) {
	r.Problem = &model.Problem{
		Code: "tls.unknown-ca", What: "This machine does not trust the certificate of git.acme-corp.com.",
		Why: "It was issued by Acme Issuing CA, which is a private authority.", Fix: "Compare the fingerprint with the one your administrator names, then trust it.",
		Authority: &model.Authority{
			Host: "git.acme-corp.com", Subject: "Acme Root CA", Issuer: "Acme Root CA", PEM: "PEM", Expires: time.Date(2031, 5, 1, 0, 0, 0, 0, time.UTC),
			Fingerprint: "SHA256:" + strings.TrimSuffix(strings.Repeat("AB:", 32), ":"),
		},
	}
	r.Checks[1].Problem = r.Problem
}

func unreachable(r *model.TestResult) {
	r.Verdict = model.VerdictUnreachable
	r.Problem = &model.Problem{
		Code: "net.dns", What: "There is no host git.acme-corp.com as far as this machine can tell.", Why: "The name is known only inside a network this machine is not in.",
		Fix: "The delegate may still reach it: run this on its host, or inside its pod.",
		Commands: []string{
			"curl -sS -o /dev/null -w '%{http_code}\\n' https://git.acme-corp.com/rest/api/1.0/application-properties",
			"git -c credential.helper= ls-remote https://git.acme-corp.com/scm/PAY/ledger.git HEAD",
		},
	}
	r.Checks[0].Status, r.Checks[0].Problem = model.CheckFail, r.Problem
}

func twoProblems(r *model.TestResult) {
	first := needsUsername()
	second := model.Problem{Code: "scope.missing", What: "The token lacks scopes: read:webhook:bitbucket.", Why: "Triggers need it.", Fix: "Make another token.", Field: model.QPassword}
	r.Problem, r.Checks[1].Problem = &first, &first
	r.Checks[3].Status, r.Checks[3].Problem = model.CheckFail, &second
	r.Rights = []model.Right{
		{Need: model.NeedGitExperience, Granted: []string{"read:repository:bitbucket"}},
		{Need: model.NeedTriggers, Missing: []string{"read:webhook:bitbucket", "write:webhook:bitbucket", "read:pullrequest:bitbucket"}},
	}
}

func passedWithNotes(r *model.TestResult) {
	r.Verdict, r.Checks = model.VerdictPass, checks(model.CheckPass)
	r.Rights = []model.Right{{Need: model.NeedTriggers, Granted: []string{"read:webhook:bitbucket"}}}
	r.Notes = model.Findings{
		{Code: "note.statuses", Severity: model.SeverityHint, Message: "Statuses missing in pull requests: look at the pipeline's codebase.", Fix: "It may use another connector."},
		{Code: "note.webhooks", Severity: model.SeverityHint, Message: "Webhooks need an administrator of the repository."},
	}
}

func TestGoldenVerdicts(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*model.TestResult){
		"verdict_mends": severalMends, "verdict_authority": unknownAuthority, "verdict_unreachable": unreachable,
		"verdict_two": twoProblems, "verdict_notes": passedWithNotes,
	} {
		inEveryTheme(t, name, func(t *testing.T, dress dress) {
			inTheWizard(t, dress(scripted(ending(change))), func(p *person) {
				p.fillsUpToTest().presses("enter").looksLike(name)
			})
		})
	}
}

func TestAFurtherRemedyIsChosenByItsNumber(t *testing.T) {
	t.Parallel()
	inTheWizard(t, scripted(ending(severalMends), passes), func(p *person) {
		p.fillsUpToTest().presses("enter").sees("enter use jdoe and test again", "2 use "+model.UserAPIToken, "o open the page")
		p.presses("2").sees("The connector works.")
		if reqs := p.at.tester.requests; len(reqs) != 2 || reqs[1].Username != model.UserAPIToken {
			t.Errorf("%+v", reqs)
		}
	})
}

func TestTheKeysOfACardOpenItsPageAndCopyItsCommands(t *testing.T) {
	t.Parallel()
	inTheWizard(t, scripted(ending(severalMends), ending(unreachable)), func(p *person) {
		p.fillsUpToTest().presses("enter", "o").sees("Opened https://bitbucket.org/account/settings/")
		if got := p.at.machine.opened; len(got) != 1 || got[0] != "https://bitbucket.org/account/settings/" {
			t.Errorf("opened %q", got)
		}
		p.presses("r").sees("– There is no host", "y copy the commands").presses("y").sees("Copied")
		if got := p.at.machine.copied; len(got) != 1 || strings.Count(got[0], "\n") != 2 || !strings.HasPrefix(got[0], "curl ") {
			t.Errorf("copied %q", got)
		}
	})
}

func TestAnAuthorityIsTrustedForItsHostAndTheTestRunsAgain(t *testing.T) {
	t.Parallel()
	inTheWizard(t, scripted(ending(unknownAuthority), passes), func(p *person) {
		p.fillsUpToTest().presses("enter").sees("Acme Root CA, until 2031-05-01", "SHA256:AB:AB", "a trust it for git.acme-corp.com")
		p.presses("a").sees("The connector works.")
		if got := p.at.library.trusted; len(got) != 1 || got[0].Host != "git.acme-corp.com" {
			t.Errorf("trusted %+v", got)
		}
	})
}

func TestEveryProblemFoundCanBeLookedAt(t *testing.T) {
	t.Parallel()
	inTheWizard(t, scripted(ending(twoProblems)), func(p *person) {
		p.fillsUpToTest().presses("enter").sees("git was given an email address", "1 of 2", "p next problem")
		p.presses("p").sees("The token lacks scopes", "2 of 2").doesNotSee("git was given an email address")
		p.presses("p").sees("git was given an email address")
	})
}

func TestWhatTheTokenMayDoIsShownWhenSomethingIsMissingOrAsked(t *testing.T) {
	t.Parallel()
	inTheWizard(t, scripted(ending(twoProblems), ending(passedWithNotes)), func(p *person) {
		p.resizes(80, 40)
		p.fillsUpToTest().presses("enter").sees("What the token's scopes allow", "needs read:webhook:bitbucket, write:webhook:bitbucket")
		p.presses("r").sees("The connector works.", "Good to know", "Webhooks need an administrator").doesNotSee("What the token's scopes allow")
		p.presses("w").sees("What the token's scopes allow").presses("w").doesNotSee("What the token's scopes allow")
	})
}

func TestTheTimeOfARunningCheckTicks(t *testing.T) {
	t.Parallel()
	inTheWizard(t, scripted(hanging), func(p *person) {
		clock := today()
		p.wizard().jobs.Now = func() time.Time { return clock }
		p.fillsUpToTest().presses("enter").sees("Reach the server", "running")
		clock = clock.Add(2500 * time.Millisecond)
		<-time.After(2 * everyTick) // the bubble has a time of its own
		p.settle()
		p.sees("2.5 s").presses("esc")
	})
}

func TestASavedConnectorsRemedyOpensTheWizardWithItPutIn(t *testing.T) {
	t.Parallel()
	inFrontOfHome(t, func(f *fakes) {
		withLedger(f)
		f.tester.script = []func(context.Context, model.TestRequest, func(model.Check)) model.TestResult{ending(severalMends)}
	}, func(p *person) {
		p.presses("t").sees("git was given an email address", "enter use jdoe in the wizard")
		p.presses("enter").sees("● Credentials", "jdoe")
		if got := p.wizard().draft.Answer(model.QUsername); got != "jdoe" {
			t.Errorf("the username is %q", got)
		}
		if saved := p.at.library.connectors["Payments_ledger"].Connector; saved.Username.Plain != model.UserAPIToken {
			t.Errorf("saved before it was saved: %+v", saved.Username)
		}
	})
}

func TestALimitToldByGitAndTheRESTAPIIsOneProblemWithOneTime(t *testing.T) {
	t.Parallel()
	limited := func(r *model.TestResult) {
		first := model.Problem{
			Code: "net.rate-limited", What: "bitbucket.org takes no more requests for now.", Why: "The limit is used up.",
			Fix: "Wait 42 s, then test again. Use fewer connectors on one account.", WaitSeconds: 42,
		}
		second := first
		second.What = "api.bitbucket.org takes no more requests for now."
		r.Problem, r.Checks[1].Problem = &first, &first
		r.Checks[2].Status, r.Checks[2].Problem = model.CheckFail, &second
	}
	inTheWizard(t, scripted(ending(limited)), func(p *person) {
		p.fillsUpToTest().presses("enter").sees("test again in 42 s", "Use fewer connectors").doesNotSee("1 of 2", "Wait 42 s")
		p.settlesFor(2 * time.Second).sees("test again in 40 s").doesNotSee("42 s")
	})
}
