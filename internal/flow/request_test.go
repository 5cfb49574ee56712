package flow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"bbconnect/model"
)

func TestARequestHasTheValuesOfItsReferences(t *testing.T) {
	t.Parallel()
	h := saved(t, newDraft(), keyDraft())
	h.settings.CAFiles = map[string]string{"bitbucket.org": "/etc/ca.pem"}
	secrets := h.world(t).Secrets
	c := h.connectors["payments"].Connector
	req, err := h.jobs().Request(t.Context(), c, secrets, nil)
	switch {
	case err != nil:
		t.Fatal(err)
	case req.Username != "jdoe" || req.Password.Reveal() != canary()+"1" || req.Kind != model.KindAPIToken:
		t.Errorf("git: %+v", req)
	case req.APILogin != "jdoe@example.com" || req.APIToken.Reveal() != canary()+"2" || req.APIKind != model.KindAPIToken:
		t.Errorf("the API: %+v", req)
	case req.CAFile != "/etc/ca.pem":
		t.Errorf("the CA file of the host: %q", req.CAFile)
	}
	given := Values{c.PasswordRef: model.NewSecret("given")}
	if req, err = h.jobs().Request(t.Context(), c, secrets, given); err != nil || req.Password.Reveal() != "given" || req.APIToken.Reveal() != canary()+"2" {
		t.Errorf("a given value goes first: %+v, %v", req, err)
	}
	key := h.connectors["keys"].Connector
	if req, err = h.jobs().Request(t.Context(), key, secrets, nil); err != nil || req.SSHKey.Reveal() != canary()+"key" || req.SSHPassphrase.Reveal() != canary()+"pass" || req.Kind != model.KindSSHKey {
		t.Errorf("a key: %+v, %v", req, err)
	}
	given = Values{key.SSHKeyRef: model.NewSecret("k"), key.SSHKeyRef + "_passphrase": model.NewSecret("p")}
	if req, err = h.jobs().Request(t.Context(), key, nil, given); err != nil || req.SSHKey.Reveal() != "k" || req.SSHPassphrase.Reveal() != "p" {
		t.Errorf("a given key: %+v, %v", req, err)
	}
}

func TestLoginsMayBeSecretsAndEachValueIsReadOnce(t *testing.T) {
	t.Parallel()
	h := saved(t, newDraft())
	h.keep(model.SecretInfo{Name: "account/login", Type: model.SecretText, Where: model.WhereVault}, " jdoe\n")
	c := h.connectors["payments"].Connector
	c.Username, c.API = model.Login{Ref: "account.login"}, model.APIAccess{Method: model.APIUsernameToken, Username: model.Login{Ref: "account.login"}, TokenRef: c.PasswordRef}
	secrets := h.world(t).Secrets
	req, err := h.jobs().Request(t.Context(), c, secrets, nil)
	if err != nil || req.Username != "jdoe" || req.APILogin != "jdoe" || req.APIToken.Reveal() != canary()+"1" {
		t.Fatalf("%+v, %v", req, err)
	}
	if h.calls != 5 { // settings, and a keystore and a value for each of two secrets
		t.Errorf("%d calls", h.calls)
	}
	c.API = model.APIAccess{Method: model.APIAccessToken, TokenRef: c.PasswordRef}
	if req, _ = h.jobs().Request(t.Context(), c, secrets, nil); req.APILogin != "" || req.APIToken.IsZero() {
		t.Errorf("Bearer has no login: %+v", req)
	}
	c.API = model.APIAccess{}
	if req, _ = h.jobs().Request(t.Context(), c, secrets, nil); req.APILogin != "jdoe@example.com" || !req.APIToken.Equal(req.Password) {
		t.Errorf("without API access the known email is used: %+v", req)
	}
}

func TestAMissingSecretIsNamedWithTheFieldThatMendsIt(t *testing.T) {
	t.Parallel()
	h := saved(t, newDraft(), keyDraft())
	for ref, tc := range map[model.SecretRef]struct {
		key   string
		field model.QuestionID
	}{
		"account.git":          {"payments", model.QPassword},
		"account.api":          {"payments", model.QAPIToken},
		"account.keys_ssh_key": {"keys", model.QSSHKey},
	} {
		name, _ := ref.Name(model.Scope{})
		secrets := slices.DeleteFunc(h.world(t).Secrets, func(s model.SecretInfo) bool { return s.Name == name })
		_, err := h.jobs().Request(t.Context(), h.connectors[tc.key].Connector, secrets, nil)
		p, ok := model.AsProblem(err)
		if !ok || p.Code != "cred.missing" || p.Field != tc.field || !strings.Contains(p.Fix, string(ref)) {
			t.Errorf("%s: %+v", ref, err)
		}
	}
	c := h.connectors["payments"].Connector
	c.PasswordRef = "org.git"
	if _, err := h.jobs().Request(t.Context(), c, h.world(t).Secrets, nil); codeOf(err) != "ref.malformed" {
		t.Errorf("out of reach: %v", err)
	}
}

func TestEveryFailureOfTheKeystoreNamesItsFieldAndNoSecret(t *testing.T) {
	t.Parallel()
	for key, field := range map[string]model.QuestionID{"payments": model.QPassword, "keys": model.QSSHKey} {
		h := saved(t, newDraft(), keyDraft())
		secrets := h.world(t).Secrets
		h.breakAt = 3 // settings, the keystore, and then its value
		_, err := h.jobs().Request(t.Context(), h.connectors[key].Connector, secrets, nil)
		p, ok := model.AsProblem(err)
		if !ok || p.Field != field || strings.Contains(fmt.Sprintf("%+v %v", p, err), canary()) {
			t.Errorf("%s: %v", key, err)
		}
	}
}

func TestASecretThatIsAskedEachTimeGoesThroughTheAsker(t *testing.T) {
	t.Parallel()
	h := newHouse()
	h.settings.Keystore = model.WhereAsk
	if _, err := h.jobs().Save(t.Context(), newDraft(), h.world(t), nil); err != nil {
		t.Fatal(err)
	}
	c, secrets := h.connectors["payments"].Connector, h.world(t).Secrets
	if _, err := h.jobs().Request(t.Context(), c, secrets, nil); codeOf(err) != "keystore.locked" {
		t.Errorf("nobody to ask: %v", err)
	}
	if _, err := Ask(WithAsker(t.Context(), nil), Question{}); codeOf(err) != "keystore.locked" {
		t.Errorf("the vault's passphrase: %v", err)
	}
	var asked []model.SecretName
	ctx := WithAsker(t.Context(), func(_ context.Context, q Question) (model.Secret, error) {
		asked = append(asked, q.Name)
		return model.NewSecret("told"), nil
	})
	req, err := h.jobs().Request(ctx, c, secrets, nil)
	if err != nil || req.Password.Reveal() != "told" || !slices.Equal(asked, []model.SecretName{"account/git", "account/api"}) {
		t.Errorf("asked %v, %v", asked, err)
	}
}

func TestADraftIsTestedWithWhatWasTypedAndNothingIsStored(t *testing.T) {
	t.Parallel()
	for _, d := range []model.Draft{newDraft(), keyDraft()} {
		h := newHouse()
		w := h.world(t)
		before := h.snapshot()
		var seen []model.Check
		result, err := h.jobs().TestDraft(t.Context(), d, w, func(c model.Check) { seen = append(seen, c) })
		if err != nil || result.Verdict != model.VerdictPass || len(seen) != 1 || len(h.sent) != 1 {
			t.Fatalf("%+v, %v", result, err)
		}
		if req := h.sent[0]; req.Password.Reveal() != d.Secret(model.QPassword).Reveal() || req.SSHKey.Reveal() != d.Secret(model.QSSHKey).Reveal() ||
			req.SSHPassphrase.Reveal() != d.Secret(model.QSSHPassphrase).Reveal() || req.APIToken.IsZero() != d.Secret(model.QAPIToken).IsZero() {
			t.Errorf("sent %+v", req)
		}
		if h.snapshot() != before {
			t.Error("something was stored")
		}
	}
	h := saved(t, newDraft())
	d, _, _ := h.jobs().Edit(t.Context(), "payments")
	if _, err := h.jobs().TestDraft(t.Context(), d.WithSecret(model.QPassword, model.NewSecret("typed-again")), h.world(t), nil); err != nil || h.sent[0].Password.Reveal() != "typed-again" || h.sent[0].APIToken.Reveal() != canary()+"2" {
		t.Errorf("a typed value stands before the saved one: %v", err)
	}
}

func TestATestOfASavedConnectorIsRemembered(t *testing.T) {
	t.Parallel()
	h := saved(t, newDraft())
	h.result = model.TestResult{Verdict: model.VerdictFail, StartedAt: testNow, Problem: &model.Problem{Code: "cred.rejected", What: "No."}}
	adjust := func(r *model.TestRequest) { r.Timeout = time.Minute }
	if _, err := h.jobs().TestSaved(t.Context(), "payments", nil, adjust, nil); err != nil {
		t.Fatal(err)
	}
	want := model.TestRecord{Verdict: model.VerdictFail, At: testNow, Code: "cred.rejected", What: "No."}
	if got := h.connectors["payments"].LastTest; got == nil || *got != want || h.sent[0].Timeout != time.Minute {
		t.Errorf("%+v", got)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	h = saved(t, newDraft())
	if _, err := h.jobs().TestSaved(cancelled, "payments", nil, nil, nil); !errors.Is(err, context.Canceled) || h.connectors["payments"].LastTest != nil {
		t.Errorf("a test that was left is not remembered: %v", err)
	}
	if _, err := h.jobs().TestSaved(t.Context(), "nobody", nil, nil, nil); err == nil {
		t.Error("nobody was tested")
	}
	for v, want := range map[model.Verdict]bool{model.VerdictPass: true, model.VerdictWarn: true, model.VerdictFail: false, model.VerdictUnreachable: false} {
		if Passed(v) != want {
			t.Errorf("%s", v)
		}
	}
}

func TestAPlaceProvesItselfAndIsRemembered(t *testing.T) {
	t.Parallel()
	h := newHouse()
	h.settings.Keystore = ""
	got, err := h.jobs().Prove(t.Context(), "")
	if err != nil || got.Where != model.WhereKeyring || got.Description != "the keyring" || h.settings.Keystore != model.WhereKeyring {
		t.Fatalf("%+v, %v", got, err)
	}
	if _, err := h.jobs().Prove(t.Context(), model.WhereVault); err != nil || h.settings.Keystore != model.WhereVault {
		t.Errorf("the choice: %v, %+v", err, h.settings)
	}
	if got, _ := h.jobs().Prove(t.Context(), ""); got.Where != model.WhereVault {
		t.Errorf("what was chosen before: %+v", got)
	}
}

func TestAPlaceThatFailsIsNotReplacedSilently(t *testing.T) {
	t.Parallel()
	h := newHouse()
	h.settings.Keystore = ""
	h.prove = func(context.Context) error { return &model.Problem{Code: "keystore.locked"} }
	if _, err := h.jobs().Prove(t.Context(), ""); codeOf(err) != "keystore.locked" || !slices.Equal(h.proved, []model.Where{model.WhereKeyring}) || h.settings.Keystore != "" {
		t.Errorf("%v after %v", err, h.proved)
	}
	h.closed[model.WhereKeyring] = true
	if _, err := h.jobs().Prove(t.Context(), ""); codeOf(err) != "keystore.unavailable" || len(h.proved) != 1 {
		t.Errorf("%v after %v", err, h.proved)
	}
}

func TestAKeyringThatHangsIsLeftAfterThreeSeconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse()
		h.prove = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
		begun := time.Now()
		_, err := h.jobs().Prove(t.Context(), model.WhereKeyring)
		if codeOf(err) != "keystore.timeout" || time.Since(begun) != 3*time.Second {
			t.Errorf("%v after %s", err, time.Since(begun))
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := h.jobs().Prove(ctx, model.WhereVault); !errors.Is(err, context.Canceled) || codeOf(err) != "" {
			t.Errorf("a person who leaves is no timeout: %v", err)
		}
	})
}

func TestTheWorldIsASnapshotOfTheHouse(t *testing.T) {
	t.Parallel()
	h := saved(t, newDraft())
	c := h.connectors["payments"].Connector
	c.ID, c.Selectors = "other", []string{"b", "a", "b"}
	h.put(c)
	w := h.world(t)
	if !w.Now.Equal(testNow) || len(w.Connectors) != 2 || len(w.Secrets) != 2 || !slices.Equal(w.DelegateTags, []string{"a", "b"}) || len(w.Remotes) != 1 || w.NewSecretsIn != model.WhereKeyring || w.InspectKey == nil {
		t.Errorf("%+v", w)
	}
	for n := 1; n <= 3; n++ {
		h.calls, h.breakAt = 0, n
		if _, err := h.jobs().World(t.Context()); !errors.Is(err, errBreak) {
			t.Errorf("call %d: %v", n, err)
		}
	}
	h.breakAt = 0
	d := h.jobs().FillSecret(model.NewDraft(), model.QSSHKey, model.NewSecret(" KEY\n"))
	d = h.jobs().FillSecret(d, model.QPassword, model.NewSecret(" as typed "))
	if d.Secret(model.QSSHKey).Reveal() != "KEY" || d.Secret(model.QPassword).Reveal() != " as typed " {
		t.Error("a key is mended, a password is not")
	}
}

func TestTheHandOverIsInTheOrderHarnessNeeds(t *testing.T) {
	t.Parallel()
	h := saved(t, newDraft(), keyDraft())
	secrets := h.world(t).Secrets
	copies := func(c model.Connector, from []model.SecretInfo) (out []string) {
		for _, s := range HandOver(c, from) {
			if s.Text == "" || strings.ContainsAny(s.Text, "\n") {
				t.Errorf("%+v", s)
			}
			out = append(out, s.Copy)
		}
		return out
	}
	if got := copies(h.connectors["payments"].Connector, secrets); !slices.Equal(got, []string{"git", "api", "bbconnect export payments --format harness"}) {
		t.Errorf("%q", got)
	}
	key := h.connectors["keys"].Connector
	if got := copies(key, secrets); !slices.Equal(got, []string{"keys_passphrase", "keys_ssh_key_file", "keys_ssh_key", "bbconnect export keys --format harness"}) {
		t.Errorf("%q", got)
	}
	if got := copies(key, nil); !slices.Equal(got, []string{"keys_ssh_key", "bbconnect export keys --format harness"}) {
		t.Errorf("unknown here: %q", got)
	}
	key.Scope, key.SSHKeyRef, key.API = model.Scope{Org: "eng", Project: "pay"}, "k", model.APIAccess{Method: model.APIAccessToken, TokenRef: "org.t"}
	steps := HandOver(key, nil)
	if !strings.Contains(steps[0].Text, "k in the project pay of eng") || !strings.Contains(steps[1].Text, "t in the organisation eng") {
		t.Errorf("%+v", steps)
	}
}

// TestAnEditHandsOverWhatItChanged: what a saved connector used before is in Harness
// already; new values, new secrets and another document are named.
func TestAnEditHandsOverWhatItChanged(t *testing.T) {
	t.Parallel()
	h := saved(t, newDraft(), keyDraft())
	texts := func(d model.Draft) string {
		w := h.world(t)
		secrets := w.Secrets
		for _, write := range model.SecretWrites(d, w) {
			secrets = append(slices.DeleteFunc(slices.Clone(secrets), func(s model.SecretInfo) bool { return s.Name == write.Info.Name }), write.Info)
		}
		var out []string
		for _, s := range HandOverSaved(d, w, model.Build(d, w), secrets) {
			out = append(out, s.Text)
		}
		return strings.Join(out, "\n")
	}
	base, _, err := h.jobs().Edit(t.Context(), "payments")
	if err != nil {
		t.Fatal(err)
	}
	document := "Apply the changed document: bbconnect export payments --format harness"
	for name, c := range map[string]struct {
		draft model.Draft
		want  string
		same  bool
	}{
		"nothing":   {base, "", true},
		"words":     {base.With(model.QDescription, "other"), document, true},
		"a value":   {base.WithSecret(model.QPassword, model.NewSecret("another value")), "Replace the value of the text secret git in the account.", false},
		"a secret":  {base.With(model.QSecret, "account.fresh").WithSecret(model.QPassword, model.NewSecret("another value")), "Create the text secret fresh in the account.\n" + document, false},
		"new to it": {newDraft(), "Create the text secret git in the account.", false},
	} {
		if got := texts(c.draft); got != c.want && !(name == "new to it" && strings.HasPrefix(got, c.want)) {
			t.Errorf("%s: %q", name, got)
		}
		if got := SameConnection(c.draft, h.world(t)); got != c.same {
			t.Errorf("%s: the same connection: %v", name, got)
		}
	}
}
