package steps

import (
	"fmt"
	"testing"
	"time"

	"bbconnect/model"
)

func TestHomeListsWhatIsSavedAndWhatNeedsAttention(t *testing.T) {
	t.Parallel()
	inFrontOfHome(t, func(f *fakes) {
		withLedger(f)
		c, _ := ledger()
		c.Name, c.ID, c.API, c.Username, c.PasswordRef = "Payroll", "Payroll", model.APIAccess{Method: model.APIUsernameToken}, model.Login{Plain: "jdoe"}, "account.old"
		f.library.put(c)
		f.library.damaged = []model.Damaged{{Path: "connectors/torn.yaml", Problem: &model.Problem{What: "It is no YAML.", Fix: "Mend it by hand."}}}
	}, func(p *person) {
		p.sees("2 connectors", "1 needs attention", "Payments ledger", "acme/ledger", "✗ App Password", "– never", "364 d", "connectors/torn.yaml: It is no YAML. Mend it by hand.")
		p.presses("?").sees("Keys", "delete", "find", "test", "edit", "new", "quit").presses("esc")
	})
}

func TestFuzzySearchFindsAndTheSelectedOneOpensOnItsReviewWithTheIDLocked(t *testing.T) {
	t.Parallel()
	inFrontOfHome(t, func(f *fakes) {
		withLedger(f)
		for i := range 30 {
			c, _ := ledger()
			c.Name, c.ID = fmt.Sprint("Other ", i), fmt.Sprint("Other_", i)
			f.library.put(c)
		}
	}, func(p *person) {
		p.presses("/").types("pyldg").sees("1 of 31", "Payments ledger").presses("enter").sees("Edit · Payments ledger", "enter test")
		p.wizard().jump(model.QDescription)
		p.settle()
		p.sees("Payments_ledger   locked", "locked").types("new words").sees("changed")
		p.presses("ctrl+n", "ctrl+n", "ctrl+n", "ctrl+n", "ctrl+n", "enter", "enter").sees("is saved as Payments_ledger").presses("enter").sees("31 connectors")
		if got := p.at.library.connectors["Payments_ledger"].Connector.Description; got != "new words" {
			t.Errorf("saved with the description %q", got)
		}
	})
}

func TestASavedConnectorIsTestedAndItsProblemLeadsToItsField(t *testing.T) {
	t.Parallel()
	inFrontOfHome(t, func(f *fakes) {
		withLedger(f)
		scripted(passes, failing(needsUsername()))(f)
	}, func(p *person) {
		p.presses("t").sees("Test · Payments ledger", "The connector works.").presses("esc").sees("✓ just now")
		p.presses("t").sees("git was given an email address", "e edit Credentials").presses("e").sees("Edit · Payments ledger", "● Credentials")
		p.presses("esc", "esc", "esc").sees("1 need", "✗ just now")
	})
}

func TestDeletingSaysWhoElseUsesTheSecretsAndTakesOnlyItsOwn(t *testing.T) {
	t.Parallel()
	inFrontOfHome(t, func(f *fakes) {
		withLedger(f)
		c, _ := ledger()
		c.Name, c.ID = "Twin", "Twin"
		f.library.put(c)
	}, func(p *person) {
		p.presses("d").sees("Delete Payments ledger", "account.ledger_token is also used by Twin; it stays.").doesNotSee("only it uses")
		p.presses("n").sees("2 connectors").presses("d", "y").sees("Deleted Payments ledger.", "1 connector")
		p.presses("d").sees("Delete Twin", "delete it and the secret only it uses").presses("a").sees("No connectors yet")
		if len(p.at.library.secrets) != 0 || !p.at.keys[model.WhereKeyring].values["account/ledger_token"].IsZero() {
			t.Error("the secret nobody uses is still there")
		}
	})
}

func TestEveryUnfinishedConnectorIsReachableAndOneIsOfferedAtTheStart(t *testing.T) {
	t.Parallel()
	inFrontOfHome(t, func(f *fakes) {
		for _, name := range []string{"First", "Second", "Third"} {
			d := model.NewDraft().With(model.QName, name).With(model.QURL, "https://bitbucket.org/acme/"+name+".git")
			if _, err := f.library.SaveDraft(t.Context(), d); err != nil {
				t.Fatal(err)
			}
		}
	}, func(p *person) {
		p.sees("An unfinished connector: Third", "3 unfinished connectors in all").presses("l").sees("3 unfinished connectors", "u unfinished")
		p.presses("u").sees("First", "Second", "Third").presses("d").sees("Throw away Third").presses("y").sees("Thrown away.", "2 unfinished")
		p.presses("down", "enter").sees("New connector · First").presses("ctrl+n").sees("acme/First.git")
		p.presses("esc").types("!").presses("esc").sees("2 unfinished connectors")
		if names := p.at.draftNames(); len(names) != 2 || names[0] != "First!" {
			t.Errorf("drafts: %v", names)
		}
	})
}

func TestUnfinishedChangesAreLaidOverWhatIsSavedNow(t *testing.T) {
	t.Parallel()
	inFrontOfHome(t, withLedger, func(p *person) {
		p.presses("enter")
		p.wizard().jump(model.QDescription)
		p.settle()
		p.types("half").presses("esc").sees("1 unfinished")
		saved := p.at.library.connectors["Payments_ledger"]
		saved.Connector.TestRepository, saved.Connector.Tags, saved.Revision = "", []model.Tag{{Key: "theirs"}}, "newer"
		p.at.library.connectors["Payments_ledger"] = saved
		p.presses("t", "esc").presses("e").sees("Unfinished changes to Payments ledger").presses("g").sees("Edit · Payments ledger", "half", "theirs")
	})
}

// Mine was put over theirs in silence, and saved.
func TestUnfinishedChangesToWhatSomebodyElseChangedTooAreAConflict(t *testing.T) {
	t.Parallel()
	inFrontOfHome(t, withLedger, func(p *person) {
		p.presses("enter")
		p.wizard().jump(model.QDescription)
		p.settle()
		p.types("mine").presses("esc").sees("1 unfinished")
		saved := p.at.library.connectors["Payments_ledger"]
		saved.Connector.Description, saved.Revision = "theirs", "newer"
		p.at.library.connectors["Payments_ledger"] = saved
		p.presses("t", "esc").presses("e").sees("Unfinished changes to Payments ledger").presses("g").sees("Edit · Payments ledger", "mine")
		p.presses("s", "y").sees("It was changed by somebody else meanwhile", "mine", "theirs")
		if got := p.at.library.connectors["Payments_ledger"].Connector.Description; got != "theirs" {
			t.Errorf("it says %q now", got)
		}
	})
}

func TestADraftIsThrownAway(t *testing.T) {
	t.Parallel()
	inFrontOfHome(t, func(f *fakes) {
		_, _ = f.library.SaveDraft(t.Context(), model.NewDraft().With(model.QName, "Old"))
	}, func(p *person) {
		p.presses("t").sees("Deleted the draft.", "No connectors yet")
		if len(p.at.draftNames()) != 0 {
			t.Error("it is still there")
		}
	})
}

func TestAListThatCannotBeReadIsSaidAndTriedAgain(t *testing.T) {
	t.Parallel()
	inFrontOfHome(t, func(f *fakes) {
		f.library.listErr = &model.Problem{Code: "store.unreadable", What: "The folder cannot be read.", Why: "Access is denied.", Fix: "Give yourself access."}
	}, func(p *person) {
		p.sees("The folder cannot be read.", "Give yourself access.", "r try again")
		p.at.library.listErr = nil
		p.presses("r").sees("New connector")
	})
}

func TestHowLongAgoAndHowFarAwaySomethingIs(t *testing.T) {
	t.Parallel()
	now := today()
	for d, want := range map[time.Duration]string{0: "just now", 5 * time.Minute: "5 min ago", 3 * time.Hour: "3 h ago", 50 * time.Hour: "2 d ago"} {
		if got := ago(now, now.Add(-d)); got != want {
			t.Errorf("%s ago is said as %q", d, got)
		}
	}
	for text, want := range map[string]string{"2026-11-22": "today", "2026-11-23": "tomorrow", "2026-11-21": "in the past", "2027-11-21": "in 364 days", "soon": ""} {
		if got := daysAside(text, now); got != want {
			t.Errorf("behind %s stands %q", text, got)
		}
	}
}
