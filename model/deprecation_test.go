package model

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestAppPasswordsAreAnErrorFromTheTenthOfJune(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		now  string
		want Severity
	}{
		{"2025-12-01T00:00:00Z", SeverityWarning},
		{"2026-06-09T23:59:59Z", SeverityWarning},
		{"2026-06-10T00:00:00Z", SeverityError},
		{"2026-06-10T01:00:00+02:00", SeverityWarning},
		{"2026-06-09T23:00:00-05:00", SeverityError},
		{"2026-11-22T12:00:00Z", SeverityError},
	} {
		now, err := time.Parse(time.RFC3339, tc.now)
		if err != nil {
			t.Fatal(err)
		}
		f := AppPasswordFinding(now, QPassword)
		if f.Severity != tc.want || f.Code != "kind.app-password" || f.Field != QPassword || !strings.Contains(f.Fix, "API token") {
			t.Errorf("at %s: %+v", tc.now, f)
		}
		if got := CheckKind(KindAppPassword, Cloud, now); len(got) != 1 || got[0].Severity != tc.want {
			t.Errorf("at %s the kind: %+v", tc.now, got)
		}
	}
}

func TestRetirementsAreInOrderAndHaveASource(t *testing.T) {
	t.Parallel()
	all := Retirements()
	if !slices.IsSortedFunc(all, func(a, b Retirement) int { return a.Day.Compare(b.Day) }) {
		t.Error("not in order of day")
	}
	for _, r := range all {
		if r.Source == "" || r.What == "" || r.Day.Location() != time.UTC || !RetirementDay(r.ID).Equal(r.Day) {
			t.Errorf("%+v", r)
		}
	}
	for id, want := range map[string]string{
		RetireAppPasswordCreation: "2025-09-09", RetireCrossWorkspaceAPI: "2026-04-14", RetireAppPasswordBrownout: "2026-06-09",
		RetireAppPassword: "2026-07-28", RetireIssues: "2026-08-20", RetireSSHHost: "2026-11-12", RetireAppPasswordHarness: "2026-06-10",
	} {
		if got := RetirementDay(id).Format(time.DateOnly); got != want {
			t.Errorf("%s on %s", id, got)
		}
	}
	all[0].Day = time.Time{}
	if RetirementDay(RetireAppPasswordCreation).IsZero() || !RetirementDay("unknown").IsZero() {
		t.Error("the table changed, or knows what it cannot")
	}
}

func TestTheEndOfATokenIsToldInTime(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 23, 30, 0, 0, time.UTC)
	for _, tc := range []struct {
		expires string
		kind    CredentialKind
		codes   string
		left    int
	}{
		{"2026-11-21", KindAPIToken, "E token.expired", -1},
		{"2025-01-01", KindUnknown, "E token.expired", -690},
		{"2026-11-22", KindAPIToken, "W token.expiring", 0},
		{"2026-11-23", KindAPIToken, "W token.expiring", 1},
		{"2026-12-22", KindAPIToken, "W token.expiring", 30},
		{"2026-12-23", KindAPIToken, "", 31},
		{"2027-11-22", KindAPIToken, "", 365},
		{"2027-11-23", KindAPIToken, "", 366},
		{"2027-11-25", KindAPIToken, "W expires.invalid", 368},
		{"2030-01-01", KindHTTPAccessToken, "", 1136},
	} {
		expires, err := time.Parse(time.DateOnly, tc.expires)
		if err != nil {
			t.Fatal(err)
		}
		got := ExpiryFindings(expires, now, tc.kind, QExpires)
		if codes(got) != tc.codes || DaysLeft(expires, now) != tc.left {
			t.Errorf("%s: %s, %d days left", tc.expires, codes(got), DaysLeft(expires, now))
		}
		if len(got) > 0 && (got[0].Field != QExpires || got[0].Fix == "") {
			t.Errorf("%s: %+v", tc.expires, got[0])
		}
	}
	if ExpiryFindings(time.Time{}, now, KindAPIToken, QExpires) != nil {
		t.Error("a token without an end needs no word")
	}
}
