package flow

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"bbconnect/model"
)

func TestARenamedSecretIsTheSameUnderItsNewNameEverywhere(t *testing.T) {
	t.Parallel()
	d := rich(t)
	before := d.secrets["account/git"]
	r, err := d.jobs().RenameSecret(t.Context(), "account/git", "account/bitbucket")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(r.Connectors, []string{"payments", "second"}) || r.Drafts != 1 {
		t.Errorf("rewritten: %v and %d drafts", r.Connectors, r.Drafts)
	}
	after := d.secrets["account/bitbucket"]
	after.Name = before.Name
	if after != before {
		t.Errorf("what is known of it changed: %+v", after)
	}
	if d.values[model.WhereKeyring]["account/bitbucket"] != canary()+"1" {
		t.Error("the value is not under the new name")
	}
	if text := d.snapshot(); strings.Contains(text, "account/git") || strings.Contains(text, "account.git") {
		t.Errorf("the old name is still somewhere:\n%s", text)
	}
	if got := d.connectors["payments"]; got.Connector.PasswordRef != "account.bitbucket" || got.Connector.API.TokenRef != "account.api" || got.LastTest == nil {
		t.Errorf("the document says %s and %s, its last test is %v", got.Connector.PasswordRef, got.Connector.API.TokenRef, got.LastTest)
	}
}

func TestRenamingThePartsOfAnSSHCredentialKeepsItWhole(t *testing.T) {
	t.Parallel()
	d := rich(t)
	d.keep(model.SecretInfo{Name: "account/phrase", Type: model.SecretText, Kind: model.KindPassword, Where: model.WhereKeyring}, canary()+"pass")
	whole := d.secrets["account/keys_ssh_key"]
	whole.Passphrase = "account/phrase"
	d.secrets[whole.Name] = whole
	for from, to := range map[model.SecretName]model.SecretName{
		"account/keys_ssh_key_file": "account/key_file", "account/keys_ssh_key": "account/key", "account/phrase": "account/key_passphrase",
	} {
		if _, err := d.jobs().RenameSecret(t.Context(), from, to); err != nil {
			t.Fatalf("%s: %v", from, err)
		}
	}
	whole = d.secrets["account/key"]
	if whole.File != "account/key_file" || whole.Passphrase != "account/key_passphrase" || d.connectors["keys"].Connector.SSHKeyRef != "account.key" {
		t.Errorf("the credential is %+v, the document says %s", whole, d.connectors["keys"].Connector.SSHKeyRef)
	}
	if d.values[model.WhereKeyring]["account/key_file"] != canary()+"key" || d.values[model.WhereKeyring]["account/key_passphrase"] != canary()+"pass" {
		t.Error("a value was lost")
	}
}

// TestARenameThatBreaksAnywhereLeavesEverythingAsItWas breaks the port at each
// call there is, one after the other.
func TestARenameThatBreaksAnywhereLeavesEverythingAsItWas(t *testing.T) {
	t.Parallel()
	for _, name := range []model.SecretName{"account/git", "account/keys_ssh_key", "account/keys_ssh_key_file"} {
		whole := rich(t)
		if _, err := whole.jobs().RenameSecret(t.Context(), name, "account/renamed"); err != nil {
			t.Fatal(err)
		}
		for at := 1; at <= whole.calls; at++ {
			d := rich(t)
			before := d.snapshot()
			d.breakAt = at
			_, err := d.jobs().RenameSecret(t.Context(), name, "account/renamed")
			if err == nil {
				t.Errorf("%s: call %d broke, and nobody says so", name, at)
			}
			if after := d.snapshot(); after != before {
				t.Errorf("%s: call %d broke and left something behind.\nbefore:\n%s\nafter:\n%s", name, at, before, after)
			}
		}
	}
}

// TestAKilledRenameLeavesNoDocumentWithoutItsValue breaks everything from a call
// on, undoing too, as a kill does: whatever is left, each document's secret has
// its value.
func TestAKilledRenameLeavesNoDocumentWithoutItsValue(t *testing.T) {
	t.Parallel()
	whole := rich(t)
	if _, err := whole.jobs().RenameSecret(t.Context(), "account/git", "account/renamed"); err != nil {
		t.Fatal(err)
	}
	for at := 1; at <= whole.calls; at++ {
		d := rich(t)
		killed := killing{d, at}
		j := d.jobs()
		j.Library, j.Keystores = killed, killed
		_, _ = j.RenameSecret(t.Context(), "account/git", "account/renamed")
		for key, s := range d.connectors {
			for _, ref := range s.Connector.SecretRefs() {
				name, _ := ref.Name(s.Connector.Scope)
				info, known := d.secrets[name]
				if !known || info.Type == model.SecretText && d.values[info.Where][name] == "" {
					t.Errorf("killed at call %d: %s refers to %s, which has no value", at, key, name)
				}
			}
		}
		for name := range d.values[model.WhereKeyring] {
			if _, known := d.secrets[name]; !known && name != "account/renamed" {
				t.Errorf("killed at call %d: nobody knows of the value of %s any more", at, name)
			}
		}
		// The same once more finishes it, whatever the first run has left.
		if _, err := d.jobs().RenameSecret(t.Context(), "account/git", "account/renamed"); err != nil && !errors.Is(err, ErrNoSecret) {
			t.Errorf("killed at call %d: renaming again says %v", at, err)
		}
		if d.snapshot() != whole.snapshot() {
			t.Errorf("killed at call %d: renaming again leaves\n%s\nwant\n%s", at, d.snapshot(), whole.snapshot())
		}
	}
}

// killing is a desk whose ports all break from one call on.
type killing struct {
	desk
	at int
}

func (k killing) dead() error {
	if k.calls+1 >= k.at {
		return errBreak
	}
	return nil
}

func (k killing) Save(ctx context.Context, c model.Connector, base string) (model.Saved, error) {
	if err := k.dead(); err != nil {
		return model.Saved{}, err
	}
	return k.desk.Save(ctx, c, base)
}

func (k killing) PutSecret(ctx context.Context, info model.SecretInfo) error {
	return errors.Join(k.dead(), k.unlessDead(func() error { return k.desk.PutSecret(ctx, info) }))
}

func (k killing) RemoveSecret(ctx context.Context, name model.SecretName) error {
	return errors.Join(k.dead(), k.unlessDead(func() error { return k.desk.RemoveSecret(ctx, name) }))
}

func (k killing) SaveDraft(ctx context.Context, d model.Draft) (string, error) {
	return "", errors.Join(k.dead(), k.unlessDead(func() error { _, err := k.desk.SaveDraft(ctx, d); return err }))
}

func (k killing) unlessDead(do func() error) error {
	if k.dead() != nil {
		return nil
	}
	return do()
}

func (k killing) Keystore(where model.Where) (Keystore, error) {
	keys, err := k.desk.Keystore(where)
	return dying{keys, k}, err
}

// dying is a keystore that breaks with the rest.
type dying struct {
	Keystore
	k killing
}

func (d dying) Set(ctx context.Context, name model.SecretName, value model.Secret) error {
	return errors.Join(d.k.dead(), d.k.unlessDead(func() error { return d.Keystore.Set(ctx, name, value) }))
}

func (d dying) Delete(ctx context.Context, name model.SecretName) error {
	return errors.Join(d.k.dead(), d.k.unlessDead(func() error { return d.Keystore.Delete(ctx, name) }))
}

func TestWhatCannotBeRenamedIsRefusedBeforeAnythingChanges(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		from, to model.SecretName
		prepare  func(desk)
		code     string
	}{
		"an unknown one":         {from: "account/none", to: "account/new"},
		"no name":                {from: "account/git", to: "account/9", code: "ref.malformed"},
		"another scope":          {from: "account/git", to: "org/acme/git", code: "ref.scope"},
		"a name that is taken":   {from: "account/git", to: "account/api", code: "secret.taken"},
		"its own name":           {from: "account/git", to: "account/git", code: "secret.taken"},
		"a value that is gone":   {from: "account/git", to: "account/new", code: "cred.missing", prepare: func(d desk) { delete(d.values[model.WhereKeyring], "account/git") }},
		"a stranger's value":     {from: "account/git", to: "account/new", code: "secret.taken", prepare: func(d desk) { d.values[model.WhereKeyring]["account/new"] = "theirs" }},
		"a place that is closed": {from: "account/git", to: "account/new", code: "keystore.unavailable", prepare: func(d desk) { d.closed[model.WhereKeyring] = true }},
		"what a command does not print": {from: "account/printed", to: "account/new", code: "keystore.denied", prepare: func(d desk) {
			d.keep(model.SecretInfo{Name: "account/printed", Type: model.SecretText, Where: model.WhereCommand}, canary())
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := rich(t)
			if tc.prepare != nil {
				tc.prepare(d)
			}
			before := d.snapshot()
			_, err := d.jobs().RenameSecret(t.Context(), tc.from, tc.to)
			if err == nil || codeOf(err) != tc.code || tc.code == "" && !errors.Is(err, ErrNoSecret) {
				t.Errorf("it says %v, want %q", err, tc.code)
			}
			if d.snapshot() != before {
				t.Error("something changed")
			}
		})
	}
}

func TestASecretWithoutAValueHereIsRenamedInItsFactsAlone(t *testing.T) {
	t.Parallel()
	d := rich(t)
	d.keep(model.SecretInfo{Name: "account/asked", Type: model.SecretText, Where: model.WhereAsk}, "")
	d.keep(model.SecretInfo{Name: "account/printed", Type: model.SecretText, Where: model.WhereCommand}, canary())
	d.values[model.WhereCommand]["account/printed_too"] = canary()
	for from, to := range map[model.SecretName]model.SecretName{"account/asked": "account/asked_too", "account/printed": "account/printed_too"} {
		if _, err := d.jobs().RenameSecret(t.Context(), from, to); err != nil {
			t.Errorf("%s: %v", from, err)
		}
		if _, there := d.secrets[to]; !there {
			t.Errorf("%s is not known", to)
		}
	}
	if d.values[model.WhereCommand]["account/printed"] == "" {
		t.Error("what a command prints was touched")
	}
}

func TestSomebodyWhoComesToUseTheOldNameStopsTheRename(t *testing.T) {
	t.Parallel()
	d := rich(t)
	late := d.connectors["second"].Connector
	late.ID = "late"
	j := d.jobs()
	j.Library = latecomer{d, late}
	_, err := j.RenameSecret(t.Context(), "account/git", "account/new")
	if codeOf(err) != "store.conflict" {
		t.Errorf("it says %v", err)
	}
	for key, s := range d.connectors {
		if s.Connector.Uses("account/new") {
			t.Errorf("%s was left with the new name", key)
		}
	}
	if d.values[model.WhereKeyring]["account/git"] == "" || d.values[model.WhereKeyring]["account/new"] != "" {
		t.Error("the value is not where it was")
	}
}

// latecomer saves another connector as soon as the facts are renamed.
type latecomer struct {
	desk
	c model.Connector
}

func (l latecomer) PutSecret(ctx context.Context, info model.SecretInfo) error {
	l.put(l.c)
	return l.desk.PutSecret(ctx, info)
}

func TestAPlanChangesNothingAndSaysWhatWould(t *testing.T) {
	t.Parallel()
	d := rich(t)
	before := d.snapshot()
	r, err := d.jobs().PlanRename(t.Context(), "account/keys_ssh_key_file", "account/new")
	if err != nil || !slices.Equal(r.Credentials, []model.SecretName{"account/keys_ssh_key"}) || len(r.Connectors) != 0 {
		t.Errorf("%+v, %v", r, err)
	}
	if d.snapshot() != before {
		t.Error("planning changed something")
	}
}
