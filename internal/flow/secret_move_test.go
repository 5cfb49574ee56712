package flow

import (
	"errors"
	"strings"
	"testing"

	"bbconnect/model"
)

func moved(list []MovedSecret) string {
	var out []string
	for _, m := range list {
		out = append(out, string(m.Info.Name)+" "+string(m.State))
	}
	return strings.Join(out, ", ")
}

func TestAValueIsMovedAndItsConnectorsNoticeNothing(t *testing.T) {
	t.Parallel()
	a := stocked()
	plan, err := a.jobs().PlanMove(t.Context(), nil, model.WhereVault)
	if want := "account/ask not-kept, account/cmd not-kept, account/one moved, account/two there"; err != nil || moved(plan) != want {
		t.Fatalf("%v: %s, want %s", err, moved(plan), want)
	}
	if a.values[model.WhereKeyring]["account/one"] == "" {
		t.Fatal("the plan moves it")
	}
	told := 0
	done, err := a.jobs().MoveSecrets(t.Context(), nil, model.WhereVault, func(_ MovedSecret, total int) { told += total })
	if err != nil || moved(done) != moved(plan) || told != 16 {
		t.Fatalf("%v: %s, told %d", err, moved(done), told)
	}
	if a.values[model.WhereVault]["account/one"] != canary()+"1" || a.values[model.WhereKeyring]["account/one"] != "" || a.secrets["account/one"].Where != model.WhereVault || done[2].Info.Where != model.WhereVault {
		t.Errorf("after the move\n%s", a.snapshot())
	}
	if a.secrets["account/one"].Kind != model.KindAPIToken || a.secrets["account/ask"].Where != model.WhereAsk {
		t.Error("more than the place was changed")
	}
	if _, err := a.jobs().MoveSecrets(t.Context(), []model.SecretName{"account/one"}, model.WhereKeyring, nil); err != nil || a.values[model.WhereKeyring]["account/one"] != canary()+"1" {
		t.Errorf("back again: %v\n%s", err, a.snapshot())
	}
	if a.held != 0 {
		t.Error("migrations are held for ever")
	}
}

func TestAPlanToMoveIntoAKeyringThatCannotBeUsedSaysSo(t *testing.T) {
	t.Parallel()
	a := stocked()
	if _, err := a.jobs().MoveSecrets(t.Context(), nil, model.WhereVault, nil); err != nil {
		t.Fatal(err)
	}
	a.closed[model.WhereKeyring] = true
	before := a.snapshot()
	if _, err := a.jobs().PlanMove(t.Context(), nil, model.WhereKeyring); codeOf(err) != "keystore.unavailable" {
		t.Errorf("the plan says %v", err)
	}
	if a.snapshot() != before {
		t.Error("the plan changes something")
	}
}

func TestAnSSHCredentialIsMovedWithItsKeyAndPassphrase(t *testing.T) {
	t.Parallel()
	a := newAttic()
	a.keep(model.SecretInfo{Name: "account/ssh", Type: model.SecretSSHKey, File: "account/file", Passphrase: "account/phrase"}, "")
	for _, name := range []model.SecretName{"account/file", "account/phrase", "account/other"} {
		a.keep(model.SecretInfo{Name: name, Type: model.SecretText, Where: model.WhereKeyring}, canary()+string(name))
	}
	done, err := a.jobs().MoveSecrets(t.Context(), []model.SecretName{"account/ssh"}, model.WhereVault, nil)
	if err != nil || moved(done) != "account/file moved, account/phrase moved" || len(a.values[model.WhereVault]) != 2 || a.values[model.WhereKeyring]["account/other"] == "" {
		t.Errorf("%v: %s\n%s", err, moved(done), a.snapshot())
	}
}

func TestWhatCannotBeMovedIsSaid(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil func(*attic)
		names []model.SecretName
		to    model.Where
		code  string
	}{
		"no such secret":      {func(*attic) {}, []model.SecretName{"account/nosuch"}, model.WhereVault, ""},
		"no such place":       {func(*attic) {}, nil, model.WhereAsk, "keystore.unavailable"},
		"the new place":       {func(a *attic) { a.closed[model.WhereVault] = true }, nil, model.WhereVault, "keystore.unavailable"},
		"the old place":       {func(a *attic) { a.closed[model.WhereKeyring] = true }, nil, model.WhereVault, "keystore.unavailable"},
		"the value is gone":   {func(a *attic) { delete(a.values[model.WhereKeyring], "account/one") }, nil, model.WhereVault, "cred.missing"},
		"within a migration":  {func(a *attic) { a.unfinished = true }, nil, model.WhereVault, "migration.unfinished"},
		"beside other values": {func(a *attic) { a.breakAt = 3 }, nil, model.WhereVault, ""},
	} {
		a := stocked()
		c.spoil(a)
		before := a.snapshot()
		_, err := a.jobs().MoveSecrets(t.Context(), c.names, c.to, nil)
		if err == nil || codeOf(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
		if a.snapshot() != before {
			t.Errorf("%s changes something", name)
		}
		if name == "no such secret" && !errors.Is(err, ErrNoSecret) {
			t.Error(err)
		}
	}
}

// TestAMoveThatFailsAnywhereLosesNothing breaks every call of every port: the value
// is where its record says, and the record says one place.
func TestAMoveThatFailsAnywhereLosesNothing(t *testing.T) {
	t.Parallel()
	for _, kill := range []bool{false, true} {
		for at := 1; ; at++ {
			a := stocked()
			before := a.snapshot()
			if kill {
				a.dies = at
			} else {
				a.breakAt = at
			}
			done, err := a.jobs().MoveSecrets(t.Context(), nil, model.WhereVault, nil)
			a.dies, a.breakAt = 0, 0
			info := a.secrets["account/one"]
			if a.values[info.Where]["account/one"] != canary()+"1" {
				t.Fatalf("call %d (%v): the record says %s\n%s", at, err, info.Where, a.snapshot())
			}
			if !kill && err != nil && a.snapshot() != before {
				t.Fatalf("call %d fails (%v) and leaves\n%s", at, err, a.snapshot())
			}
			if err == nil && len(done) == 4 && done[2].Left == nil && at > 12 {
				break
			}
			// The same move finishes it.
			if _, err := a.jobs().MoveSecrets(t.Context(), nil, model.WhereVault, nil); err != nil {
				t.Fatalf("after call %d: %v", at, err)
			}
			if a.secrets["account/one"].Where != model.WhereVault || len(a.values[model.WhereKeyring]) != 0 {
				t.Fatalf("after call %d and once more\n%s", at, a.snapshot())
			}
		}
	}
}

func TestAValueThatIsAnotherOneIsNotTakenForALeftover(t *testing.T) {
	t.Parallel()
	a := stocked()
	a.values[model.WhereKeyring]["account/two"] = "somebody else's"
	if _, err := a.jobs().MoveSecrets(t.Context(), []model.SecretName{"account/two"}, model.WhereVault, nil); err != nil || a.values[model.WhereKeyring]["account/two"] == "" {
		t.Errorf("%v\n%s", err, a.snapshot())
	}
}
