package steps

import (
	"context"
	"strings"
	"testing"

	"bbconnect/model"
)

// What was decided before the program ended is said as what will be, and a retry is
// still offered.
func TestWhatWasDecidedAndNotDoneIsSaidAsWhatWillBe(t *testing.T) {
	t.Parallel()
	inFrontOfMigrate(t, func(f *fakes) {
		withAppPasswords(9)(f)
		f.tester.script = []func(context.Context, model.TestRequest, func(model.Check)) model.TestResult{failsFor("7")}
	}, func(p *person) {
		p.givesToken().presses("n").presses("a", "y").sees("1 connector failed").presses("esc").sees("A migration is not finished yet m shows it", "It waits for you: m goes on with it or takes it back.")
		for i, m := range p.at.journal.record.Members {
			if m.Name == "Service 07" {
				p.at.journal.record.Members[i].State = model.MemberForced
			}
		}
		p.presses("m").sees("A migration waits for you", "goes on with it or takes it back").doesNotSee("confirms").presses("enter")
		p.sees("It is not finished. Service 07 will be changed without passing. enter goes on, r tests again, z takes all of it back.", "r test again")
		p.presses("r").sees("1 connector failed with the new value").presses("f").sees("1 went on without passing")
	})
}

func TestARotationThatWaitsIsCalledOne(t *testing.T) {
	t.Parallel()
	record := model.MigrationRecord{Purpose: model.PurposeRotation, State: model.MigrationGoing, Secrets: []model.MigratedSecret{{Name: "account/ledger_token", State: model.UnitApplied}}}
	for _, c := range []struct {
		state model.MigrationState
		unit  model.UnitState
		text  string
		ways  string
	}{
		{model.MigrationGoing, model.UnitApplied, "A rotation is not confirmed yet", "confirms it or takes it back"},
		{model.MigrationGoing, model.UnitStaged, "A rotation is not finished yet", "goes on with it or takes it back"},
		{model.MigrationUndoing, model.UnitApplied, "A rotation is not confirmed yet", "takes the rest of it back"},
		{model.MigrationConfirming, model.UnitApplied, "A rotation is not confirmed yet", "finishes confirming it"},
	} {
		record.State, record.Secrets[0].State = c.state, c.unit
		if text, ways := waitsText(record), waysOn(record); text != c.text || ways != c.ways {
			t.Errorf("%s, %s: %q, %q", c.state, c.unit, text, ways)
		}
		inFrontOfHome(t, func(f *fakes) {
			withLedger(f)
			r := record
			f.journal.record = &r
		}, func(p *person) {
			p.sees(c.text+" m shows it").presses("m").sees("Rotate · account.ledger_token", "A rotation waits for you", c.ways).doesNotSee("App Passwords")
		})
	}
}

func TestConfirmingSaysWhichOldValuesStay(t *testing.T) {
	t.Parallel()
	left := []model.ReportedMember{{Name: "Payroll", State: model.MemberLeft}, {Name: "Pension", State: model.MemberLeft}, {Name: "Ledger", State: model.MemberPassed}}
	gone := model.ReportedSecret{Ref: "account.y", Replaced: true}
	kept := model.ReportedSecret{Ref: "account.x", Replaced: true, Kept: true, OldRef: "account.x__old", Members: left}
	for want, secrets := range map[string][]model.ReportedSecret{
		"Confirmed: the old values are gone from this machine.":                                                          {gone, {Ref: "account.z", Kept: true}},
		"Confirmed. The old values are gone from this machine, except account.x__old, which Payroll, Pension still use.": {gone, kept},
		"Confirmed. What stays of the old values: account.x__old, which Payroll, Pension still use.":                     {kept},
	} {
		if got := confirmedText(model.MigrationReport{Secrets: secrets}); !strings.EqualFold(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
