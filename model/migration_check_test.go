package model

import "testing"

func TestAValueThatHasNothingOfATokenIsAWarningWhereOneIsChosen(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		value string
		kind  CredentialKind
		want  string
	}{
		{"ATAT" + "Tfoo", KindAPIToken, "W token.kind-mismatch"},
		{"wrongtoken", KindAccessToken, "W token.kind-mismatch"},
		{"wrongtoken", KindHTTPAccessToken, "W token.kind-mismatch"},
		{"hunter2", KindPassword, ""},
		{"anything", KindUnknown, ""},
		{fakeAPIToken(), KindAPIToken, ""},
		{"jdoe@acme-corp.com", KindAPIToken, "E password.invalid"},
	} {
		if got := codes(CheckNewCredential(NewSecret(c.value), c.kind, QPassword)); got != c.want {
			t.Errorf("%d characters as %s: %q, want %q", len(c.value), c.kind, got, c.want)
		}
	}
	d := cloudHTTP.draft().WithSecret(QPassword, NewSecret("ATAT"+"Tfoo")).With(QSecret, "account.fresh").With(QAPIMethod, "off")
	if f, found := Validate(d, testWorld()).For(QPassword).Code("token.kind-mismatch"); !found || f.Severity != SeverityWarning {
		t.Errorf("the wizard says %v", Validate(d, testWorld()).For(QPassword))
	}
	for text, want := range map[string]string{"jdoe@acme-corp.com": "", "nobody": "E email.invalid", "": "E email.required"} {
		if got := codes(CheckAccountEmail(text, testNow)); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestTheEndOfANewCredentialIsJudgedAsItWasTyped(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		kind CredentialKind
		want string
	}{
		{"", KindAPIToken, "H expires.required"},
		{"", KindAccessToken, ""},
		{"6m", KindAPIToken, ""},
		{"someday", KindHTTPAccessToken, "E expires.invalid"},
		{"2020-01-01", KindAccessToken, "E token.expired"},
		{"2w", KindAccessToken, "W token.expiring"},
		{"2y", KindAPIToken, "W expires.invalid"},
	} {
		if got := codes(CheckNewExpiry(c.text, testNow, c.kind)); got != c.want {
			t.Errorf("%q for %s: %q, want %q", c.text, c.kind, got, c.want)
		}
	}
}
