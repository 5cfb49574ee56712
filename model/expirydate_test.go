package model

import (
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestTheDayACredentialEndsIsUnderstoodAsPeopleWriteIt(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 23, 59, 0, 0, time.UTC)
	for text, want := range map[string]string{
		"2027-11-21": "2027-11-21", " 2027-11-21\n": "2027-11-21", "90d": "2027-02-20", "1D": "2026-11-23", "12w": "2027-02-14",
		"6m": "2027-05-22", "1y": "2027-11-22", "1 y": "2027-11-22", "365d": "2027-11-22",
	} {
		if day, err := ReadExpiry(text, now); err != nil || day.Format(time.DateOnly) != want {
			t.Errorf("%q is %s, want %s (%v)", text, day.Format(time.DateOnly), want, err)
		}
	}
	for _, text := range []string{"soon", "d", "0d", "-3d", "+3d", "3", "3h", "99999d", "101y", "2027-13-01", "2027-02-30", "21.11.2027", "1yy", "日", "1日", "١d"} {
		if day, err := ReadExpiry(text, now); err == nil {
			t.Errorf("%q is taken for %s", text, day)
		}
	}
	if day, err := ReadExpiry("  ", now); err != nil || !day.IsZero() {
		t.Errorf("nothing is %s, %v", day, err)
	}
}

func TestAMonthFromADayItDoesNotHaveIsItsLast(t *testing.T) {
	t.Parallel()
	for from, want := range map[string][2]string{
		"2027-01-31": {"1m", "2027-02-28"}, "2028-01-30": {"1m", "2028-02-29"}, "2028-02-29": {"1y", "2029-02-28"},
		"2026-08-31": {"6m", "2027-02-28"}, "2026-12-31": {"2m", "2027-02-28"}, "2026-10-31": {"13m", "2027-11-30"},
	} {
		now, _ := time.Parse(time.DateOnly, from)
		if day, err := ReadExpiry(want[0], now); err != nil || day.Format(time.DateOnly) != want[1] {
			t.Errorf("%s from %s is %s, want %s", want[0], from, day.Format(time.DateOnly), want[1])
		}
	}
}

// TestEveryLengthOfLifeEndsAheadAndLongerOnesLater goes through all there are.
func TestEveryLengthOfLifeEndsAheadAndLongerOnesLater(t *testing.T) {
	t.Parallel()
	for _, from := range []string{"2026-11-22", "2027-01-31", "2028-02-29", "2026-12-31"} {
		now, _ := time.Parse(time.DateOnly, from)
		for _, unit := range []string{"d", "w", "m", "y"} {
			last := now
			for n := 1; n <= 100; n++ {
				day, err := ReadExpiry(strings.Repeat(" ", n%3)+strconv.Itoa(n)+unit, now)
				if err != nil || !day.After(last) {
					t.Fatalf("%d%s from %s is %s, not after %s (%v)", n, unit, from, day, last, err)
				}
				iso, err := ReadExpiry(day.Format(time.DateOnly), now)
				if err != nil || !iso.Equal(day) {
					t.Fatalf("%s is read as %s (%v)", day, iso, err)
				}
				last = day
			}
		}
	}
}

func FuzzReadExpiry(f *testing.F) {
	for _, seed := range []string{"", "1y", "2027-11-21", "90d", "ÿ", "4000y"} {
		f.Add(seed)
	}
	now := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		day, err := ReadExpiry(text, now)
		if err != nil && !day.IsZero() {
			t.Errorf("%q is an error and %s", text, day)
		}
		if err == nil && !day.Equal(day.UTC().Truncate(24*time.Hour)) {
			t.Errorf("%q is %s, which is no whole day", text, day)
		}
	})
}

func TestALengthOfLifeInTheWizardIsOfferedAsItsDate(t *testing.T) {
	t.Parallel()
	w := World{Now: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)}
	d := NewDraft().WithAnswers(map[QuestionID]string{
		QName: "Payments", QURL: "https://bitbucket.org/acme/ledger.git", QKind: string(KindAPIToken), QSecret: "account.token", QExpires: "90d",
	}).WithSecret(QPassword, NewSecret("x"))
	for _, f := range Validate(d, w).For(QExpires) {
		if f.Code != "expires.invalid" || f.Severity != SeverityWarning || f.Suggestion != "2027-02-20" {
			t.Errorf("it says %+v", f)
		}
	}
	if len(Validate(d, w).For(QExpires)) != 1 {
		t.Errorf("it says %v", Validate(d, w).For(QExpires))
	}
	for text, want := range map[string]string{"90d": "2027-02-20", "2027-02-20": "2027-02-20", "": ""} {
		for _, write := range SecretWrites(d.With(QExpires, text), w) {
			got := ""
			if !write.Info.Expires.IsZero() {
				got = write.Info.Expires.Format(time.DateOnly)
			}
			if got != want {
				t.Errorf("%q is saved as %q, want %q", text, got, want)
			}
		}
	}
}

func TestARenamedSecretKeepsTheFormOfItsReferences(t *testing.T) {
	t.Parallel()
	inProject := Scope{Org: "acme", Project: "pay"}
	c := Connector{
		Scope: inProject, Username: Login{Ref: "account.user"}, PasswordRef: "token", SSHKeyRef: "org.token",
		API: APIAccess{TokenRef: "token", Email: Login{Ref: "org.mail"}, Username: Login{Ref: "token"}, RefreshTokenRef: "account.token"},
	}
	got, changed := c.RenamesSecret("project/acme/pay/token", "project/acme/pay/new")
	if !changed || got.PasswordRef != "new" || got.API.TokenRef != "new" || got.API.Username.Ref != "new" {
		t.Errorf("%+v", got)
	}
	if got.SSHKeyRef != "org.token" || got.API.RefreshTokenRef != "account.token" || got.Username.Ref != "account.user" {
		t.Errorf("secrets of other scopes were renamed: %+v", got)
	}
	if got, changed := c.RenamesSecret("org/acme/token", "org/acme/new"); !changed || got.SSHKeyRef != "org.new" || got.PasswordRef != "token" {
		t.Errorf("%+v", got)
	}
	if _, changed := c.RenamesSecret("project/acme/other/token", "project/acme/other/new"); changed {
		t.Error("the secret of another project was renamed")
	}
	if back, _ := got.RenamesSecret("project/acme/pay/new", "project/acme/pay/token"); back.PasswordRef != c.PasswordRef || back.API != c.API {
		t.Errorf("there and back is %+v", back)
	}
}

func TestAnUnfinishedConnectorFollowsARenamedSecret(t *testing.T) {
	t.Parallel()
	d := NewDraft().WithAnswers(map[QuestionID]string{
		QScope: "org", QOrg: "acme", QSecret: "org.token", QAPISecret: "account.token", QName: "org.token", QAPIEmailSecret: "org.token",
	})
	got, changed := d.RenamesSecret("org/acme/token", "org/acme/new")
	if !changed || got.Answer(QSecret) != "org.new" || got.Answer(QAPIEmailSecret) != "org.new" || got.Answer(QAPISecret) != "account.token" || got.Answer(QName) != "org.token" {
		t.Errorf("%v", got.Answers())
	}
	if d.Answer(QSecret) != "org.token" {
		t.Error("the draft that was given changed")
	}
	if _, changed := d.RenamesSecret("org/other/token", "org/other/new"); changed {
		t.Error("another organisation's secret was renamed")
	}
}
