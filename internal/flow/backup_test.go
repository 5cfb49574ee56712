package flow

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"bbconnect/model"
)

// attic is a house with an archive: documents are the connectors' descriptions,
// and all of them are written at once.
type attic struct {
	*house
	Journal
	unfinished bool
	held       int
}

func (a *attic) jobs() *Jobs {
	j := a.house.jobs()
	j.Archive, j.Journal = a, a
	return j
}

func (a *attic) HoldMigration(context.Context) (func(), error) {
	if err := a.call(); err != nil {
		return nil, err
	}
	a.held++
	return func() { a.held-- }, nil
}

func (a *attic) Migration(context.Context) (model.MigrationRecord, bool, error) {
	return model.MigrationRecord{}, a.unfinished, a.call()
}

func (a *attic) Snapshot(context.Context) (b model.Backup, leftOut []model.Damaged, err error) {
	for _, key := range slices.Sorted(maps.Keys(a.connectors)) {
		b.Connectors = append(b.Connectors, model.BackupDocument{Key: key, Data: []byte(a.connectors[key].Connector.Description)})
	}
	for _, name := range slices.Sorted(maps.Keys(a.secrets)) {
		b.Secrets = append(b.Secrets, model.BackupSecret{Info: a.secrets[name]})
	}
	b.Settings = a.settings
	return b, []model.Damaged{{Path: "broken.yaml", Problem: &model.Problem{Code: "store.damaged"}}}, a.call()
}

func (a *attic) CompareBackup(_ context.Context, b model.Backup) ([]model.RestoreItem, error) {
	var items []model.RestoreItem
	for _, c := range b.Connectors {
		state, now := model.RestoreNew, a.connectors[c.Key]
		if now.Revision != "" {
			state = model.RestoreDiffers
			if now.Connector.Description == string(c.Data) {
				state = model.RestoreSame
			}
		}
		items = append(items, model.RestoreItem{Kind: model.RestoreConnector, Name: c.Key, State: state})
	}
	for _, s := range b.Secrets {
		state := model.RestoreNew
		if now, ok := a.secrets[s.Info.Name]; ok {
			state = model.RestoreDiffers
			if now.Kind == s.Info.Kind {
				state = model.RestoreSame
			}
		}
		items = append(items, model.RestoreItem{Kind: model.RestoreSecret, Name: string(s.Info.Name), State: state})
	}
	return items, a.call()
}

func (a *attic) RestoreBackup(ctx context.Context, b model.Backup, way model.RestoreWay) ([]model.RestoreItem, error) {
	items, err := a.CompareBackup(ctx, b)
	if err != nil {
		return items, err
	}
	for i, c := range b.Connectors {
		if way.Writes(items[i].State) {
			a.put(model.Connector{ID: c.Key, Name: c.Key, Description: string(c.Data)})
		}
	}
	for i, s := range b.Secrets {
		if way.Writes(items[len(b.Connectors)+i].State) {
			a.secrets[s.Info.Name] = s.Info
		}
	}
	return items, nil
}

func newAttic() *attic {
	a := &attic{house: newHouse()}
	a.settings = model.Settings{}
	return a
}

// stocked has two connectors and one secret of every sort.
func stocked() *attic {
	a := newAttic()
	for _, id := range []string{"ledger", "pay"} {
		a.put(model.Connector{ID: id, Name: id, Description: "the " + id})
	}
	a.keep(model.SecretInfo{Name: "account/one", Kind: model.KindAPIToken, Where: model.WhereKeyring}, canary()+"1")
	a.keep(model.SecretInfo{Name: "account/two", Kind: model.KindPassword, Where: model.WhereVault}, canary()+"2")
	a.keep(model.SecretInfo{Name: "account/key", Type: model.SecretSSHKey, File: "account/one", Where: model.WhereKeyring}, "")
	a.keep(model.SecretInfo{Name: "account/cmd", Where: model.WhereCommand, Command: "pass x"}, "not ours")
	a.keep(model.SecretInfo{Name: "account/ask", Where: model.WhereAsk}, "")
	return a
}

func gathered(t *testing.T, a *attic) model.Backup {
	t.Helper()
	g, err := a.jobs().GatherBackup(t.Context(), BackupAll, "bbconnect test")
	if err != nil {
		t.Fatal(err)
	}
	return g.Backup
}

func TestABackupGathersEveryValueThatIsKeptHere(t *testing.T) {
	t.Parallel()
	a := stocked()
	before := a.snapshot()
	g, err := a.jobs().GatherBackup(t.Context(), BackupAll, "bbconnect test")
	if err != nil || g.Backup.Values() != 2 || len(g.Missing) > 0 || len(g.LeftOut) != 1 || g.Backup.Program != "bbconnect test" || !g.Backup.Created.Equal(testNow) {
		t.Errorf("%v: %+v", err, g)
	}
	for _, s := range g.Backup.Secrets {
		if want := a.values[s.Info.Where][s.Info.Name]; s.Info.Where != model.WhereCommand && s.Value.Reveal() != want {
			t.Errorf("%s has another value", s.Info.Name)
		}
	}
	if a.snapshot() != before || a.held != 0 {
		t.Error("gathering changes something, or holds the migrations for ever")
	}
}

func TestValuesThatCannotBeReadAreNamed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil   func(*attic)
		code    string
		words   []string
		missing int
	}{
		"gone":   {func(a *attic) { delete(a.values[model.WhereVault], "account/two") }, "cred.missing", []string{"account.two", "--without-values"}, 1},
		"locked": {func(a *attic) { a.closed[model.WhereKeyring] = true }, "keystore.unavailable", []string{"account.one", "--without-values"}, 1},
		"both": {func(a *attic) {
			a.closed[model.WhereKeyring] = true
			delete(a.values[model.WhereVault], "account/two")
		}, "keystore.unavailable", []string{"account.one"}, 2},
	} {
		a := stocked()
		c.spoil(a)
		_, err := a.jobs().GatherBackup(t.Context(), BackupAll, "")
		p, ok := model.AsProblem(err)
		if !ok || p.Code != c.code {
			t.Fatalf("%s: %v", name, err)
		}
		for _, w := range c.words {
			if !strings.Contains(p.What+p.Fix, w) {
				t.Errorf("%s: %q does not say %q", name, p.What+p.Fix, w)
			}
		}
		g, err := a.jobs().GatherBackup(t.Context(), BackupHeld, "")
		if err != nil || len(g.Missing) != c.missing || g.Backup.Values() != 2-c.missing {
			t.Errorf("%s: %v, without %v", name, err, g.Missing)
		}
		g, err = a.jobs().GatherBackup(t.Context(), BackupNone, "")
		if err != nil || len(g.Missing) != 2 || g.Backup.Values() != 0 {
			t.Errorf("%s, none at all: %v, without %v", name, err, g.Missing)
		}
	}
	// A place that does not answer is asked once, however many secrets it has.
	a := stocked()
	for i := range 50 {
		a.keep(model.SecretInfo{Name: model.SecretName(fmt.Sprint("account/x", i)), Where: model.WhereKeyring}, "x")
	}
	a.closed[model.WhereKeyring] = true
	if _, err := a.jobs().GatherBackup(t.Context(), BackupAll, ""); err == nil || a.calls > 10 || !strings.Contains(err.Error(), "and 43 more") {
		t.Errorf("%d calls: %v", a.calls, err)
	}
}

func TestARestoreBringsBackWhatWasGathered(t *testing.T) {
	t.Parallel()
	from := stocked()
	b := gathered(t, from)
	for where, want := range map[model.Where][]model.Where{
		"": {model.WhereKeyring, model.WhereVault}, model.WhereKeyring: {model.WhereKeyring, model.WhereKeyring}, model.WhereVault: {model.WhereVault, model.WhereVault},
	} {
		to := newAttic()
		plan, err := to.jobs().PlanRestore(t.Context(), b, RestoreChoice{Way: model.RestoreRefuse, Where: where})
		if err != nil || plan.Values != 2 || plan.Count("", model.RestoreNew) != 7 || len(to.connectors)+len(to.secrets) > 0 {
			t.Fatalf("%q: %v, %+v", where, err, plan)
		}
		if _, err := to.jobs().Restore(t.Context(), b, RestoreChoice{Way: model.RestoreRefuse, Where: where}); err != nil {
			t.Fatal(err)
		}
		for i, name := range []model.SecretName{"account/one", "account/two"} {
			if info := to.secrets[name]; info.Where != want[i] || to.values[info.Where][name] != from.values[from.secrets[name].Where][name] {
				t.Errorf("%q: %s is in the %s", where, name, info.Where)
			}
		}
		if to.secrets["account/ask"].Where != model.WhereAsk || to.secrets["account/cmd"].Where != model.WhereCommand || len(to.values[model.WhereCommand]) > 0 {
			t.Errorf("what is asked or printed by a command was moved")
		}
		again, err := to.jobs().Restore(t.Context(), b, RestoreChoice{Way: model.RestoreRefuse, Where: where})
		if err != nil || again.Count("", model.RestoreSame) != 7 || again.Values != 0 {
			t.Errorf("restored again: %v, %+v", err, again)
		}
	}
}

// crowded is a machine with something of its own in the place of what comes.
func crowded() *attic {
	a := newAttic()
	a.settings.Keystore = model.WhereVault
	a.put(model.Connector{ID: "pay", Name: "pay", Description: "mine"})
	a.keep(model.SecretInfo{Name: "account/one", Kind: model.KindAPIToken, Where: model.WhereVault}, "another value")
	return a
}

func TestARestoreLooksAtValuesToo(t *testing.T) {
	t.Parallel()
	b := gathered(t, stocked())
	a := crowded()
	before := a.snapshot()
	_, err := a.jobs().Restore(t.Context(), b, RestoreChoice{Way: model.RestoreRefuse})
	if codeOf(err) != "store.conflict" || !strings.Contains(err.Error(), "connector pay, secret account/one") || a.snapshot() != before {
		t.Errorf("%v, changed: %t", err, a.snapshot() != before)
	}
	if _, err := a.jobs().Restore(t.Context(), b, RestoreChoice{Way: model.RestoreSkip}); err != nil {
		t.Fatal(err)
	}
	if a.connectors["pay"].Connector.Description != "mine" || a.values[model.WhereVault]["account/one"] != "another value" || a.values[model.WhereVault]["account/two"] == "" {
		t.Errorf("--skip leaves\n%s", a.snapshot())
	}
	a = crowded()
	done, err := a.jobs().Restore(t.Context(), b, RestoreChoice{Way: model.RestoreReplace})
	if err != nil || done.Values != 2 || a.connectors["pay"].Connector.Description != "the pay" || a.values[model.WhereVault]["account/one"] != canary()+"1" {
		t.Errorf("%v: --replace leaves\n%s", err, a.snapshot())
	}
	// A value nobody knows of is somebody's as well.
	a = newAttic()
	a.values[model.WhereKeyring]["account/one"] = "an orphan"
	if _, err := a.jobs().Restore(t.Context(), b, RestoreChoice{Way: model.RestoreRefuse}); codeOf(err) != "store.conflict" {
		t.Errorf("an unknown value is overwritten: %v", err)
	}
	// A secret that is known here, and whose value is gone, gets it back.
	a = stocked()
	delete(a.values[model.WhereKeyring], "account/one")
	if done, err := a.jobs().Restore(t.Context(), b, RestoreChoice{Way: model.RestoreRefuse}); err != nil || done.Values != 1 || a.values[model.WhereKeyring]["account/one"] != canary()+"1" {
		t.Errorf("%v %+v", err, done)
	}
}

func TestARestoreWithoutValuesSaysWhichAreToBeSet(t *testing.T) {
	t.Parallel()
	g, err := stocked().jobs().GatherBackup(t.Context(), BackupNone, "")
	if err != nil {
		t.Fatal(err)
	}
	a := newAttic()
	done, err := a.jobs().Restore(t.Context(), g.Backup, RestoreChoice{Way: model.RestoreRefuse})
	if err != nil || fmt.Sprint(done.ToSet) != "[account/one account/two]" || done.Values != 0 || len(a.secrets) != 5 {
		t.Errorf("%v %+v", err, done)
	}
}

// TestARestoreThatFailsAnywhereLeavesEverythingAsItWas breaks every call of every
// port, one after the other.
func TestARestoreThatFailsAnywhereLeavesEverythingAsItWas(t *testing.T) {
	t.Parallel()
	b := gathered(t, stocked())
	for name, make := range map[string]func() *attic{"empty": newAttic, "crowded": crowded} {
		for at := 1; ; at++ {
			a := make()
			before := a.snapshot()
			a.breakAt = at
			_, err := a.jobs().Restore(t.Context(), b, RestoreChoice{Way: model.RestoreReplace})
			if err == nil {
				if at < 12 {
					t.Errorf("%s: only %d calls", name, at)
				}
				break
			}
			if a.snapshot() != before {
				t.Fatalf("%s: call %d fails (%v) and leaves\n%s\ninstead of\n%s", name, at, err, a.snapshot(), before)
			}
			if strings.Contains(fmt.Sprintf("%v %+v", err, err), canary()) {
				t.Errorf("the error shows a value: %v", err)
			}
			if a.held != 0 {
				t.Fatalf("call %d: the lock is kept", at)
			}
		}
	}
}

// TestAKilledRestoreIsDoneAgain ends the run at every call and begins anew.
func TestAKilledRestoreIsDoneAgain(t *testing.T) {
	t.Parallel()
	b := gathered(t, stocked())
	whole := newAttic()
	if _, err := whole.jobs().Restore(t.Context(), b, RestoreChoice{Way: model.RestoreRefuse}); err != nil {
		t.Fatal(err)
	}
	for at := 1; ; at++ {
		a := newAttic()
		a.dies = at
		_, err := a.jobs().Restore(t.Context(), b, RestoreChoice{Way: model.RestoreRefuse})
		a.dies = 0
		if _, again := a.jobs().Restore(t.Context(), b, RestoreChoice{Way: model.RestoreRefuse}); again != nil {
			t.Fatalf("killed at call %d, the next run says %v", at, again)
		}
		if a.snapshot() != whole.snapshot() {
			t.Fatalf("killed at call %d it ends as\n%s", at, a.snapshot())
		}
		if err == nil {
			break
		}
	}
}

func TestNothingIsMovedWhileAMigrationIsUnfinished(t *testing.T) {
	t.Parallel()
	b := gathered(t, stocked())
	a := stocked()
	a.unfinished = true
	_, create := a.jobs().GatherBackup(t.Context(), BackupAll, "")
	_, plan := a.jobs().PlanRestore(t.Context(), b, RestoreChoice{})
	_, restore := a.jobs().Restore(t.Context(), b, RestoreChoice{})
	for _, err := range []error{create, plan, restore} {
		if codeOf(err) != "migration.unfinished" || a.held != 0 {
			t.Errorf("%v, held %d", err, a.held)
		}
	}
}
