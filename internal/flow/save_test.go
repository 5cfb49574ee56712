package flow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"bbconnect/model"
)

func TestSavingWritesSecretsThenTheConnectorThenItsTest(t *testing.T) {
	t.Parallel()
	for name, d := range map[string]model.Draft{"payments": newDraft(), "keys": keyDraft()} {
		h := newHouse()
		h.drafts["d1"] = true
		d.ID = "d1"
		got, err := h.jobs().Save(t.Context(), d, h.world(t), &model.TestRecord{Verdict: model.VerdictPass, At: testNow})
		if err != nil || got.LastTest == nil || h.connectors[name].LastTest == nil || h.drafts["d1"] {
			t.Fatalf("%s: %+v, %v", name, got, err)
		}
		for _, write := range model.SecretWrites(d, model.World{Now: testNow}) {
			if h.secrets[write.Info.Name].Where != model.WhereKeyring || h.values[model.WhereKeyring][write.Info.Name] != write.Value.Reveal() {
				t.Errorf("%s: %s is not where it belongs", name, write.Info.Name)
			}
		}
	}
}

// Every call of every port is made to fail once, for a new connector and for a
// change of a saved one; each time everything must be as it was.
func TestASaveThatFailsAnywhereLeavesWhatWasThere(t *testing.T) {
	t.Parallel()
	change := func(d model.Draft, h *house) model.Draft {
		key := model.Build(d, model.World{}).Key()
		edit, _, err := h.jobs().Edit(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		return edit.With(model.QDescription, "new").WithSecret(model.QPassword, model.NewSecret(canary()+"3")).WithSecret(model.QSSHKey, model.NewSecret(canary()+"4"))
	}
	for _, tc := range []struct {
		name  string
		start func() (*house, model.Draft)
	}{
		{"new over HTTP", func() (*house, model.Draft) { return newHouse(), newDraft() }},
		{"new over SSH", func() (*house, model.Draft) { return newHouse(), keyDraft() }},
		{"new with an orphaned value", func() (*house, model.Draft) {
			h := newHouse()
			h.values[model.WhereKeyring]["account/git"] = "orphan"
			return h, newDraft()
		}},
		{"changed over HTTP", func() (*house, model.Draft) { h := saved(t, newDraft()); return h, change(newDraft(), h) }},
		{"changed over SSH", func() (*house, model.Draft) { h := saved(t, keyDraft()); return h, change(keyDraft(), h) }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			failed := 0
			for n := 1; ; n++ {
				h, d := tc.start()
				w := h.world(t)
				before := h.snapshot()
				h.breakAt = n
				_, err := h.jobs().Save(t.Context(), d, w, &model.TestRecord{Verdict: model.VerdictPass})
				if err == nil && h.calls < n {
					break
				}
				failed++
				if err == nil || !errors.Is(err, errBreak) || strings.Contains(err.Error(), canary()) {
					t.Errorf("call %d: %v", n, err)
				}
				if after := h.snapshot(); after != before {
					t.Errorf("call %d left\n%s\nof\n%s", n, after, before)
				}
			}
			if failed < 5 {
				t.Errorf("only %d calls were tried", failed)
			}
		})
	}
}

func TestADraftThatCannotBeForgottenDoesNotUnsaveTheConnector(t *testing.T) {
	t.Parallel()
	h := newHouse()
	d := newDraft()
	d.ID = "d1"
	w := h.world(t)
	h.breakAt = 12 // what is known of secrets, four for each, the connector, its test
	if _, err := h.jobs().Save(t.Context(), d, w, &model.TestRecord{}); err != nil || h.calls != 12 || len(h.connectors) != 1 {
		t.Errorf("%v after %d calls", err, h.calls)
	}
}

func TestWhatWasBegunIsTakenBackWhenCancelled(t *testing.T) {
	t.Parallel()
	h := newHouse()
	w := h.world(t)
	before := h.snapshot()
	ctx, cancel := context.WithCancel(t.Context())
	jobs := h.jobs()
	jobs.Library = cancelled{h, cancel}
	if _, err := jobs.Save(ctx, newDraft(), w, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if h.snapshot() != before {
		t.Errorf("left %s", h.snapshot())
	}
}

// cancelled is a library whose person leaves while the connector is saved.
type cancelled struct {
	*house
	leave context.CancelFunc
}

func (c cancelled) Save(ctx context.Context, _ model.Connector, _ string) (model.Saved, error) {
	c.leave()
	return model.Saved{}, ctx.Err()
}

func (c cancelled) RemoveSecret(ctx context.Context, name model.SecretName) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return c.house.RemoveSecret(ctx, name)
}

func TestADraftWithAnErrorIsNotSaved(t *testing.T) {
	t.Parallel()
	h := newHouse()
	_, err := h.jobs().Save(t.Context(), newDraft().With(model.QName, ""), h.world(t), nil)
	p, ok := model.AsProblem(err)
	if !ok || p.Code != "name.required" || p.Field != model.QName || p.Fix == "" || h.calls != 0 {
		t.Errorf("%v after %d calls", err, h.calls)
	}
}

func TestSomebodyElsesChangeIsNotOverwritten(t *testing.T) {
	t.Parallel()
	h := saved(t, newDraft())
	d, _, err := h.jobs().Edit(t.Context(), "payments")
	if err != nil || d.BaseRevision == "" || d.Editing != "payments" {
		t.Fatalf("%+v, %v", d, err)
	}
	h.put(h.connectors["payments"].Connector)
	if _, err := h.jobs().Save(t.Context(), d.With(model.QDescription, "x"), h.world(t), nil); codeOf(err) != "store.conflict" {
		t.Errorf("%v", err)
	}
}

func TestSecretsGoWhereTheyWereChosenToGo(t *testing.T) {
	t.Parallel()
	for _, where := range []model.Where{model.WhereKeyring, model.WhereVault, model.WhereAsk, model.WhereCommand, ""} {
		h := newHouse()
		h.settings.Keystore = where
		if where == model.WhereCommand {
			h.values[where]["account/git"], h.values[where]["account/api"] = canary()+"1", canary()+"2"
		}
		_, err := h.jobs().Save(t.Context(), newDraft(), h.world(t), nil)
		switch {
		case where == "":
			if codeOf(err) != "keystore.unavailable" || len(h.connectors) != 0 {
				t.Errorf("nowhere: %v", err)
			}
		case err != nil || h.secrets["account/git"].Where != where:
			t.Errorf("%s: %v", where, err)
		case (where == model.WhereAsk) != (h.values[where]["account/git"] == ""):
			t.Errorf("%s keeps %q", where, h.values[where]["account/git"])
		}
	}
}

func TestACommandMustPrintTheValueAlready(t *testing.T) {
	t.Parallel()
	for _, kept := range []string{"", "another"} {
		h := newHouse()
		h.settings.Keystore = model.WhereCommand
		if kept != "" {
			h.values[model.WhereCommand]["account/git"] = kept
		}
		_, err := h.jobs().Save(t.Context(), newDraft(), h.world(t), nil)
		if codeOf(err) != "keystore.denied" || strings.Contains(fmt.Sprintf("%+v", err), canary()) || len(h.connectors) != 0 {
			t.Errorf("%q: %v", kept, err)
		}
	}
}

func TestASecretIsStoredOnItsOwn(t *testing.T) {
	t.Parallel()
	h := newHouse()
	info := model.SecretInfo{Name: "account/x", Type: model.SecretText}
	if err := h.jobs().SetSecret(t.Context(), info, model.NewSecret(canary())); err != nil || h.values[model.WhereKeyring]["account/x"] != canary() {
		t.Fatal(err)
	}
	for n := 1; ; n++ {
		before := h.snapshot()
		h.calls, h.breakAt = 0, n
		err := h.jobs().SetSecret(t.Context(), info, model.NewSecret("new"))
		if err == nil && h.calls < n {
			break
		}
		if err == nil || h.snapshot() != before {
			t.Errorf("call %d: %v, %s", n, err, h.snapshot())
		}
	}
}

func TestTheSecretsOfAConnectorAreListedWithWhoElseUsesThem(t *testing.T) {
	t.Parallel()
	h := saved(t, newDraft(), keyDraft())
	other := h.connectors["keys"].Connector
	other.ID, other.Name, other.SSHKeyRef = "other", "other", "account.other_key"
	h.put(other)
	// Another credential shares the file, not the passphrase.
	credential := h.secrets["account/keys_ssh_key"]
	file := credential.File
	credential.Name, credential.Passphrase = "account/other_key", ""
	h.keep(credential, "")
	uses, err := h.jobs().Uses(t.Context(), "keys")
	if err != nil || len(uses) != 3 {
		t.Fatalf("%+v, %v", uses, err)
	}
	for _, use := range uses {
		want := []string(nil)
		if use.Info.Name == file {
			want = []string{"other"}
		}
		if !slices.Equal(use.Others, want) {
			t.Errorf("%s: %v", use.Info.Name, use.Others)
		}
	}
	removed, err := h.jobs().Delete(t.Context(), "keys", true)
	if err != nil || slices.Contains(removed, file) || len(removed) != 2 || h.values[model.WhereKeyring][file] == "" {
		t.Errorf("removed %v, %v", removed, err)
	}
	if _, err := h.jobs().Uses(t.Context(), "nobody"); err == nil {
		t.Error("nobody has secrets")
	}
}

func TestDeletingKeepsSharedSecretsAndAllWhenNotAsked(t *testing.T) {
	t.Parallel()
	h := saved(t, newDraft())
	twin := h.connectors["payments"].Connector
	twin.ID, twin.Name, twin.API = "twin", "twin", model.APIAccess{}
	h.put(twin)
	if removed, err := h.jobs().Delete(t.Context(), "payments", true); err != nil || !slices.Equal(removed, []model.SecretName{"account/api"}) {
		t.Errorf("%v, %v", removed, err)
	}
	if h.values[model.WhereKeyring]["account/git"] == "" || h.secrets["account/git"].Name == "" {
		t.Error("a shared secret is gone")
	}
	if removed, err := h.jobs().Delete(t.Context(), "twin", false); err != nil || len(removed) != 0 || h.values[model.WhereKeyring]["account/git"] == "" {
		t.Errorf("%v, %v", removed, err)
	}
	if len(h.connectors) != 0 {
		t.Error("the connectors stayed")
	}
}

func TestADeleteThatFailsLeavesNoConnectorWithoutItsSecret(t *testing.T) {
	t.Parallel()
	for n := 1; ; n++ {
		h := saved(t, newDraft(), keyDraft())
		h.breakAt = n
		_, err := h.jobs().Delete(t.Context(), "keys", true)
		if err == nil && h.calls < n {
			break
		}
		if _, there := h.connectors["keys"]; err == nil || there && len(h.values[model.WhereKeyring]) != 4 {
			t.Errorf("call %d: %v, %s", n, err, h.snapshot())
		}
	}
	h := saved(t, newDraft())
	h.closed[model.WhereKeyring] = true
	if _, err := h.jobs().Delete(t.Context(), "payments", true); codeOf(err) != "keystore.unavailable" || len(h.connectors) != 1 {
		t.Errorf("a keyring that cannot be opened is found out first: %v", err)
	}
}

func TestAFileThatAnIdleCredentialPointsToIsKept(t *testing.T) {
	t.Parallel()
	h := saved(t, keyDraft())
	idle := h.secrets["account/keys_ssh_key"]
	idle.Name, idle.Passphrase = "account/idle", ""
	h.keep(idle, "")
	removed, err := h.jobs().Delete(t.Context(), "keys", true)
	if err != nil || len(removed) != 2 || h.values[model.WhereKeyring][idle.File] == "" || h.secrets[idle.File].Name == "" {
		t.Errorf("removed %v, %v", removed, err)
	}
}

func TestASecretInUseIsNotDeleted(t *testing.T) {
	t.Parallel()
	h := saved(t, newDraft(), keyDraft())
	file := h.secrets["account/keys_ssh_key"].File
	h.keep(model.SecretInfo{Name: "account/idle", Type: model.SecretSSHKey, File: "account/idle_file"}, "")
	h.keep(model.SecretInfo{Name: "account/idle_file", Type: model.SecretFile, Where: model.WhereKeyring}, "k")
	for _, name := range []model.SecretName{"account/git", file, "account/keys_ssh_key", "account/idle_file"} {
		if err := h.jobs().DeleteSecret(t.Context(), name); codeOf(err) != "secret.used" || h.secrets[name].Name == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []model.SecretName{"account/idle", "account/idle_file"} {
		if err := h.jobs().DeleteSecret(t.Context(), name); err != nil || h.secrets[name].Name != "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := h.jobs().DeleteSecret(t.Context(), "account/idle"); !errors.Is(err, ErrNoSecret) {
		t.Errorf("%v", err)
	}
}

func TestAConflictNamesTheAnswersThatDiffer(t *testing.T) {
	t.Parallel()
	h := saved(t, newDraft())
	w := h.world(t)
	d, _, err := h.jobs().Edit(t.Context(), "payments")
	if err != nil {
		t.Fatal(err)
	}
	theirs := h.connectors["payments"].Connector
	theirs.Description = "theirs"
	h.put(theirs)
	_, err = h.jobs().Save(t.Context(), d.With(model.QDescription, "mine").With(model.QTags, "a"), w, nil)
	p, ok := model.AsProblem(err)
	if !ok || p.Code != "store.conflict" || !strings.Contains(p.Why, "Changed by both: Description.") || !strings.Contains(p.Why, "Changed here: Tags.") {
		t.Errorf("the error is %v: %+v", err, p)
	}
	if h.connectors["payments"].Connector.Description != "theirs" {
		t.Error("it was overwritten")
	}
}

// untouched are keystores that nobody may open.
type untouched struct{ t *testing.T }

func (u untouched) Keystore(where model.Where) (Keystore, error) {
	u.t.Errorf("the %s was opened", where)
	return nil, errBreak
}

// A process that dies between a value and the document must not leave its value in
// the place of the one that somebody else saved.
func TestNoValueIsWrittenForAChangeThatSomebodyElseOvertook(t *testing.T) {
	t.Parallel()
	h := saved(t, newDraft())
	d, _, err := h.jobs().Edit(t.Context(), "payments")
	if err != nil {
		t.Fatal(err)
	}
	d = d.With(model.QDescription, "mine").WithSecret(model.QPassword, model.NewSecret(canary()+"9"))
	theirs := h.connectors["payments"].Connector
	theirs.Description = "theirs"
	h.put(theirs)
	before := h.snapshot()
	jobs := h.jobs()
	jobs.Keystores = untouched{t}
	_, err = jobs.Save(t.Context(), d, h.world(t), nil)
	p, ok := model.AsProblem(err)
	if !ok || p.Code != "store.conflict" || p.Field != model.QID || p.Fix == "" || !strings.Contains(p.Why, "Changed by both: Description.") {
		t.Errorf("the error is %v: %+v", err, p)
	}
	if after := h.snapshot(); after != before {
		t.Errorf("it left\n%s\nof\n%s", after, before)
	}
	delete(h.connectors, "payments")
	jobs = h.jobs()
	jobs.Library = vanished{h}
	if _, err := jobs.Save(t.Context(), d, h.world(t), nil); codeOf(err) != "store.conflict" {
		t.Errorf("of a connector that is gone: %v", err)
	}
}

// vanished is a library that says of every connector what the store says of one that is
// not there.
type vanished struct{ *house }

func (vanished) Get(context.Context, string) (model.Saved, error) {
	return model.Saved{}, &model.Problem{Code: "store.not-found"}
}
