package model

import (
	"strings"
	"testing"
	"time"
)

func TestNewSecretsAreNamedAfterTheirConnector(t *testing.T) {
	t.Parallel()
	w := testWorld()
	w.Secrets = append(w.Secrets, SecretInfo{Name: "account/taken_token", Type: SecretText}, SecretInfo{Name: "account/taken_token_2", Type: SecretText})
	bare := cloudHTTP.with(answers{QSecret: "-", QAPISecret: "-", QURL: "https://elsewhere.example.com/scm/", QKind: "-"})
	long := strings.Repeat("a", 128)
	for _, tc := range []struct {
		change answers
		want   string
	}{
		{answers{QID: "fresh"}, "account.fresh_token"},
		{answers{QID: "taken"}, "account.taken_token_3"},
		{answers{QID: "fresh", QKind: "password"}, "account.fresh_password"},
		{answers{QID: "fresh", QScope: "org", QOrg: "eng"}, "org.fresh_token"},
		{answers{QID: "fresh", QScope: "project", QOrg: "eng", QProject: "pay"}, "fresh_token"},
		{answers{QID: "fresh", QConnectionType: "ssh"}, "account.fresh_ssh_key"},
		{answers{QID: long}, "account." + long[:117] + "_token"},
	} {
		d := bare.with(tc.change).draft().WithSecret(QPassword, NewSecret("hunter2hunter2"))
		if got := Value(QSecret, d, w); got != tc.want {
			t.Errorf("%v: %s", tc.change, got)
		}
		if fs := Validate(d, w).For(QSecret); fs.HasErrors() {
			t.Errorf("%v: the default is refused: %+v", tc.change, fs)
		}
	}
}

func TestASavedSecretOfTheSameHostIsOfferedFirst(t *testing.T) {
	t.Parallel()
	d := cloudHTTP.with(answers{QSecret: "-", QAPISecret: "-"}).draft()
	if got := Value(QSecret, d, testWorld()); got != "account.cloud_token" {
		t.Errorf("offered %s", got)
	}
	w := testWorld()
	w.Secrets[0].Kind = KindAppPassword
	if got := Value(QSecret, d, w); got != "account.Payments_token" {
		t.Errorf("an App Password is offered again: %s", got)
	}
	hidden := d.With(QConnectionType, "ssh").WithSecret(QPassword, NewSecret("hunter2hunter2"))
	if got := Value(QSecret, hidden, testWorld()); got != "account.key" {
		t.Errorf("a hidden password keeps the saved key away: %s", got)
	}
}

func TestATokenIsWrittenWithWhatIsKnownOfIt(t *testing.T) {
	t.Parallel()
	d := cloudHTTP.with(answers{QSecret: "account.fresh", QAPISecret: "account.fresh", QExpires: "2027-01-02"}).draft().
		WithSecret(QPassword, NewSecret(" "+fakeAPIToken()+"\n"))
	writes := SecretWrites(d, testWorld())
	if len(writes) != 1 {
		t.Fatalf("%d writes", len(writes))
	}
	want := SecretInfo{
		Name: "account/fresh", Type: SecretText, Kind: KindAPIToken, Username: "jdoe", Email: "jdoe@example.com", Host: "bitbucket.org",
		Created: testNow, Expires: time.Date(2027, 1, 2, 0, 0, 0, 0, time.UTC), Length: 192,
	}
	if writes[0].Info != want || writes[0].Value.Reveal() != fakeAPIToken() {
		t.Errorf("%+v", writes[0].Info)
	}
	both := d.With(QAPISecret, "account.other").WithSecret(QAPIToken, NewSecret(fakeAPIToken()))
	if writes := SecretWrites(both, testWorld()); len(writes) != 2 || writes[1].Info.Name != "account/other" {
		t.Errorf("two secrets: %+v", writes)
	}
}

func TestANewValueDoesNotInheritTheOldEnd(t *testing.T) {
	t.Parallel()
	w := testWorld()
	w.Secrets[0].Expires = testNow.AddDate(0, 0, -3)
	d := cloudHTTP.draft()
	if _, ok := Validate(d, w).Code("token.expired"); !ok {
		t.Error("the end of the saved token is not told")
	}
	d = d.WithSecret(QPassword, NewSecret(fakeAPIToken()))
	if f, ok := Validate(d, w).Code("token.expired"); ok {
		t.Errorf("a new token is called expired: %+v", f)
	}
	if writes := SecretWrites(d, w); len(writes) != 1 || !writes[0].Info.Expires.IsZero() {
		t.Errorf("%+v", writes)
	}
	other := cloudHTTP.with(answers{QAPISecret: "account.api"}).draft()
	w.Secrets = append(w.Secrets, SecretInfo{Name: "account/api", Type: SecretText})
	if q, ok := FindQuestion(QAPIExpires, other, w); !ok || !q.Advanced {
		t.Errorf("the end of a saved API token cannot be given: %+v", q)
	}
}

func TestOnlyTheEndOfASavedTokenMayChange(t *testing.T) {
	t.Parallel()
	if writes := SecretWrites(cloudHTTP.draft(), testWorld()); len(writes) != 0 {
		t.Errorf("nothing changed: %+v", writes)
	}
	writes := SecretWrites(cloudHTTP.draft().With(QExpires, "2027-01-02"), testWorld())
	if len(writes) != 1 || !writes[0].Value.IsZero() || writes[0].Info.Kind != KindAPIToken || writes[0].Info.Expires.IsZero() {
		t.Errorf("%+v", writes)
	}
}

func TestAKeyIsAFileThatItsCredentialPointsTo(t *testing.T) {
	t.Parallel()
	w := testWorld()
	w.Secrets = append(w.Secrets, SecretInfo{Name: "account/git_ssh_key_file", Type: SecretText}, SecretInfo{Name: "account/git_passphrase", Type: SecretText})
	d := cloudSSH.with(answers{QSecret: "account.git_ssh_key"}).draft().WithSecret(QSSHKey, NewSecret("ENCRYPTED")).WithSecret(QSSHPassphrase, NewSecret("open"))
	writes := SecretWrites(d, w)
	if len(writes) != 3 {
		t.Fatalf("%+v", writes)
	}
	phrase, file, credential := writes[0], writes[1], writes[2]
	switch {
	case phrase.Info.Name != "account/git_passphrase_2" || phrase.Info.Type != SecretText || phrase.Value.Reveal() != "open":
		t.Errorf("the passphrase: %+v", phrase.Info)
	case file.Info.Name != "account/git_ssh_key_file_2" || file.Info.Type != SecretFile || file.Value.Reveal() != "ENCRYPTED":
		t.Errorf("the file: %+v", file.Info)
	case credential.Info.Username != UserSSH || credential.Info.Type != SecretSSHKey || !credential.Value.IsZero() ||
		credential.Info.File != file.Info.Name || credential.Info.Passphrase != phrase.Info.Name:
		t.Errorf("the credential: %+v", credential.Info)
	}
	again := SecretWrites(cloudSSH.draft().WithSecret(QSSHKey, NewSecret("KEY")), testWorld())
	if len(again) != 2 || again[0].Info.Name != "account/key_file" || again[1].Info.Passphrase != "" {
		t.Errorf("a replaced key keeps its file's name: %+v", again)
	}
}

func TestThePassphraseIsAskedWhereTheKeyHasOne(t *testing.T) {
	t.Parallel()
	d := cloudSSH.with(answers{QSecret: "account.fresh"}).draft().WithSecret(QSSHKey, NewSecret("ENCRYPTED"))
	if _, asked := FindQuestion(QSSHPassphrase, d, testWorld()); !asked || !Validate(d, testWorld()).HasErrors() {
		t.Error("an encrypted key asks for its passphrase")
	}
	d = d.WithSecret(QSSHKey, NewSecret("PLAIN"))
	if _, asked := FindQuestion(QSSHPassphrase, d, testWorld()); asked || Validate(d, testWorld()).HasErrors() {
		t.Error("a plain key asks for none")
	}
}

func TestASharedSecretIsSaidBeforeItChanges(t *testing.T) {
	t.Parallel()
	w := testWorld()
	w.Connectors = []Connector{{ID: "a", Name: "a", PasswordRef: "account.cloud_token"}, {ID: "b", Name: "b", PasswordRef: "account.cloud_token"}}
	d := cloudHTTP.draft()
	if _, ok := Validate(d, w).Code("secret.shared"); ok {
		t.Error("nothing changes yet")
	}
	d = d.WithSecret(QPassword, NewSecret(fakeAPIToken()))
	if f, ok := Validate(d, w).Code("secret.shared"); !ok || !strings.Contains(f.Message, "2 other connectors") || f.Severity != SeverityWarning {
		t.Errorf("%+v", f)
	}
	d.Editing = "a"
	if f, ok := Validate(d, w).Code("secret.shared"); !ok || !strings.Contains(f.Message, "1 other connector ") {
		t.Errorf("one of them is this one: %+v", f)
	}
}

func TestACredentialInAPastedAddressBecomesTheCredential(t *testing.T) {
	t.Parallel()
	d := Fill(NewDraft(), QURL, "https://jdoe:"+fakeAPIToken()+"@bitbucket.org/acme/ledger.git")
	if d.Answer(QURL) != "https://bitbucket.org/acme/ledger.git" || d.Secret(QPassword).Reveal() != fakeAPIToken() || d.Answer(QUsername) != "jdoe" {
		t.Errorf("%v", d.Answers())
	}
	kept := Fill(NewDraft().WithSecret(QPassword, NewSecret("mine")).With(QUsername, "me"), QURL, "https://jdoe:"+fakeAPIToken()+"@bitbucket.org/acme/")
	if kept.Secret(QPassword).Reveal() != "mine" || kept.Answer(QUsername) != "me" {
		t.Error("what was given before is kept")
	}
	if got := Fill(NewDraft(), QURL, "bitbucket.org/acme").Answer(QURL); got != "bitbucket.org/acme" {
		t.Errorf("kept as typed: %s", got)
	}
}

func TestADraftIsAValue(t *testing.T) {
	t.Parallel()
	a := NewDraft().With(QName, "a").WithSecret(QPassword, NewSecret("x"))
	b := a.With(QName, "b").WithSecret(QPassword, Secret{}).Without(QID)
	if a.Answer(QName) != "a" || a.Secret(QPassword).IsZero() || !b.Secret(QPassword).IsZero() || b.Answer(QName) != "b" {
		t.Error("a changed with b")
	}
	if c := b.Without(QName); c.Answered(QName) || !b.Answered(QName) {
		t.Error("forgotten in one of them alone")
	}
	b.Answers()[QName] = "c"
	if b.Answer(QName) != "b" {
		t.Error("the answers are the caller's own")
	}
}

func TestTheFirstEndOfAConnectorsSecretsCounts(t *testing.T) {
	t.Parallel()
	w := testWorld()
	c := Build(cloudHTTP.with(answers{QUsername: "-", QUsernameSecret: "account.login"}).draft(), w)
	if !ExpiryOf(c, w).IsZero() {
		t.Error("none is known")
	}
	w.Secrets[0].Expires, w.Secrets[2].Expires = testNow.AddDate(0, 2, 0), testNow.AddDate(0, 1, 0)
	if got := ExpiryOf(c, w); !got.Equal(w.Secrets[2].Expires) {
		t.Errorf("%s", got)
	}
}
