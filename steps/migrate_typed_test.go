package steps

import (
	"context"
	"testing"

	"bbconnect/model"
)

func TestWhatWasTypedForASecretIsThereAgainWhenItsFormIsOpenedAgain(t *testing.T) {
	t.Parallel()
	inFrontOfMigrate(t, withAppPasswords(2), func(p *person) {
		p.presses("enter").pastes(apiToken()).presses("tab").types("jdoe@acme-corp.com").presses("tab").types("6m")
		p.presses("esc").sees("– not verified").presses("enter").sees("Paste the API token", "•", "jdoe@acme-corp.com", "6m")
		p.presses("shift+tab", "shift+tab").sees("– not verified").presses("a").doesNotSee("Replace 1 secret")
		p.presses("ctrl+c").sees("Quit now?", "not stored yet").presses("esc")
		p.presses("esc").sees("Leave without applying", "1 new credential would have to be pasted again.").presses("n")
		p.presses("enter", "ctrl+n").sees("One token for all of jdoe").presses("n").sees("✓ API token")
		if got := p.at.tester.requests[0].Connector.API.Email.Plain; got != "jdoe@acme-corp.com" {
			t.Errorf("it was verified with the email %q", got)
		}
		p.presses("x").sees("was forgotten", "– not yet").presses("enter").sees("Paste the API token").doesNotSee("•", "6m")
		p.presses("esc").sees("– not yet").presses("esc").sees("6 connectors")
		p.presses("m", "enter").sees("Paste the API token").doesNotSee("•")
	})
}

func TestQuittingAsksInEveryStateOfATokenThatWasPasted(t *testing.T) {
	t.Parallel()
	inFrontOfMigrate(t, withAppPasswords(2), func(p *person) {
		p.at.tester.script = []func(context.Context, model.TestRequest, func(model.Check)) model.TestResult{hanging}
		p.givesToken().sees("Reach the server", "esc stop").presses("ctrl+c").sees("Quit now?", "The new credential is not stored yet.").presses("esc", "esc")
		p.sees("Paste the API token").presses("ctrl+c").sees("Quit now?").presses("esc")
		p.at.tester.script[0] = failing(model.Problem{Code: "cred.rejected", What: "The token was refused.", Why: "It is another one's.", Fix: "Look at it.", Field: model.QPassword})
		p.presses("ctrl+n").sees("The token was refused.").presses("ctrl+c").sees("Quit now?").presses("esc")
	})
}

func TestARefusedCredentialLeadsToTheFieldThatHidesIt(t *testing.T) {
	t.Parallel()
	for _, field := range []model.QuestionID{model.QPassword, model.QExpires, model.QAPIExpires, model.QUsername} {
		for _, key := range []string{"esc", "e"} {
			inFrontOfMigrate(t, func(f *fakes) {
				withAppPasswords(2)(f)
				f.tester.script[0] = failing(model.Problem{Code: "cred.rejected", What: "The token was refused.", Why: "It is another one's.", Fix: "Look at it.", Field: field})
			}, func(p *person) {
				p.givesToken().sees("The token was refused.").presses(key).sees("Paste the API token")
				p.presses("ctrl+u").pastes(apiToken()).sees("•", "jdoe@acme-corp.com", "1y")
			})
		}
	}
}

func TestTheFormSaysHowItIsVerifiedAndWhatItsKindLives(t *testing.T) {
	t.Parallel()
	inFrontOfMigrate(t, withAppPasswords(2), func(p *person) {
		p.presses("enter")
		for _, size := range [][2]int{{60, 16}, {80, 24}, {120, 40}} {
			p.resizes(size[0], size[1]).sees("ctrl+n verify")
		}
		p.resizes(100, 60).presses("tab").sees("ctrl+n verify").presses("f1").sees("Two-step verification comes first", "✓ read:repository:bitbucket").presses("esc")
		p.presses("tab", "f1").sees("An API token lives at most a year", "Two-step verification comes first").presses("esc")
	})
	inFrontOfSecrets(t, withSecrets, func(p *person) {
		p.presses("/").types("soon").presses("tab", "R").sees("HTTP access token").presses("tab").resizes(100, 60).presses("f1")
		p.sees("Empty when it does not end.").doesNotSee("An API token lives")
	})
}
