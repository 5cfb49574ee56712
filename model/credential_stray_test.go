package model

import (
	"strings"
	"testing"
)

func TestACredentialIsTakenOutOfATextThatIsNoPlaceForOne(t *testing.T) {
	t.Parallel()
	app := "AT" + "BB" + strings.Repeat("canaryAPP", 4)[:32]
	pem := "-----BEGIN RSA PRIVATE" + " KEY----- canaryKEY canaryKEY -----END RSA PRIVATE" + " KEY-----"
	for _, c := range []struct {
		text, rest, value string
		kind              CredentialKind
	}{
		{fakeAPIToken(), "", fakeAPIToken(), KindAPIToken},
		{"account.ledger_token" + fakeAPIToken(), "account.ledger_token", fakeAPIToken(), KindAPIToken},
		{fakeAPIToken()[:80], "", fakeAPIToken()[:80], KindAPIToken},
		{"the token is " + fakeAccessToken() + " for now", "the token is  for now", fakeAccessToken(), KindAccessToken},
		{app, "", app, KindAppPassword},
		{fakeServerToken(), "", fakeServerToken(), KindHTTPAccessToken},
		{"key " + pem, "key", pem, KindSSHKey},
	} {
		rest, value, kind := TakeCredential(c.text)
		if rest != c.rest || value.Reveal() != c.value || kind != c.kind {
			t.Errorf("%d characters: rest %q, %d taken as %s", len(c.text), rest, value.Len(), kind)
		}
		if again, _, _ := TakeCredential(rest); again != rest {
			t.Errorf("%q became %q", rest, again)
		}
	}
}

func TestWordsReferencesAndAddressesAreNoCredentials(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "Payments ledger", "account.ATATT3_token", "ATATT3", "ATBB", "BBDC-", "team:payments,prod", strings.Repeat("long ", 60), strings.Repeat("x", 300),
		"https://bitbucket.org/acme/ledger.git", "-----BEGIN CERTIFICATE-----", "jdoe@acme-corp.com", "<+secrets.getValue(\"account.token\")>",
	} {
		if rest, value, _ := TakeCredential(text); !value.IsZero() || rest != text {
			t.Errorf("%q: %d characters taken", text, value.Len())
		}
	}
}

func TestATokenPastedIntoAnotherAnswerBecomesTheCredentialAndLeavesIt(t *testing.T) {
	t.Parallel()
	token := fakeAPIToken()
	over := NewDraft().With(QURL, "https://bitbucket.org/acme/ledger.git")
	ssh := NewDraft().With(QURL, "git@bitbucket.org:acme/ledger.git")
	for _, c := range []struct {
		what string
		d    Draft
		id   QuestionID
		slot QuestionID
	}{
		{"a name", over, QName, QPassword},
		{"the reference to the secret", over.With(QSecret, "account.x"), QSecret, QPassword},
		{"the user name", over, QUsername, QPassword},
		{"the email of API access", over, QAPIEmail, QAPIToken},
		{"the description of a connector over SSH", ssh, QDescription, QAPIToken},
		{"the address", NewDraft(), QURL, QPassword},
	} {
		text := c.d.Answer(c.id) + token
		d := Fill(c.d, c.id, text)
		if d.Secret(c.slot).Reveal() != token || d.Answer(c.id) != c.d.Answer(c.id) {
			t.Errorf("%s: %q, %d characters in %s", c.what, strings.ReplaceAll(d.Answer(c.id), token, "TOKEN"), d.Secret(c.slot).Len(), c.slot)
		}
		// What was given before stays.
		other := Fill(c.d.WithSecret(c.slot, NewSecret("given")), c.id, text)
		if other.Secret(c.slot).Reveal() != "given" || strings.Contains(other.Answer(c.id), token) {
			t.Errorf("%s: a value that was given is another one", c.what)
		}
	}
	// Behind a reference there may be a value that others use too.
	for _, c := range []struct {
		d  Draft
		id QuestionID
	}{
		{over.With(QSecret, "account.shared"), QName},
		{over.With(QSecret, "account.shared"), QDescription},
		{over.With(QSecret, "account.shared"), QUsername},
		{over.With(QAPISecret, "account.shared"), QAPIEmail},
		{ssh.With(QAPISecret, "account.shared"), QName},
		{NewDraft().With(QSecret, "account.shared"), QURL},
	} {
		text := token
		if c.id == QURL {
			text = "https://jdoe:" + token + "@bitbucket.org/acme/ledger.git"
		}
		d := Fill(c.d, c.id, text)
		if !d.Secret(QPassword).IsZero() || !d.Secret(QAPIToken).IsZero() || strings.Contains(d.Answer(c.id), token) {
			t.Errorf("pasted at %s: %d characters would replace the value of a saved secret", c.id, d.Secret(QPassword).Len()+d.Secret(QAPIToken).Len())
		}
	}
	key := "-----BEGIN RSA PRIVATE" + " KEY----- canary"
	if d := Fill(over, QName, key); !d.Secret(QPassword).IsZero() || !d.Secret(QSSHKey).IsZero() || d.Answer(QName) != "" {
		t.Error("a key was kept where none is used")
	}
	for _, id := range []QuestionID{QName, QURL} {
		if d := Fill(ssh, id, key); d.Secret(QSSHKey).IsZero() || d.Answer(id) != "" {
			t.Errorf("a key in the place of %s was not taken", id)
		}
	}
	if d := Fill(ssh, QURL, ssh.Answer(QURL)+key); d.Secret(QSSHKey).IsZero() || d.Answer(QURL) != ssh.Answer(QURL) {
		t.Errorf("a key behind the address leaves %q of it", d.Answer(QURL))
	}
}

func TestACredentialInADocumentIsAnErrorThatDoesNotRepeatIt(t *testing.T) {
	t.Parallel()
	for id, change := range map[QuestionID]func(*Connector){
		QDescription: func(c *Connector) { c.Description = "uses " + fakeAPIToken() },
		QTags:        func(c *Connector) { c.Tags = []Tag{{Key: "token", Value: fakeServerToken()}} },
		QUsername:    func(c *Connector) { c.Username.Plain = fakeAccessToken() },
	} {
		c := Connector{
			Name: "x", ID: "x", URL: "https://bitbucket.org/acme/ledger.git", URLType: URLRepo, ConnectionType: HTTP,
			Username: Login{Plain: "jdoe"}, PasswordRef: "account.t", Mode: ModePlatform,
		}
		change(&c)
		f, found := ValidateConnector(c, World{}).For(id).Code("token.misplaced")
		if !found || f.Severity != SeverityError || strings.Contains(f.Message+f.Fix, "canary") {
			t.Errorf("%s: %v", id, found)
		}
	}
}
