package steps

import (
	"reflect"
	"strings"
	"testing"

	"bbconnect/model"
)

func TestMarkedConnectorsAreDeletedAfterOneQuestionThatSaysWhatGoesAndWhatStays(t *testing.T) {
	t.Parallel()
	inFrontOfHome(t, func(f *fakes) {
		assorted(f)
		c, _ := ledger()
		c.Name, c.ID, c.PasswordRef = "Zwilling", "Zwilling", "account.Payroll_token"
		f.library.put(c)
	}, func(p *person) {
		p.presses("G", "up", "up", "space", "space").sees("2 marked").presses("d")
		p.sees("Delete 2 connectors", "Payroll, Soon over.", "account.Payroll_token is also used by Zwilling; it stays.", "delete them and the secret only they use")
		p.presses("n").sees("7 connectors", "2 marked").presses("d", "esc").sees("2 marked").presses("d", "a").sees("Deleted 2 connectors.", "5 connectors").doesNotSee("marked")
		for _, id := range []string{"Payroll", "Soon_over"} {
			if _, there := p.at.library.connectors[id]; there {
				t.Errorf("%s is still there", id)
			}
		}
		var names []string
		for _, s := range p.at.library.secrets {
			names = append(names, string(s.Name))
		}
		if all := strings.Join(names, " "); strings.Contains(all, "Soon_over_token") || !strings.Contains(all, "Payroll_token") {
			t.Errorf("the secrets are %s", all)
		}
	})
}

func TestADeleteOfManyNamesAFewAndSaysWhenItStops(t *testing.T) {
	t.Parallel()
	inFrontOfHome(t, fleet(20), func(p *person) {
		p.presses("*", "d").sees("Delete 20 connectors", "Service 05 and 14 more.", "delete them and the secret only they use")
		p.at.library.deleteErr = &model.Problem{Code: "store.conflict", What: "Somebody changed it.", Fix: "Look again."}
		p.presses("y").sees("0 of 20 are deleted. Somebody changed it. Look again.", "20 connectors")
		p.at.library.deleteErr = nil
		p.at.library.listErr = &model.Problem{Code: "store.unreadable", What: "The folder cannot be read."}
		p.presses("d").sees("The folder cannot be read.")
		p.at.library.listErr = nil
	})
	inFrontOfHome(t, withLedger, func(p *person) {
		delete(p.at.library.connectors, "Payments_ledger")
		p.presses("d").sees("They are gone already.", "No connectors yet.")
	})
}

func TestMarkedConnectorsAreTestedTogether(t *testing.T) {
	t.Parallel()
	inFrontOfHome(t, fleet(9), func(p *person) {
		p.presses("space", "down", "space", "G", "space", "t").sees("Test · 3 connectors", "3 passed")
		var tested []string
		for _, r := range p.at.tester.requests {
			tested = append(tested, r.Connector.ID)
		}
		if len(tested) != 3 {
			t.Errorf("tested were %v", tested)
		}
		p.presses("esc").sees("3 marked", "✓ just now").presses("esc").doesNotSee("marked")
	})
}

func TestDocumentsAreCopiedOrWrittenAndHoldNoSecret(t *testing.T) {
	t.Parallel()
	inFrontOfHome(t, assorted, func(p *person) {
		p.presses("x").sees("Export Broken", "Secrets are references; no value is written.").presses("c").sees("1 document copied to the clipboard.")
		if got := strings.Join(p.at.machine.copied, ""); got != "connector:\n  name: Broken\n  passwordRef: account.Broken_token\n" {
			t.Errorf("copied %q", got)
		}
		p.presses("space", "space", "x").sees("Export 2 connectors").presses("w").sees("Write 2 documents", "files of that name are replaced")
		p.types("~/connectors").presses("enter").sees("Wrote 2 files into ~/connectors.")
		for _, path := range []string{"~/connectors/Broken.yaml", "~/connectors/Gateway.yaml"} {
			if text := p.at.machine.written[path]; !strings.HasPrefix(text, "connector:") || strings.Contains(text, "canary") {
				t.Errorf("%s holds %q", path, text)
			}
		}
		p.presses("x", "c")
		if got := p.at.machine.copied[1]; strings.Count(got, "connector:") != 2 || !strings.Contains(got, "\n---\n") {
			t.Errorf("copied %q", got)
		}
		p.presses("esc", "x", "w").types("/nowhere")
		p.at.machine.writeErr = &model.Problem{Code: "store.unwritable", What: "/nowhere cannot be written.", Fix: "Name a folder that can be written to."}
		p.presses("enter").sees("/nowhere cannot be written. Name a folder")
		p.presses("x", "w", "enter").doesNotSee("Wrote").sees("6 connectors").presses("x", "esc").sees("6 connectors")
	})
}

func TestACopyAsksForItsNameAndIdAndOpensOnItsReviewWithTheSameSecrets(t *testing.T) {
	t.Parallel()
	inFrontOfHome(t, func(f *fakes) {
		withLedger(f)
		f.tested("Payments_ledger", model.VerdictPass, 0, "")
	}, func(p *person) {
		before := p.at.library.secrets
		p.presses("c").sees("Duplicate Payments ledger", "Payments ledger copy", "counts as never tested").presses("enter")
		p.sees("Id", "Payments_ledger_copy").presses("ctrl+u").types("Payments_ledger").presses("enter").sees("Payments_ledger")
		if len(p.at.library.connectors) != 1 || p.home.wizard != nil {
			t.Fatal("an id that is taken was let through")
		}
		p.presses("ctrl+u").types("ledger_two").presses("enter").sees("New connector · Payments ledger copy", "enter test", "account.ledger_token")
		p.presses("enter").sees("The connector works.").presses("enter").sees("is saved as ledger_two").presses("enter").sees("2 connectors")
		first, second := p.at.library.connectors["Payments_ledger"].Connector, p.at.library.connectors["ledger_two"].Connector
		if second.Name != "Payments ledger copy" {
			t.Errorf("it is called %q", second.Name)
		}
		second.Name, second.ID = first.Name, first.ID
		if !reflect.DeepEqual(first, second) {
			t.Errorf("the copy is\n%+v\nof\n%+v", second, first)
		}
		if !reflect.DeepEqual(before, p.at.library.secrets) {
			t.Errorf("the secrets were %+v and are %+v", before, p.at.library.secrets)
		}
	})
}

func TestACopyThatIsLeftIsADraftAndOneThatIsNotBegunIsNothing(t *testing.T) {
	t.Parallel()
	inFrontOfHome(t, withLedger, func(p *person) {
		p.presses("c", "esc").sees("1 connector").presses("c", "enter", "esc").sees("1 connector")
		if n := len(p.at.draftNames()); n != 0 {
			t.Errorf("%d drafts", n)
		}
		p.presses("c", "enter", "enter").sees("New connector · Payments ledger copy").presses("ctrl+c").sees("Quit now?").presses("n")
		delete(p.at.library.connectors, "Payments_ledger")
	})
	inFrontOfHome(t, withLedger, func(p *person) {
		delete(p.at.library.connectors, "Payments_ledger")
		p.presses("c").sees("There is no connector Payments_ledger.")
		p.presses("t").sees("There is no connector Payments_ledger.")
	})
}

func TestTheSecretsOpenFromHome(t *testing.T) {
	t.Parallel()
	inFrontOfHome(t, withLedger, func(p *person) {
		p.presses("S").sees("1 secret", "account.ledger_token").presses("esc").sees("1 connector")
	})
}
