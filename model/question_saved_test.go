package model

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestSavedSecretsAreOfferedInTheOrderTheyFit(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	text := func(name string, kind CredentialKind, host string, ends int) SecretInfo {
		s := SecretInfo{Name: SecretName("account/" + name), Type: SecretText, Kind: kind, Host: host, Where: WhereKeyring}
		if ends != 0 {
			s.Expires = now.Truncate(24*time.Hour).AddDate(0, 0, ends)
		}
		return s
	}
	w := World{Now: now, Secrets: []SecretInfo{
		text("elsewhere", KindHTTPAccessToken, "git.acme-corp.com", 0),
		text("of_the_kind", KindAPIToken, "git.acme-corp.com", 0),
		text("for_the_host", KindAccessToken, "bitbucket.org", 0),
		text("ended", KindAPIToken, "bitbucket.org", -1),
		text("fits", KindAPIToken, "bitbucket.org", 30),
		text("fits_too", KindAPIToken, "bitbucket.org", 0),
		{Name: "account/key", Type: SecretSSHKey, Kind: KindSSHKey, Host: "bitbucket.org"},
		{Name: "org/acme/far", Type: SecretText, Kind: KindAPIToken, Host: "bitbucket.org"},
	}}
	d := NewDraft().With(QURL, "https://bitbucket.org/acme/ledger.git").With(QKind, string(KindAPIToken)).With(QAPIMethod, string(APIAccessToken))
	for id, want := range map[QuestionID]string{
		QSecret:    "account.fits account.fits_too account.ended account.for_the_host account.of_the_kind account.elsewhere",
		QAPISecret: "account.for_the_host account.fits account.fits_too account.ended account.elsewhere account.of_the_kind",
	} {
		q, asked := FindQuestion(id, d, w)
		var got []string
		for _, o := range q.Options {
			got = append(got, o.Value)
		}
		if !asked || strings.Join(got, " ") != want {
			t.Errorf("%s offers %s", id, strings.Join(got, " "))
		}
	}
	over := NewDraft().With(QURL, "git@bitbucket.org:acme/ledger.git")
	if q, _ := FindQuestion(QSecret, over, w); len(q.Options) != 1 || q.Options[0].Value != "account.key" {
		t.Errorf("over SSH it offers %v", q.Options)
	}
}

func TestASavedSecretIsDescribedByItsKindItsLoginAndItsEnd(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	day := func(n int) time.Time { return now.Truncate(24*time.Hour).AddDate(0, 0, n) }
	for want, s := range map[string]SecretInfo{
		"API token":                           {Kind: KindAPIToken, Length: 192},
		"API token, jdoe, until 2026-11-22":   {Kind: KindAPIToken, Username: "jdoe", Expires: day(0)},
		"Access token, ended on 2026-11-21":   {Kind: KindAccessToken, Expires: day(-1)},
		"HTTP access token, until 2027-11-22": {Kind: KindHTTPAccessToken, Expires: day(365)},
		"API token, jdoe@acme-corp.com":       {Kind: KindAPIToken, Username: UserAPIToken, Email: "jdoe@acme-corp.com"},
		"Access token":                        {Kind: KindAccessToken, Username: UserAccessToken},
		"SSH key":                             {Kind: KindSSHKey, Username: UserSSH},
	} {
		if got := DescribeSecret(s, now); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func BenchmarkQuestionsAmongAThousandSecrets(b *testing.B) {
	w := World{Now: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)}
	for i := range 1000 {
		w.Secrets = append(w.Secrets, SecretInfo{Name: SecretName(fmt.Sprintf("account/token_%04d", i)), Type: SecretText, Kind: KindAPIToken, Host: "bitbucket.org", Expires: w.Now})
	}
	d := NewDraft().With(QURL, "https://bitbucket.org/acme/ledger.git")
	for b.Loop() {
		_ = Questions(StepCredentials, d, w)
	}
}

// TestReachIsWhatTheReferenceItselfResolvesTo compares the quick answer with the
// rule it stands for.
func TestReachIsWhatTheReferenceItselfResolvesTo(t *testing.T) {
	t.Parallel()
	scopes := []Scope{{}, {Org: "acme"}, {Org: "acme", Project: "pay"}, {Org: "other"}, {Org: "acme", Project: "other"}}
	var names []SecretName
	for _, s := range scopes {
		names = append(names, s.SecretName("token"), s.SecretName(""), s.SecretName("9"), s.SecretName("a/b"))
	}
	for _, name := range append(names, "", "account", "account/", "org/acme", "token") {
		for _, s := range scopes {
			scope, id, ok := name.Split()
			from, err := name.Ref().Name(s)
			want := ok && err == nil && from == scope.SecretName(id)
			if got := name.reachableFrom(s); got != want {
				t.Errorf("%q from %v: %v, want %v", name, s, got, want)
			}
		}
	}
}

func TestATokenThatHasEndedIsNotTheAnswerByItself(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	w := World{Now: now, Secrets: []SecretInfo{
		{Name: "account/good", Type: SecretText, Kind: KindAPIToken, Host: "bitbucket.org", Created: now.AddDate(0, -2, 0), Expires: now.Truncate(24 * time.Hour)},
		{Name: "account/ended", Type: SecretText, Kind: KindAPIToken, Host: "bitbucket.org", Created: now.AddDate(0, -1, 0), Expires: now.Truncate(24*time.Hour).AddDate(0, 0, -1)},
	}}
	d := NewDraft().With(QURL, "https://bitbucket.org/acme/ledger.git")
	if got := Value(QSecret, d, w); got != "account.good" {
		t.Errorf("the answer is %s", got)
	}
	w.Secrets = w.Secrets[1:]
	if got := Value(QSecret, d, w); got == "account.ended" {
		t.Errorf("the answer is %s", got)
	}
}

// TestOnlyAnAPITokenIsSaidToLiveAYearAtMost: other tokens may be made without an end.
func TestOnlyAnAPITokenIsSaidToLiveAYearAtMost(t *testing.T) {
	t.Parallel()
	cloud := NewDraft().With(QURL, "https://bitbucket.org/acme/ledger.git")
	server := NewDraft().With(QURL, "https://git.acme-corp.com/scm/pay/ledger.git").With(QKind, string(KindHTTPAccessToken))
	for name, c := range map[string]struct {
		draft Draft
		year  bool
	}{
		"API token":         {cloud.With(QKind, string(KindAPIToken)), true},
		"access token":      {cloud.With(QKind, string(KindAccessToken)), false},
		"HTTP access token": {server, false},
	} {
		q, _ := FindQuestion(QExpires, c.draft, World{})
		if year := strings.Contains(q.Help, "at most a year"); year != c.year || strings.Contains(q.Help, "does not end") == c.year {
			t.Errorf("%s: %s", name, q.Help)
		}
	}
}
