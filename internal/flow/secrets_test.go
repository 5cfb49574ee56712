package flow

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"bbconnect/model"
)

// desk is a house that also keeps unfinished connectors.
type desk struct {
	*house
	unfinished map[string]model.Draft
}

func (d desk) Drafts(context.Context) ([]model.SavedDraft, error) {
	var out []model.SavedDraft
	for _, id := range slices.Sorted(maps.Keys(d.unfinished)) {
		out = append(out, model.SavedDraft{Draft: d.unfinished[id]})
	}
	return out, d.call()
}

func (d desk) SaveDraft(_ context.Context, draft model.Draft) (string, error) {
	if err := d.call(); err != nil {
		return "", err
	}
	d.unfinished[draft.ID] = draft
	return draft.ID, nil
}

// Save keeps what is remembered of the connector's test, as the store does.
func (d desk) Save(ctx context.Context, c model.Connector, base string) (model.Saved, error) {
	tested := d.connectors[c.Key()].LastTest
	if _, err := d.house.Save(ctx, c, base); err != nil {
		return model.Saved{}, err
	}
	saved := d.connectors[c.Key()]
	saved.LastTest = tested
	d.connectors[c.Key()] = saved
	return saved, nil
}

func (d desk) jobs() *Jobs {
	j := d.house.jobs()
	j.Library = d
	return j
}

func (d desk) snapshot() string {
	var b strings.Builder
	for _, id := range slices.Sorted(maps.Keys(d.unfinished)) {
		fmt.Fprintln(&b, id, d.unfinished[id].Answers())
	}
	return d.house.snapshot() + b.String()
}

// rich is a desk with a token two connectors share (one of them tested), an SSH
// connector, and an unfinished one that names the token.
func rich(t *testing.T) desk {
	t.Helper()
	second := newDraft().WithAnswers(map[model.QuestionID]string{
		model.QName: "Second", model.QID: "second", model.QKind: "api-token", model.QURL: "https://bitbucket.org/acme/", model.QTestRepository: "ledger.git",
		model.QUsername: "jdoe", model.QSecret: "account.git", model.QAPIMethod: "off",
	}).WithSecret(model.QPassword, model.NewSecret(canary()+"1"))
	h := saved(t, newDraft(), second, keyDraft())
	if err := h.RecordTest(t.Context(), "payments", model.TestRecord{Verdict: model.VerdictPass, At: testNow}); err != nil {
		t.Fatal(err)
	}
	d := model.NewDraft().WithAnswers(map[model.QuestionID]string{model.QName: "Half", model.QSecret: "account.git"})
	d.ID = "half"
	h.calls = 0
	return desk{h, map[string]model.Draft{"half": d}}
}

func TestEveryNamedSecretIsListedWithWhoeverUsesIt(t *testing.T) {
	t.Parallel()
	d := rich(t)
	d.keep(model.SecretInfo{Name: "account/idle", Type: model.SecretText, Where: model.WhereKeyring}, "x")
	list, err := d.jobs().NamedSecrets(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := map[model.SecretName]string{}
	for _, s := range list {
		got[s.Info.Name] = strings.Join(s.UsedBy, ",") + "|" + string(s.PartOf)
	}
	want := map[model.SecretName]string{
		"account/git": "payments,second|", "account/api": "payments|", "account/idle": "|", "account/keys_ssh_key": "keys|",
		"account/keys_ssh_key_file": "keys|account/keys_ssh_key",
	}
	for name, users := range want {
		if got[name] != users {
			t.Errorf("%s is used by %q, want %q", name, got[name], users)
		}
	}
	if len(list) != len(d.secrets) {
		t.Errorf("%d of %d secrets are listed", len(list), len(d.secrets))
	}
}

// TestTheListOfUsersIsThatOfTheOtherJobs compares the quick count with usersOf,
// which deleting goes by.
func TestTheListOfUsersIsThatOfTheOtherJobs(t *testing.T) {
	t.Parallel()
	d := rich(t)
	w := d.world(t)
	list, err := d.jobs().NamedSecrets(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range list {
		if want := usersOf(s.Info.Name, w); !slices.Equal(s.UsedBy, want) {
			t.Errorf("%s: %v, want %v", s.Info.Name, s.UsedBy, want)
		}
	}
}

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

func TestALookSaysOfEachSecretWhetherItIsHeld(t *testing.T) {
	t.Parallel()
	d := rich(t)
	short := d.secrets["account/api"]
	short.Length = 3
	d.secrets["account/api"] = short
	delete(d.values[model.WhereKeyring], "account/git")
	d.keep(model.SecretInfo{Name: "account/asked", Type: model.SecretText, Where: model.WhereAsk}, "")
	for i := range 3 {
		d.keep(model.SecretInfo{Name: model.SecretName(fmt.Sprint("account/vault", i)), Type: model.SecretText, Where: model.WhereVault}, canary())
	}
	d.closed[model.WhereVault] = true
	var told []model.SecretName
	found, err := d.jobs().VerifySecrets(t.Context(), nil, func(one SecretHolding, total int) {
		if told = append(told, one.Info.Name); total != len(d.secrets) {
			t.Errorf("%d in all, want %d", total, len(d.secrets))
		}
	})
	if err != nil || len(told) != len(found) || len(found) != len(d.secrets) {
		t.Fatalf("%d of %d found, %d told: %v", len(found), len(d.secrets), len(told), err)
	}
	want := map[model.SecretName]HeldState{
		"account/api": SecretDiffers, "account/git": SecretGone, "account/asked": SecretNowhere, "account/keys_ssh_key": SecretNowhere,
		"account/keys_ssh_key_file": SecretHeld, "account/vault0": SecretLocked, "account/vault2": SecretLocked,
	}
	for _, one := range found {
		if state, listed := want[one.Info.Name]; listed && one.State != state {
			t.Errorf("%s is %s, want %s", one.Info.Name, one.State, state)
		}
		if (one.State == SecretLocked) != (one.Problem != nil) {
			t.Errorf("%s is %s with the problem %v", one.Info.Name, one.State, one.Problem)
		}
		if text := fmt.Sprintf("%+v", one); strings.Contains(text, canary()) {
			t.Error("a value is in what was found")
		}
	}
}

func TestAPlaceThatDoesNotAnswerIsAskedOnceAndACommandForEachName(t *testing.T) {
	t.Parallel()
	for where, want := range map[model.Where]int{model.WhereVault: 1, model.WhereCommand: 4} {
		h := newHouse()
		for i := range 4 {
			h.keep(model.SecretInfo{Name: model.SecretName(fmt.Sprint("account/s", i)), Type: model.SecretText, Where: where}, canary())
		}
		h.closed[where] = true
		if _, err := h.jobs().VerifySecrets(t.Context(), nil, nil); err != nil {
			t.Fatal(err)
		}
		if asked := h.calls - 1; asked != want { // one call read the list
			t.Errorf("%s was asked %d times, want %d", where, asked, want)
		}
	}
}

func TestALookThatIsCancelledReturnsWhatItFound(t *testing.T) {
	t.Parallel()
	d := rich(t)
	ctx, cancel := context.WithCancel(t.Context())
	found, err := d.jobs().VerifySecrets(ctx, nil, func(SecretHolding, int) { cancel() })
	if !errors.Is(err, context.Canceled) || len(found) != 1 {
		t.Errorf("%d found, %v", len(found), err)
	}
	if _, err := d.jobs().VerifySecrets(t.Context(), []model.SecretName{"account/none"}, nil); !errors.Is(err, ErrNoSecret) {
		t.Errorf("a name nobody knows: %v", err)
	}
	found, err = d.jobs().VerifySecrets(t.Context(), []model.SecretName{"account/git"}, nil)
	if err != nil || len(found) != 1 || found[0].State != SecretHeld || found[0].Length != len(canary())+1 {
		t.Errorf("one by name: %+v, %v", found, err)
	}
}

func TestTheDayASecretEndsIsRecordedAndNothingElse(t *testing.T) {
	t.Parallel()
	d := rich(t)
	day := time.Date(2027, 11, 21, 0, 0, 0, 0, time.UTC)
	want := d.secrets["account/git"]
	want.Expires = day
	if err := d.jobs().SetExpiry(t.Context(), "account/git", day); err != nil || d.secrets["account/git"] != want {
		t.Errorf("%v: %+v", err, d.secrets["account/git"])
	}
	if err := d.jobs().SetExpiry(t.Context(), "account/git", time.Time{}); err != nil || !d.secrets["account/git"].Expires.IsZero() {
		t.Errorf("clearing it: %v", err)
	}
	if err := d.jobs().SetExpiry(t.Context(), "account/none", day); !errors.Is(err, ErrNoSecret) {
		t.Errorf("a name nobody knows: %v", err)
	}
	if d.values[model.WhereKeyring]["account/git"] != canary()+"1" {
		t.Error("the value was touched")
	}
}

func TestASecretThatIsStoredElsewhereLeavesNoValueBehind(t *testing.T) {
	t.Parallel()
	for _, where := range []model.Where{model.WhereVault, model.WhereAsk, model.WhereKeyring} {
		d := rich(t)
		info := d.secrets["account/git"]
		info.Where = where
		if err := d.jobs().SetSecret(t.Context(), info, model.NewSecret(canary()+"new")); err != nil {
			t.Fatal(err)
		}
		if left := d.values[model.WhereKeyring]["account/git"]; where != model.WhereKeyring && left != "" {
			t.Errorf("kept in %s, and still in the keyring", where)
		}
		if kept := d.values[where]["account/git"]; where != model.WhereAsk && kept != canary()+"new" {
			t.Errorf("it is not in %s", where)
		}
	}
	d := rich(t)
	d.closed[model.WhereKeyring] = true
	info := d.secrets["account/git"]
	info.Where = model.WhereVault
	if err := d.jobs().SetSecret(t.Context(), info, model.NewSecret(canary()+"new")); err != nil || d.values[model.WhereVault]["account/git"] == "" {
		t.Errorf("a place that is shut cannot be left: %v", err)
	}
}
