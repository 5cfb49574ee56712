package flow

import (
	"context"
	"testing"

	"bbconnect/model"
)

// payroll is a second connector with the secrets of newDraft, whose values are saved.
func payroll() model.Draft {
	d := newDraft().WithAnswers(map[model.QuestionID]string{model.QName: "Payroll", model.QID: "payroll"})
	return d.WithSecret(model.QPassword, model.Secret{}).WithSecret(model.QAPIToken, model.Secret{})
}

func TestEveryJobThatChangesValuesHoldsTheSecrets(t *testing.T) {
	t.Parallel()
	for name, run := range map[string]func(a *attic, j *Jobs) error{
		"save": func(a *attic, j *Jobs) error {
			w := a.world(t)
			d, _, err := j.Edit(t.Context(), "payments")
			if err == nil {
				_, err = j.Save(t.Context(), d.WithSecret(model.QPassword, model.NewSecret(canary()+"3")), w, nil)
			}
			return err
		},
		"set": func(a *attic, j *Jobs) error {
			return j.SetSecret(t.Context(), a.secrets["account/git"], model.NewSecret(canary()+"3"))
		},
		"rename": func(_ *attic, j *Jobs) error {
			_, err := j.RenameSecret(t.Context(), "account/git", "account/other")
			return err
		},
		"move": func(_ *attic, j *Jobs) error {
			_, err := j.MoveSecrets(t.Context(), nil, model.WhereVault, nil)
			return err
		},
		"delete": func(_ *attic, j *Jobs) error {
			_, err := j.Delete(t.Context(), "payments", true)
			return err
		},
		"delete several": func(_ *attic, j *Jobs) error {
			l, err := j.Leave(t.Context(), []string{"payments"})
			if err == nil {
				_, err = j.DeleteMany(t.Context(), l, true, nil)
			}
			return err
		},
		"delete a secret": func(_ *attic, j *Jobs) error {
			return j.DeleteSecret(t.Context(), "account/spare")
		},
		"restore": func(a *attic, j *Jobs) error {
			b := model.Backup{Secrets: []model.BackupSecret{{Info: a.secrets["account/git"], Value: model.NewSecret(canary() + "3")}}}
			_, err := j.Restore(t.Context(), b, RestoreChoice{Way: model.RestoreReplace})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := &attic{house: saved(t, newDraft())}
			a.keep(model.SecretInfo{Name: "account/spare", Type: model.SecretText, Where: model.WhereKeyring}, "spare")
			before := a.snapshot()
			if err := run(a, a.jobs()); err != nil {
				t.Fatal(err)
			}
			if a.snapshot() == before {
				t.Error("it changed nothing")
			}
			if len(a.unheld) > 0 {
				t.Errorf("changed with nobody holding the secrets: %v", a.unheld)
			}
			if !a.secretsHeld.TryLock() {
				t.Error("they are held still")
			}
		})
	}
}

// A vault that is locked was found out after the connector was deleted.
func TestADeleteWhoseSecretsCannotBeReachedDeletesNothing(t *testing.T) {
	t.Parallel()
	for name, run := range map[string]func(j *Jobs) error{
		"one": func(j *Jobs) error { _, err := j.Delete(t.Context(), "payments", true); return err },
		"several": func(j *Jobs) error {
			l, err := j.Leave(t.Context(), []string{"payments"})
			if err == nil {
				_, err = j.DeleteMany(t.Context(), l, true, nil)
			}
			return err
		},
	} {
		h := saved(t, newDraft())
		before := h.snapshot()
		jobs := h.jobs()
		jobs.Keystores = locked{h}
		if err := run(jobs); codeOf(err) != "keystore.locked" || h.snapshot() != before {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhatCameBackWithoutItsSecretIsSaidToBe(t *testing.T) {
	t.Parallel()
	h := saved(t, newDraft(), payroll())
	change := model.Change{Key: "payments", Name: "Payments", What: model.ChangeDeleted}
	if text := h.jobs().Undone(t.Context(), change); text != "Payments is back." {
		t.Error(text)
	}
	delete(h.secrets, "account/api")
	if text := h.jobs().Undone(t.Context(), change); text != "Payments is back. Not here any more, and to be stored again: account.api." {
		t.Error(text)
	}
}

// locked are keystores that open and give nothing out.
type locked struct{ *house }

func (l locked) Keystore(where model.Where) (Keystore, error) {
	keys, err := l.house.Keystore(where)
	return shut{keys}, err
}

type shut struct{ Keystore }

func (shut) Get(context.Context, model.SecretName) (model.Secret, error) {
	return model.Secret{}, &model.Problem{Code: "keystore.locked", What: "The vault is locked."}
}

func (shut) Delete(context.Context, model.SecretName) error {
	return &model.Problem{Code: "keystore.locked", What: "The vault is locked."}
}

// halfway is a library whose save waits and is then refused.
type halfway struct {
	*house
	reached, goOn chan struct{}
}

func (l halfway) Save(context.Context, model.Connector, string) (model.Saved, error) {
	close(l.reached)
	<-l.goOn
	return model.Saved{}, &model.Problem{Code: "store.conflict", What: "Changed meanwhile."}
}

// Two edits replace one secret at the same moment and the first of them is refused at
// its document: taking its value back took the other's away.
func TestASaveThatFailsDoesNotTakeAwayTheValueOfAnotherOne(t *testing.T) {
	t.Parallel()
	h := saved(t, newDraft(), payroll())
	edit := func(key, value string) (model.Draft, model.World) {
		d, _, err := h.jobs().Edit(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		return d.WithSecret(model.QPassword, model.NewSecret(value)), h.world(t)
	}
	one, oneWorld := edit("payments", canary()+"one")
	two, twoWorld := edit("payroll", canary()+"two")
	waits := make(chan struct{})
	h.queued = func() { close(waits) }
	slow := halfway{h, make(chan struct{}), make(chan struct{})}
	first, second := make(chan error, 1), make(chan error, 1)
	go func() {
		jobs := h.jobs()
		jobs.Library = slow
		_, err := jobs.Save(t.Context(), one, oneWorld, nil)
		first <- err
	}()
	<-slow.reached
	go func() {
		_, err := h.jobs().Save(t.Context(), two, twoWorld, nil)
		second <- err
	}()
	select {
	case <-waits:
	case err := <-second:
		t.Errorf("the second did not wait: %v", err)
		second <- err
	}
	close(slow.goOn)
	if err := <-first; codeOf(err) != "store.conflict" {
		t.Errorf("the first: %v", err)
	}
	if err := <-second; err != nil {
		t.Errorf("the second: %v", err)
	}
	if got := h.values[model.WhereKeyring]["account/git"]; got != canary()+"two" {
		t.Errorf("the value is %s", got)
	}
}

// A wizard may be open for hours: what a save that fails puts back is what was known
// of the secret then, not when it was opened.
func TestASaveThatFailsPutsBackWhatIsKnownNow(t *testing.T) {
	t.Parallel()
	h := saved(t, newDraft())
	w := h.world(t)
	d, _, err := h.jobs().Edit(t.Context(), "payments")
	if err != nil {
		t.Fatal(err)
	}
	now := h.secrets["account/git"]
	now.Expires = testNow.AddDate(0, 3, 0)
	h.secrets["account/git"] = now
	jobs := h.jobs()
	slow := halfway{h, make(chan struct{}), make(chan struct{})}
	close(slow.goOn)
	jobs.Library = slow
	if _, err := jobs.Save(t.Context(), d.WithSecret(model.QPassword, model.NewSecret(canary()+"3")), w, nil); codeOf(err) != "store.conflict" {
		t.Errorf("%v", err)
	}
	if got := h.secrets["account/git"]; got != now {
		t.Errorf("%+v was put back, and %+v was there", got, now)
	}
}

func TestASaveGivesASecretOfAnUnconfirmedMigrationNoValue(t *testing.T) {
	t.Parallel()
	h := saved(t, newDraft())
	w := h.world(t)
	d, _, err := h.jobs().Edit(t.Context(), "payments")
	if err != nil {
		t.Fatal(err)
	}
	jobs := h.jobs()
	jobs.Journal = begun{record: &model.MigrationRecord{Secrets: []model.MigratedSecret{{Name: "account/git"}}}}
	before := h.snapshot()
	if _, err := jobs.Save(t.Context(), d.WithSecret(model.QPassword, model.NewSecret(canary()+"3")), w, nil); codeOf(err) != "migration.unfinished" || h.snapshot() != before {
		t.Errorf("%v", err)
	}
	if _, err := jobs.Save(t.Context(), d.With(model.QDescription, "other words"), w, nil); err != nil {
		t.Errorf("without a value: %v", err)
	}
}
