package steps

import (
	"context"
	"testing"

	"bbconnect/model"
)

// scripted answers the live tests one after the other.
func scripted(runs ...func(context.Context, model.TestRequest, func(model.Check)) model.TestResult) func(*fakes) {
	return func(f *fakes) { f.tester.script = runs }
}

func TestEnterPutsTheRemedyInAndTestsAgain(t *testing.T) {
	t.Parallel()
	inTheWizard(t, scripted(failing(needsUsername()), passes), func(p *person) {
		p.fillsUpToTest().presses("enter")
		p.sees("git was given an email address", "cred.needs-username", "enter use jdoe and test again", "e edit Credentials", "s save anyway")
		p.presses("enter").sees("The connector works.")
		if reqs := p.at.tester.requests; len(reqs) != 2 || reqs[1].Username != "jdoe" {
			t.Errorf("%d tests", len(reqs))
		}
	})
}

func TestEditLeadsToTheFieldTheProblemNames(t *testing.T) {
	t.Parallel()
	inTheWizard(t, scripted(failing(needsUsername())), func(p *person) {
		p.fillsUpToTest().presses("enter", "e").sees("● Credentials").presses("right").types("x").sees(model.UserAPIToken + "x")
	})
}

func TestEachAnswerOfTheReviewLeadsToItsField(t *testing.T) {
	t.Parallel()
	inTheWizard(t, nil, func(p *person) {
		p.fillsUpToTest()
		for _, q := range model.AllQuestions(p.wizard().draft, p.wizard().world) {
			test := p.wizard().page.(*testPage)
			if !test.review.Select(string(q.ID)) {
				continue
			}
			p.presses("e")
			if got := p.wizard().page.(interface{ focused() model.QuestionID }).focused(); got != q.ID {
				t.Errorf("e on %s leads to %s", q.ID, got)
			}
			for p.wizard().step != model.StepTest {
				p.presses("ctrl+n")
			}
		}
	})
}

func (p *formPage) focused() model.QuestionID { return model.QuestionID(p.form.Focused()) }

func TestEnterOnTheReviewLeadsToTheFirstError(t *testing.T) {
	t.Parallel()
	inTheWizard(t, nil, func(p *person) {
		p.presses("ctrl+n", "ctrl+n", "ctrl+n", "ctrl+n", "ctrl+n").sees("● Test", "enter edit this answer").doesNotSee("enter test")
		p.presses("s").sees("Not saved: A connector needs a name.")
		p.presses("enter").sees("● Overview", "A connector needs a name.")
	})
}

// TestTheReviewSaysWhatTheSavedAddressWasMadeOf: the address is shown as it will be
// saved, so that a finding about another one names that.
func TestTheReviewSaysWhatTheSavedAddressWasMadeOf(t *testing.T) {
	t.Parallel()
	inTheWizard(t, nil, func(p *person) {
		p.resizes(120, 40)
		p.types("Payments").presses("ctrl+n").pastes("https://bitbucket.org/acme/ledger/src/main/").presses("ctrl+n", "ctrl+n", "ctrl+n", "ctrl+n")
		p.sees("! https://bitbucket.org/acme/ledger.git", "https://bitbucket.org/acme/ledger/src/main/", "was typed. This is a browser page.")
	})
}

func TestEnterOnAnAnswerOpensItAndEscLeadsBackToTheReview(t *testing.T) {
	t.Parallel()
	inFrontOfHome(t, withLedger, func(p *person) {
		p.presses("enter").sees("Edit · Payments ledger", "› Run the test", "enter test")
		p.presses("down", "down", "down").sees("enter edit this answer").presses("enter").sees("● Overview", "esc all answers")
		p.types(",nightly").presses("esc").sees("● Test", "team:payments,nightly", "was team:payments")
		p.presses("t").sees("The connector works.").presses("enter").sees("is saved")
	})
}

func TestWhoWentOnPageByPageComesToTheTestRatherThanToTheAnswerChangedBefore(t *testing.T) {
	t.Parallel()
	inFrontOfHome(t, withLedger, func(p *person) {
		p.presses("enter", "down", "enter").sees("● Overview").types(" too")
		p.presses("ctrl+n", "ctrl+n", "ctrl+n", "ctrl+n", "ctrl+n").sees("› Run the test", "enter test")
	})
}

func TestTheReviewShowsWhatWasSavedBesideWhatChanged(t *testing.T) {
	t.Parallel()
	inFrontOfHome(t, withLedger, func(p *person) {
		p.presses("enter").doesNotSee("was ")
		p.presses("down", "enter").sees("● Overview").presses("ctrl+u").types("Ledger of payments").presses("esc")
		p.sees("Ledger of payments", "was Payments ledger", "enter edit this answer")
		p.presses("enter", "ctrl+u").types("Payments ledger").presses("esc").doesNotSee("was Payments ledger")
	})
}

func TestAChangeToSSHIsFollowedByTheOtherAnswersAndSaysSo(t *testing.T) {
	t.Parallel()
	inFrontOfHome(t, withLedger, func(p *person) {
		p.presses("enter").sees("enter test")
		for range 7 {
			p.presses("down")
		}
		p.sees("› Connection type").presses("enter").sees("● Details").presses("right")
		p.sees("git@bitbucket.org:acme/ledger.git", "Set aside: Secret,", "Username", "● SSH")
		p.resizes(100, 60).presses("esc").sees("● Test", "was HTTP", "was account.ledger_token", "Set aside: no longer applies", "account.Payments_ledger_ssh_k")
		p.presses("up", "enter").sees("● SSH")
		p.presses("left").sees("https://bitbucket.org/acme/ledger.git")
		p.presses("esc").sees("account.ledger_token", "x-bitbucket-api-token-auth").doesNotSee("was ", "Set aside")
	})
}

func TestAnAnswerThatCannotBeSavedIsShownBeforeTheTestRuns(t *testing.T) {
	t.Parallel()
	inFrontOfHome(t, withLedger, func(p *person) {
		p.presses("enter", "down", "enter", "ctrl+u", "esc").presses("t").sees("A connector needs a name.", "enter edit this answer").doesNotSee("The connector works.")
	})
}

func TestAHostKeyIsAcceptedAndTheTestRunsAgain(t *testing.T) {
	t.Parallel()
	unknown := model.Problem{
		Code: "ssh.host-key-unknown", What: "The server's key is not known.", Why: "Nobody accepted it here.", Fix: "Compare SHA256:canary.",
		HostKey: &model.HostKey{Address: "git.acme-corp.com:7999", Fingerprint: "SHA256:canary"},
	}
	inTheWizard(t, scripted(failing(unknown), passes), func(p *person) {
		p.fillsUpToTest().presses("enter").sees("a accept this host key").presses("a").sees("The connector works.")
		if len(p.at.library.accepted) != 1 || p.at.library.accepted[0].Fingerprint != "SHA256:canary" {
			t.Errorf("accepted: %+v", p.at.library.accepted)
		}
	})
}

func TestSavingWithoutAPassedTestAsksFirst(t *testing.T) {
	t.Parallel()
	inTheWizard(t, scripted(failing(needsUsername())), func(p *person) {
		p.fillsUpToTest().presses("s").sees("It was not tested.").presses("n").sees("enter test")
		p.presses("enter", "s").sees("Its test failed.").presses("enter").sees("git was given an email address")
		p.presses("s", "y").sees("is saved as Payments", "Its test failed: git was given an email address")
		if r := p.at.library.connectors["Payments"].LastTest; r == nil || r.Verdict != model.VerdictFail {
			t.Errorf("remembered as %+v", r)
		}
	})
}

func TestEscCancelsARunningTestAndLeavingDoesToo(t *testing.T) {
	t.Parallel()
	inTheWizard(t, scripted(hanging), func(p *person) {
		p.fillsUpToTest().presses("enter").sees("Reach the server", "running", "esc cancel the test")
		p.presses("esc").sees("enter test")
		p.presses("enter").sees("running").presses("ctrl+c", "y").settle()
		if p.at.tester.cancelled != 2 {
			t.Errorf("%d runs saw that they were cancelled", p.at.tester.cancelled)
		}
	})
}

func TestAChangeByAnotherIsSaidAndBothChangesAreKept(t *testing.T) {
	t.Parallel()
	inFrontOfHome(t, withLedger, func(p *person) {
		p.presses("enter").sees("Edit · Payments ledger")
		p.wizard().jump(model.QDescription)
		p.settle()
		p.types("mine").presses("ctrl+n", "ctrl+n", "ctrl+n", "ctrl+n", "ctrl+n", "enter").sees("The connector works.")
		theirs := p.at.library.connectors["Payments_ledger"]
		theirs.Connector.Tags = []model.Tag{{Key: "theirs"}}
		theirs.Revision = "newer"
		p.at.library.connectors["Payments_ledger"] = theirs
		p.presses("enter").sees("Nothing was overwritten.", "Description: was nothing, yours mine", "Tags: was team:payments, theirs theirs").presses("s").sees("The connector works.")
		p.presses("enter", "t").sees("It stands on the newest state", "mine", "theirs", "was not set")
		p.presses("enter").sees("The connector works.").presses("enter").sees("is saved as")
		if c := p.at.library.connectors["Payments_ledger"].Connector; c.Description != "mine" || model.FormatTags(c.Tags) != "theirs" {
			t.Errorf("%+v", c)
		}
	})
}

func TestWhereBothChangedAnAnswerThePersonChoosesWhich(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{"t": "mine", "b": "theirs", "d": "theirs"} {
		inFrontOfHome(t, withLedger, func(p *person) {
			p.presses("enter").sees("Edit · Payments ledger")
			p.wizard().jump(model.QDescription)
			p.settle()
			p.types("mine").presses("ctrl+n", "ctrl+n", "ctrl+n", "ctrl+n", "ctrl+n", "enter").sees("The connector works.")
			theirs := p.at.library.connectors["Payments_ledger"]
			theirs.Connector.Description, theirs.Revision = "theirs", "newer"
			p.at.library.connectors["Payments_ledger"] = theirs
			p.presses("enter").sees("Description: was nothing, yours mine, theirs theirs").presses(key).sees("It stands on the newest state")
			if got := p.wizard().draft.Answer(model.QDescription); got != want {
				t.Errorf("after %s it is %q, want %q", key, got, want)
			}
			if got := p.at.library.connectors["Payments_ledger"].Connector.Description; got != "theirs" {
				t.Errorf("something was saved: %q", got)
			}
		})
	}
}

func TestAKeystoreThatRefusesTheValueLosesNothing(t *testing.T) {
	t.Parallel()
	inTheWizard(t, nil, func(p *person) {
		p.fillsUpToTest().presses("enter")
		p.at.library.saveErr = &model.Problem{Code: "store.unwritable", What: "The disk is full.", Why: "Nothing is left.", Fix: "Make room."}
		p.presses("enter").sees("Not saved: The disk is full.", "Make room.").presses("enter").sees("The connector works.")
		if len(p.at.keys[model.WhereKeyring].values) != 0 || len(p.at.library.secrets) != 0 {
			t.Error("a part of the save was left behind")
		}
		p.at.library.saveErr = nil
		p.presses("enter").sees("is saved as Payments")
	})
}
