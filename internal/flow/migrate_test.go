package flow

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"bbconnect/model"
)

func TestAMigrationFindsWhatUsesAnAppPasswordBySecret(t *testing.T) {
	t.Parallel()
	plan := incident(t).plan(t)
	got := map[string]string{}
	for _, g := range plan.Groups {
		ids := make([]string, len(g.Members))
		for i, m := range g.Members {
			ids[i] = m.ID()
		}
		got[string(g.Name)] = g.User + ": " + strings.Join(ids, " ")
	}
	want := map[string]string{
		"account/jdoe": "jdoe: keys ledger mirror", "account/ci": "acme-ci: builds", "account/git": "ann: two", "account/api": "bob: two",
	}
	for name, text := range want {
		if got[name] != text {
			t.Errorf("%s: %q, want %q", name, got[name], text)
		}
	}
	if len(got) != len(want) || plan.Members() != 5 || plan.Groups[0].Name != "account/jdoe" {
		t.Errorf("%d groups, %d members, first %s: %v", len(got), plan.Members(), plan.Groups[0].Name, got)
	}
}

func TestASecretOfUnknownKindIsKnownByItsValue(t *testing.T) {
	t.Parallel()
	w := incident(t)
	for _, name := range []model.SecretName{"account/ci", "account/git"} {
		info := w.secrets[name]
		info.Kind = ""
		w.secrets[name] = info
	}
	c := w.connectors["builds"].Connector
	c.API = model.APIAccess{} // else the method tells
	w.put(c)
	delete(w.values[model.WhereKeyring], "account/git")
	plan := w.plan(t)
	if _, found := plan.Group("account/ci"); !found {
		t.Error("the App Password of unknown kind is not found by its shape")
	}
	if !slices.Equal(plan.Unseen, []model.SecretName{"account/git"}) {
		t.Errorf("unseen are %v", plan.Unseen)
	}
}

func TestOnlyWhatWasNamedIsPlanned(t *testing.T) {
	t.Parallel()
	w := incident(t)
	plan, err := w.jobs().PlanMigration(t.Context(), []string{"builds"}, nil)
	if err != nil || len(plan.Groups) != 1 || plan.Groups[0].Name != "account/ci" {
		t.Errorf("%v, %v", plan.Groups, err)
	}
	if _, err := w.jobs().PlanMigration(t.Context(), []string{"nobody"}, nil); !errors.Is(err, errNone) {
		t.Errorf("a name that no connector has: %v", err)
	}
}

func TestAWholeMigrationReplacesEverySecretOnceAndKeepsTheOldOnes(t *testing.T) {
	t.Parallel()
	w := incident(t)
	m := w.begun(t)
	goThrough(t, m)
	want := []string{
		"account/api api-token", "account/api__old app-password", "account/ci api-token", "account/ci__old app-password",
		"account/git api-token", "account/git__old app-password", "account/jdoe api-token", "account/jdoe__old app-password", "account/key_file unknown",
	}
	if got := w.names(); !slices.Equal(got, want) {
		t.Errorf("the keystore holds\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	ledger := w.connectors["ledger"]
	wantAPI := model.APIAccess{Method: model.APIEmailAndToken, Email: model.Login{Plain: "jdoe@example.com"}, TokenRef: "account.jdoe"}
	if ledger.Connector.API != wantAPI || ledger.Connector.Username.Plain != "jdoe" || ledger.Connector.PasswordRef != "account.jdoe" {
		t.Errorf("the document says %+v", ledger.Connector)
	}
	if ledger.LastTest == nil || ledger.LastTest.Verdict != model.VerdictPass {
		t.Errorf("its last test is %+v", ledger.LastTest)
	}
	if info := w.secrets["account/jdoe"]; info.Kind != model.KindAPIToken || info.Email != "jdoe@example.com" || !info.Expires.Equal(testNow.AddDate(1, 0, 0)) || info.Username != "jdoe" {
		t.Errorf("recorded is %+v", info)
	}
	if mirror := w.connectors["mirror"].Connector; mirror.API.On() {
		t.Errorf("API access that was off is %+v", mirror.API)
	}
	if !m.Done() || m.Report().State != "done" || m.Report().Count(model.MemberPassed) != 5 {
		t.Errorf("the report says %s: %s", m.Report().State, m.Report().Headline())
	}
	if err := m.Confirm(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(w.names(), " "); strings.Contains(got, "__") || w.journal != nil {
		t.Errorf("after confirming there is still %s, journal %v", got, w.journal)
	}
	for name := range w.secrets {
		if _, side := model.IsSideName(name); side {
			t.Errorf("%s is still listed", name)
		}
	}
}

// goThrough tests and applies.
func goThrough(t *testing.T, m *Migrating) {
	t.Helper()
	if err := m.Test(t.Context(), Many{}, nil, nil); err != nil {
		t.Fatal(err)
	}
	if err := m.Apply(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
}

func TestTheOldValueIsSentToNobody(t *testing.T) {
	t.Parallel()
	w := incident(t)
	goThrough(t, w.begun(t))
	if len(w.sent) != 5 {
		t.Errorf("%d tests for five connectors", len(w.sent))
	}
	for _, req := range w.sent {
		for _, value := range []model.Secret{req.Password, req.APIToken} {
			if strings.HasPrefix(value.Reveal(), "ATBB") {
				t.Errorf("%s was tested with an App Password", req.Connector.ID)
			}
		}
		if req.Connector.ID == "ledger" && (req.Kind != model.KindAPIToken || req.APILogin != "jdoe@example.com" || req.Username != "jdoe") {
			t.Errorf("ledger was tested as %s, %s, %s", req.Kind, req.Username, req.APILogin)
		}
	}
}

func TestNothingChangesBeforeEveryTestHasPassed(t *testing.T) {
	t.Parallel()
	w := incident(t)
	w.tests = func(req model.TestRequest) model.TestResult {
		if req.Connector.ID == "mirror" {
			return model.TestResult{Verdict: model.VerdictFail, StartedAt: testNow, Problem: &model.Problem{Code: "repo.not-found"}}
		}
		return model.TestResult{Verdict: model.VerdictPass, StartedAt: testNow}
	}
	before := w.copied()
	m := w.begun(t)
	goThrough(t, m)
	for _, key := range []string{"ledger", "mirror", "keys"} {
		if w.connectors[key].Connector.API != before.connectors[key].Connector.API {
			t.Errorf("%s was changed though mirror failed", key)
		}
	}
	if w.values[model.WhereKeyring]["account/jdoe"] != before.values[model.WhereKeyring]["account/jdoe"] {
		t.Error("the secret was replaced though one of its connectors failed")
	}
	if w.connectors["builds"].Connector.API.Method != model.APIEmailAndToken {
		t.Error("another secret's connectors waited for it")
	}
	undecided := m.Undecided()
	if len(undecided) != 1 || undecided[0].ID != "mirror" || undecided[0].Problem.Code != "repo.not-found" {
		t.Fatalf("undecided are %+v", undecided)
	}
	if m.Done() || m.Report().State != "partly" {
		t.Errorf("the report says %s", m.Report().State)
	}
	if err := m.Confirm(t.Context(), nil); err != nil {
		t.Errorf("what was replaced cannot be confirmed: %v", err)
	}
}

func TestAMigrationThatWasBrokenOffIsNotConfirmed(t *testing.T) {
	t.Parallel()
	w := incident(t)
	m := w.begun(t)
	for step, on := range map[string]func() error{
		"staged": func() error { return nil },
		"tested": func() error { return m.Test(t.Context(), Many{}, nil, nil) },
		"applied in part": func() error {
			m.record.Secrets[0].State = model.UnitApplied
			return nil
		},
	} {
		if err := on(); err != nil {
			t.Fatal(err)
		}
		before := w.snapshot()
		if err := m.Confirm(t.Context(), nil); codeOf(err) != "store.conflict" || !strings.Contains(err.Error(), "not finished") {
			t.Errorf("%s: %v", step, err)
		}
		if w.snapshot() != before || w.journal == nil {
			t.Errorf("%s: something was thrown away", step)
		}
	}
}

func TestAValueThatAMigrationCouldTakeBackIsNotSetInBetween(t *testing.T) {
	t.Parallel()
	w := incident(t)
	goThrough(t, w.begun(t))
	before := w.snapshot()
	err := w.jobs().SetSecret(t.Context(), model.SecretInfo{Name: "account/jdoe", Type: model.SecretText, Where: model.WhereKeyring}, model.NewSecret("mine"))
	if codeOf(err) != "migration.unfinished" || w.snapshot() != before {
		t.Errorf("%v", err)
	}
	if err := w.jobs().SetSecret(t.Context(), model.SecretInfo{Name: "account/other", Type: model.SecretText, Where: model.WhereKeyring}, model.NewSecret("mine")); err != nil {
		t.Errorf("a secret that is not part of it: %v", err)
	}
}

// The old value was deleted from the list of secrets, and taking the rotation back
// said that it is in use again.
func TestWhatAMigrationNeedsIsNeitherDeletedNorRenamed(t *testing.T) {
	t.Parallel()
	w := incident(t)
	goThrough(t, w.begun(t))
	before := w.snapshot()
	for _, name := range []model.SecretName{model.OldName("account/jdoe"), "account/jdoe"} {
		if _, known := w.secrets[name]; !known {
			t.Fatalf("there is no %s", name)
		}
		if _, err := w.jobs().RenameSecret(t.Context(), name, "account/another"); codeOf(err) != "migration.unfinished" {
			t.Errorf("%s is renamed: %v", name, err)
		}
	}
	if err := w.jobs().DeleteSecret(t.Context(), model.OldName("account/jdoe")); codeOf(err) != "migration.unfinished" {
		t.Errorf("it is deleted: %v", err)
	}
	if w.snapshot() != before {
		t.Error("something was changed")
	}
}

func TestAnUndoWithoutTheOldValueSaysSoAndChangesNothing(t *testing.T) {
	t.Parallel()
	w := incident(t)
	m := w.begun(t)
	goThrough(t, m)
	delete(w.values[model.WhereKeyring], model.OldName("account/jdoe"))
	before := w.snapshot()
	if err := m.Undo(t.Context(), nil); codeOf(err) != "cred.missing" || w.snapshot() != before {
		t.Errorf("%v", err)
	}
	if err := m.Confirm(t.Context(), nil); err != nil {
		t.Errorf("confirming is the way out: %v", err)
	}
}

func TestAConnectorThatWasDeletedSinceIsThereAgainAfterUndo(t *testing.T) {
	t.Parallel()
	w := incident(t)
	before := w.snapshot()
	m := w.begun(t)
	goThrough(t, m)
	delete(w.connectors, "ledger")
	if err := m.Undo(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if w.snapshot() != before {
		t.Errorf("afterwards\n%s\nwant\n%s", w.snapshot(), before)
	}
}

func TestAConnectorThatFailsIsTriedAgainForcedOrLeftBehind(t *testing.T) {
	t.Parallel()
	failing := func(fail *bool) func(model.TestRequest) model.TestResult {
		return func(req model.TestRequest) model.TestResult {
			if req.Connector.ID == "mirror" && *fail {
				return model.TestResult{Verdict: model.VerdictFail, StartedAt: testNow, Problem: &model.Problem{Code: "repo.not-found"}}
			}
			return model.TestResult{Verdict: model.VerdictPass, StartedAt: testNow}
		}
	}
	for decision, check := range map[model.MemberDecision]func(*testing.T, *ward, *Migrating){
		model.DecideRetry: func(t *testing.T, _ *ward, m *Migrating) {
			if got := m.Report().Count(model.MemberPassed); got != 5 {
				t.Errorf("%d passed", got)
			}
		},
		model.DecideForce: func(t *testing.T, w *ward, m *Migrating) {
			if got := m.Report().Count(model.MemberForced); got != 1 {
				t.Errorf("%d forced", got)
			}
			if last := w.connectors["mirror"].LastTest; last == nil || last.Verdict != model.VerdictFail {
				t.Errorf("it is remembered as %+v", last)
			}
		},
		model.DecideLeave: func(t *testing.T, w *ward, m *Migrating) {
			if ref := w.connectors["mirror"].Connector.PasswordRef; ref != "account.jdoe__old" {
				t.Errorf("it refers to %s", ref)
			}
			if err := m.Confirm(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
			if _, kept := w.values[model.WhereKeyring]["account/jdoe__old"]; !kept {
				t.Error("the value it stays on is gone")
			}
			if _, kept := w.values[model.WhereKeyring]["account/ci__old"]; kept {
				t.Error("a value nobody stays on was kept")
			}
		},
	} {
		t.Run(string(decision), func(t *testing.T) {
			t.Parallel()
			w, fail := incident(t), true
			w.tests = failing(&fail)
			m := w.begun(t)
			goThrough(t, m)
			fail = false
			if err := m.Decide(t.Context(), "mirror", decision); err != nil {
				t.Fatal(err)
			}
			goThrough(t, m)
			if !m.Done() {
				t.Fatalf("not done: %s", m.Report().Headline())
			}
			check(t, w, m)
		})
	}
}

func TestSecretsOfOneConnectorAreSwappedTogether(t *testing.T) {
	t.Parallel()
	w := incident(t)
	m := w.begun(t)
	units := map[model.SecretName]int{}
	for _, s := range m.Record().Secrets {
		units[s.Name] = s.Unit
	}
	if units["account/git"] != units["account/api"] || units["account/git"] == units["account/ci"] || len(m.Record().Units()) != 3 {
		t.Errorf("the units are %v", units)
	}
	goThrough(t, m)
	two := w.connectors["two"].Connector
	if two.API.Email.Plain != "bob@example.com" || two.Username.Plain != "ann" {
		t.Errorf("it says %+v", two)
	}
}

func TestSomebodyElsesChangeIsNeverOverwritten(t *testing.T) {
	t.Parallel()
	change := func(w *ward) {
		c := w.connectors["ledger"].Connector
		c.Description = "changed meanwhile"
		w.put(c)
	}
	t.Run("between plan and beginning", func(t *testing.T) {
		t.Parallel()
		w := incident(t)
		plan := w.plan(t)
		change(w)
		before := w.snapshot()
		if _, err := w.jobs().BeginMigration(t.Context(), plan, all(plan), nil); codeOf(err) != "store.conflict" {
			t.Errorf("the error is %v", err)
		}
		if w.snapshot() != before || w.journal != nil || w.held {
			t.Error("something is left behind")
		}
	})
	t.Run("between tests and swap", func(t *testing.T) {
		t.Parallel()
		w := incident(t)
		m := w.begun(t)
		if err := m.Test(t.Context(), Many{}, nil, nil); err != nil {
			t.Fatal(err)
		}
		change(w)
		old := w.values[model.WhereKeyring]["account/jdoe"]
		if err := m.Apply(t.Context(), nil); codeOf(err) != "store.conflict" {
			t.Errorf("the error is %v", err)
		}
		if w.connectors["ledger"].Connector.Description != "changed meanwhile" || w.values[model.WhereKeyring]["account/jdoe"] != old {
			t.Error("the change was overwritten, or the secret swapped under it")
		}
	})
	t.Run("after the swap, when undoing", func(t *testing.T) {
		t.Parallel()
		w := incident(t)
		m := w.begun(t)
		goThrough(t, m)
		change(w)
		before := w.snapshot()
		if err := m.Undo(t.Context(), nil); codeOf(err) != "store.conflict" {
			t.Errorf("the error is %v", err)
		}
		if w.snapshot() != before {
			t.Error("undoing stopped in the middle")
		}
	})
}

func TestASecondMigrationWaitsForTheFirst(t *testing.T) {
	t.Parallel()
	w := incident(t)
	plan := w.plan(t)
	m := w.begun(t)
	if _, err := w.jobs().BeginMigration(t.Context(), plan, all(plan), nil); codeOf(err) != "store.busy" {
		t.Errorf("while it runs: %v", err)
	}
	m.Close()
	if _, err := w.jobs().BeginMigration(t.Context(), plan, all(plan), nil); codeOf(err) != "store.busy" {
		t.Errorf("while it is unfinished: %v", err)
	}
	if _, there, err := w.jobs().UnfinishedMigration(t.Context()); !there || err != nil {
		t.Errorf("it is there: %v, %v", there, err)
	}
}

func TestAWholeThatBreaksWhileStoringIsTakenBack(t *testing.T) {
	t.Parallel()
	w := incident(t)
	plan, before := w.plan(t), w.snapshot()
	broken := &unwilling{ward: w}
	j := w.jobs()
	j.Keystores = broken
	if _, err := j.BeginMigration(t.Context(), plan, all(plan), nil); codeOf(err) != "keystore.denied" {
		t.Errorf("the error is %v", err)
	}
	if w.snapshot() != before || w.journal != nil {
		t.Errorf("left behind:\n%s\nwant\n%s", w.snapshot(), before)
	}
}

// unwilling is a keystore that refuses the second value it is to store.
type unwilling struct {
	*ward
	sets int
}

func (u *unwilling) Keystore(where model.Where) (Keystore, error) {
	return refusing{place{u.house, where}, u}, nil
}

type refusing struct {
	place
	u *unwilling
}

func (r refusing) Set(ctx context.Context, name model.SecretName, value model.Secret) error {
	if r.u.sets++; r.u.sets == 2 {
		return &model.Problem{Code: "keystore.denied"}
	}
	return r.place.Set(ctx, name, value)
}

func TestACancelledMigrationStopsBetweenSecretsAndGoesOnLater(t *testing.T) {
	t.Parallel()
	w := incident(t)
	m := w.begun(t)
	if err := m.Test(t.Context(), Many{}, nil, nil); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err := m.Apply(ctx, func(Step) { cancel() })
	if !errors.Is(err, context.Canceled) || m.Done() {
		t.Fatalf("%v, done %v", err, m.Done())
	}
	m.Close()
	again, err := w.jobs().ResumeMigration(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	goThrough(t, again)
	if !again.Done() {
		t.Errorf("not done: %s", again.Report().Headline())
	}
}

func TestWithoutAMigrationThereIsNothingToResume(t *testing.T) {
	t.Parallel()
	w := incident(t)
	if _, err := w.jobs().ResumeMigration(t.Context()); !errors.Is(err, ErrNoMigration) || w.held {
		t.Errorf("%v, held %v", err, w.held)
	}
}
