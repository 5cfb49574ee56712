package flow

import (
	"context"
	"fmt"
	"slices"

	"bbconnect/model"
)

// Undo puts everything back: documents, values, and what was known of them, byte
// for byte. It works from any point on, also when an Undo before it was killed. A
// document that somebody changed since is a store.conflict, and an old value that is
// kept no longer is cred.missing: then nothing is put back. One that was deleted since is there again. Afterwards there is no migration
// any more.
func (m *Migrating) Undo(ctx context.Context, progress func(Step)) error {
	if m.record.State == model.MigrationConfirming {
		return m.mayGoOn()
	}
	if m.record.State != model.MigrationUndoing {
		if err := m.oldValuesKept(ctx); err != nil {
			return err
		}
	}
	ctx = context.WithoutCancel(ctx) // what is half put back is worth nothing
	back := m.backChanges()
	if err := m.jobs.Journal.ReplaceDocuments(ctx, back, true); err != nil {
		return err
	}
	m.record.State = model.MigrationUndoing
	if err := m.write(ctx); err != nil {
		return err
	}
	for i, s := range m.record.Secrets {
		if err := m.restoreValue(ctx, s); err != nil {
			return err
		}
		tellStep(progress, Step{What: "undo", Done: i + 1, Total: len(m.record.Secrets), Name: string(s.Name.Ref())})
	}
	if err := m.jobs.Journal.ReplaceDocuments(ctx, back, false); err != nil {
		return err
	}
	for _, unit := range m.record.Units() {
		if !m.begun(unit) {
			continue
		}
		if err := m.jobs.Journal.RestoreTests(ctx, m.testsOf(unit, func(member model.MigratedMember) *model.TestRecord { return member.Before })); err != nil {
			return err
		}
	}
	for _, s := range m.record.Secrets {
		if err := m.restoreFacts(ctx, s); err != nil {
			return err
		}
	}
	if err := m.jobs.Journal.RestoreSecretsFile(ctx, m.record.SecretsFile); err != nil {
		return err
	}
	return m.jobs.Journal.RemoveMigration(ctx)
}

// begun reports a unit whose swap may have touched something.
func (m *Migrating) begun(unit int) bool {
	state := m.record.UnitState(unit)
	return state == model.UnitApplying || state == model.UnitApplied
}

// oldValuesKept says where an old value that was replaced is not kept any more, as
// when it was deleted from the keystore by other means.
func (m *Migrating) oldValuesKept(ctx context.Context) error {
	for _, s := range m.record.Secrets {
		if s.KeepsValue || !s.HadValue || m.record.UnitState(s.Unit) != model.UnitApplied {
			continue
		}
		keys, err := m.jobs.Keystores.Keystore(s.Where)
		if err != nil {
			return err
		}
		old, err := valueIn(ctx, keys, model.OldName(s.Name))
		if err != nil {
			return err
		}
		if old.IsZero() {
			return &model.Problem{
				Code: "cred.missing", What: fmt.Sprintf("The old value of %s is kept no longer, so that it cannot come back.", s.Name.Ref()),
				Why: fmt.Sprintf("Something else than bbconnect removed %s from the keystore. Nothing was put back.", model.OldName(s.Name).Ref()),
				Fix: "Confirm, which keeps the new values and documents: c on the report's screen, or bbconnect migrate --confirm.",
			}
		}
	}
	return nil
}

// backChanges take the documents of every begun unit back.
func (m *Migrating) backChanges() []model.DocumentChange {
	var out []model.DocumentChange
	for _, unit := range m.record.Units() {
		if m.begun(unit) {
			for _, change := range m.changesOf(unit) {
				out = append(out, change.Back())
			}
		}
	}
	return out
}

// restoreValue makes the old value current. That it is not kept says that it was
// never replaced, or is back already.
func (m *Migrating) restoreValue(ctx context.Context, s model.MigratedSecret) error {
	if s.KeepsValue || !m.begun(s.Unit) {
		return nil
	}
	keys, err := m.jobs.Keystores.Keystore(s.Where)
	if err != nil {
		return err
	}
	if !s.HadValue {
		return keys.Delete(ctx, s.Name)
	}
	old, err := valueIn(ctx, keys, model.OldName(s.Name))
	if err != nil || old.IsZero() {
		return err
	}
	return keys.Set(ctx, s.Name, old)
}

// restoreFacts puts back what was known of a secret and removes what stood beside
// it. The kept old value goes last: until then it can be restored again.
func (m *Migrating) restoreFacts(ctx context.Context, s model.MigratedSecret) error {
	lib := m.jobs.Library
	if m.begun(s.Unit) {
		var err error
		if s.Before != nil {
			err = lib.PutSecret(ctx, *s.Before)
		} else {
			err = lib.RemoveSecret(ctx, s.Name)
		}
		if err != nil {
			return err
		}
	}
	if s.KeepsValue {
		return nil
	}
	if err := m.jobs.forgetSide(ctx, s, model.StagedName(s.Name)); err != nil {
		return err
	}
	if !m.begun(s.Unit) {
		return nil
	}
	return m.jobs.forgetSide(ctx, s, model.OldName(s.Name))
}

// Confirm ends the migration: old values go, but for those that somebody was left
// on, and nothing can be undone any more. Units in which a connector failed are
// dropped with their staged values. One that was broken off before that is a
// store.conflict (MigrationRecord.Confirmable).
func (m *Migrating) Confirm(ctx context.Context, progress func(Step)) error {
	if m.record.State == model.MigrationUndoing {
		return m.mayGoOn()
	}
	if m.record.State != model.MigrationConfirming && !m.record.Confirmable() {
		return &model.Problem{
			Code: "store.conflict", What: "It is not finished: " + m.Report().Headline(), Why: "It was broken off before its new values were current, and confirming would throw them away.",
			Fix: "Go on with bbconnect migrate --resume, or take it back with --undo.",
		}
	}
	for _, s := range m.record.Secrets {
		if s.State == model.UnitApplying {
			return &model.Problem{
				Code: "store.conflict", What: "The migration was broken off while it changed " + string(s.Name.Ref()) + ".",
				Why: "Some of it is done and some is not.", Fix: "Go on with bbconnect migrate --resume, or take it back with --undo.",
			}
		}
	}
	ctx = context.WithoutCancel(ctx)
	m.record.State = model.MigrationConfirming
	if err := m.write(ctx); err != nil {
		return err
	}
	for i, s := range m.record.Secrets {
		name := model.OldName(s.Name)
		if s.State != model.UnitApplied {
			name = model.StagedName(s.Name)
		}
		if !s.KeepsValue && (!s.Kept || s.State != model.UnitApplied) {
			if err := m.jobs.forgetSide(ctx, s, name); err != nil {
				return err
			}
		}
		tellStep(progress, Step{What: "confirm", Done: i + 1, Total: len(m.record.Secrets), Name: string(s.Name.Ref())})
	}
	return m.jobs.Journal.RemoveMigration(ctx)
}

// Done reports that every unit has been applied: what is left is to confirm it, or
// to take it back.
func (m *Migrating) Done() bool { return m.record.Applied() }

// Undecided lists the members that failed and wait for a decision.
func (m *Migrating) Undecided() []model.MigratedMember {
	return slices.DeleteFunc(m.record.Failed(-1), func(member model.MigratedMember) bool {
		return m.record.UnitState(member.Unit) != model.UnitStaged
	})
}

// Report says what became of everything, as it stands now.
func (m *Migrating) Report() model.MigrationReport { return model.ReportOf(m.record, m.jobs.Now()) }
