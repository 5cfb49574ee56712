package model

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// undoneRecord is a migration of two secrets, of which one was replaced.
func undoneRecord() MigrationRecord {
	return MigrationRecord{
		Purpose: PurposeAppPasswords, StartedAt: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC),
		Secrets: []MigratedSecret{
			{Unit: 1, Name: "account/app", Old: KindAppPassword, User: "jdoe", State: UnitApplied, After: SecretInfo{Kind: KindAPIToken}},
			{Unit: 2, Name: "account/other", Old: KindAppPassword, User: "ci"},
		},
		Members: []MigratedMember{
			{Unit: 1, ID: "Gateway", Name: "Payments gateway", State: MemberPassed, Answers: []AnswerChange{{Question: QAPIMethod}}},
			{Unit: 1, ID: "Payroll", Name: "Payroll", State: MemberLeft, Answers: []AnswerChange{{Question: QAPIMethod}}},
			{Unit: 2, ID: "Builder", Name: "Builder", State: MemberUntested},
		},
	}
}

// A stranger was told, right after he had taken a migration back, to replace the
// value in Harness and to revoke the old one, which was in use again.
func TestTheReportOfAMigrationThatWasTakenBackAsksForNothingThatBreaksWhatWorks(t *testing.T) {
	t.Parallel()
	done := ReportOf(undoneRecord(), time.Time{})
	r := done.Undone()
	data, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if r.State != "undone" || r.Headline() != "Taken back: 2 secrets and 3 connectors are as they were." {
		t.Errorf("%s: %s", r.State, r.Headline())
	}
	for what, text := range map[string]string{"text": r.Text(), "Markdown": r.Markdown(), "JSON": string(data)} {
		for _, never := range []string{"App Password of jdoe that", "Replace the value", "Apply the changed documents", "passed", `"replaced":true`, "expires"} {
			if strings.Contains(text, never) {
				t.Errorf("%s says %q:\n%s", what, never, text)
			}
		}
		for _, always := range []string{"account.app", "Only where it was changed there already: put the old value back into account.app.", "apply the documents of Gateway again"} {
			if !strings.Contains(text, always) {
				t.Errorf("%s does not say %q:\n%s", what, always, text)
			}
		}
	}
	if len(done.Secrets[0].Members) != 2 || done.Secrets[0].Members[0].State != MemberPassed || !done.Secrets[0].Replaced {
		t.Error("the report it was made of is another one now")
	}
	// Where nothing was replaced there is nothing to do at all.
	record := undoneRecord()
	record.Secrets[0].State = ""
	if r := ReportOf(record, time.Time{}).Undone(); len(r.InHarness)+len(r.Revoke) > 0 {
		t.Errorf("%v %v", r.InHarness, r.Revoke)
	}
	// A value that a command prints was never replaced here.
	record = undoneRecord()
	record.Secrets[0].KeepsValue = true
	if r := ReportOf(record, time.Time{}).Undone(); strings.Contains(strings.Join(r.InHarness, " "), "old value") {
		t.Errorf("%v", r.InHarness)
	}
}

func TestAConnectorThatPassedWithAWarningSaysSoInTheReport(t *testing.T) {
	t.Parallel()
	record := undoneRecord()
	record.Members[0].Test = &TestRecord{Verdict: VerdictWarn}
	r := ReportOf(record, time.Time{})
	for what, text := range map[string]string{"text": r.Text(), "Markdown": r.Markdown()} {
		if strings.Count(text, "passed, with a warning") != 1 || !strings.Contains(text, "1 connector passed") {
			t.Errorf("%s:\n%s", what, text)
		}
	}
}
