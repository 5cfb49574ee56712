package steps

import (
	"context"
	"testing"

	"bbconnect/model"
)

// behindOldDelegates makes every connector of jdoe's first secret go through a
// delegate that does not know Email and API token.
func behindOldDelegates(f *fakes) {
	withAppPasswords(2)(f)
	for _, id := range []string{"Service_00", "Service_01"} {
		s := f.library.connectors[id]
		s.Connector.Mode, s.Connector.DelegateVersion = model.ModeDelegate, "23.05.79311"
		f.library.connectors[id] = s
	}
}

func TestADelegateThatIsTooOldIsSaidBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	inFrontOfMigrate(t, behindOldDelegates, func(p *person) {
		p.givesToken().sees("does not know Email and API token", "api.delegate-version", "k use an access token instead")
		if n := len(p.at.tester.requests); n != 0 {
			t.Errorf("%d requests", n)
		}
		p.presses("k").sees("Paste the Access token").doesNotSee("•", "Email of the Atlassian account")
	})
}

func TestProblemsLeadToTheFieldTheyAreAbout(t *testing.T) {
	t.Parallel()
	for field, want := range map[model.QuestionID]string{model.QAPIEmail: "e mend the email", model.QPassword: "e paste another one", model.QUsername: "e back to the form"} {
		inFrontOfMigrate(t, func(f *fakes) {
			withAppPasswords(2)(f)
			f.tester.script[0] = failing(model.Problem{Code: "cred.rejected", What: "The token was refused.", Why: "It is another one's.", Fix: "Look at it.", Field: field})
		}, func(p *person) {
			p.givesToken().sees("The token was refused.", want)
			p.at.tester.script[0] = asUser("jdoe")
			p.presses("e").sees("Paste the API token")
			if field == model.QAPIEmail {
				p.presses("ctrl+u").types("jane@acme-corp.com").sees("jane@acme-corp.com").presses("ctrl+n")
			} else {
				p.presses("esc", "enter").sees("Paste the API token", "•", "jdoe@acme-corp.com").presses("tab", "ctrl+u").types("jane@acme-corp.com").presses("ctrl+n")
			}
			p.sees("One token for all of jdoe").presses("esc")
			if r := p.at.tester.requests[len(p.at.tester.requests)-1]; r.Connector.API.Email.Plain != "jane@acme-corp.com" {
				t.Errorf("tested with %q", r.Connector.API.Email.Plain)
			}
		})
	}
}

func TestOnlyWhatTheMarkedConnectorsUseIsPlanned(t *testing.T) {
	t.Parallel()
	inFrontOfHome(t, withAppPasswords(2), func(p *person) {
		p.presses("/").types("Builder").presses("tab", "space", "m").sees("1 connector, 1 secret", "account.ci_app").doesNotSee("jdoe")
		p.presses("esc").sees("1 marked")
	})
}

func TestAConnectorWithTwoSecretsIsAskedWhichToRotate(t *testing.T) {
	t.Parallel()
	inFrontOfHome(t, func(f *fakes) {
		withLedger(f)
		s := f.library.connectors["Payments_ledger"]
		s.Connector.API.TokenRef = "account.other_token"
		f.library.connectors["Payments_ledger"] = s
		_, info := ledger()
		info.Name, info.Expires = "account/other_token", today().AddDate(0, 0, 5)
		f.library.secrets = append(f.library.secrets, info)
		_ = f.keys[model.WhereKeyring].Set(context.Background(), info.Name, model.NewSecret(apiToken()))
	}, func(p *person) {
		p.sees("R rotate", "! 5 d").presses("R").sees("Which secret of Payments ledger", "account.ledger_token", "account.other_token").presses("esc").sees("1 connector")
		p.presses("R", "2").sees("New API token · account.other_token").presses("esc").sees("Rotate · account.other_token").presses("esc").sees("1 connector")
	})
}

func TestWhatWasBrokenOffIsFinishedTheWayItWasBegun(t *testing.T) {
	t.Parallel()
	for state, want := range map[model.MigrationState][2]string{
		model.MigrationUndoing:    {"z finishes that.", "c confirm"},
		model.MigrationConfirming: {"c finishes that.", "z undo"},
	} {
		inFrontOfMigrate(t, withAppPasswords(2), func(p *person) {
			p.givesToken().presses("n", "a", "y").sees("c confirm").presses("esc").sees("m shows it")
			p.at.journal.record.State = state
			p.presses("m", "enter").sees(want[0]).doesNotSee(want[1], "enter go on")
			if state == model.MigrationUndoing {
				p.presses("z", "y").sees("Taken back").presses("esc")
			} else {
				p.presses("c", "y").sees("Confirmed").presses("esc")
			}
			if p.at.journal.record != nil || p.at.journal.held {
				t.Error("the migration is still there")
			}
		})
	}
}

func TestAPlanThatCannotBeMadeSaysWhyAndIsTriedAgain(t *testing.T) {
	t.Parallel()
	inFrontOfMigrate(t, func(f *fakes) {
		withAppPasswords(2)(f)
		f.journal.readErr = &model.Problem{Code: "store.damaged", What: "The journal is torn.", Why: "Somebody edited it.", Fix: "Move it away."}
	}, func(p *person) {
		p.sees("The journal is torn.", "store.damaged", "r try again")
		p.at.journal.readErr = nil
		p.presses("r").sees("5 connectors, 3 secrets")
	})
}

func TestAListOfFailuresIsDecidedAtOnce(t *testing.T) {
	t.Parallel()
	inFrontOfMigrate(t, withAppPasswords(6), func(p *person) {
		p.givesToken().presses("n")
		p.at.tester.script = []func(context.Context, model.TestRequest, func(model.Check)) model.TestResult{failsFor("")}
		p.presses("a", "y").sees("6 connectors failed with the new value", "Service 00", "Service 05").doesNotSee("c confirm")
		p.presses("/").types("05").presses("tab").sees("Service 05").doesNotSee("Service 04").presses("esc", "*").sees("f go on anyway 6")
		p.presses("l").sees("1 secret of 1 replaced, 0 connectors passed, 6 left on the old value.")
	})
}
