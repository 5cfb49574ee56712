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
