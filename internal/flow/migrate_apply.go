package flow

import (
	"context"
	"slices"

	"bbconnect/model"
)

// Apply makes the new values current: of every unit all of whose members have
// passed or are decided. Old values stay under their OldName. A unit is applied
// whole, or Undo puts it back; when ctx ends, the units that were not begun stay as
// they are. Units with undecided members are passed over: see Record.
func (m *Migrating) Apply(ctx context.Context, progress func(Step)) error {
	if err := m.mayGoOn(); err != nil {
		return err
	}
	total := len(m.record.Members)
	done := 0
	for _, unit := range m.record.Units() {
		members := m.membersOf(unit)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case m.record.UnitState(unit) == model.UnitApplied:
			done += len(members)
			continue
		case !m.ready(unit):
			continue
		}
		// What was begun is finished: esc stops between units.
		if err := m.applyUnit(context.WithoutCancel(ctx), unit); err != nil {
			return err
		}
		for _, member := range members {
			done++
			tellStep(progress, Step{What: "apply", Done: done, Total: total, Name: member.Name})
		}
	}
	return nil
}

func (m *Migrating) membersOf(unit int) []model.MigratedMember {
	return slices.DeleteFunc(slices.Clone(m.record.Members), func(member model.MigratedMember) bool { return member.Unit != unit })
}

// ready reports a unit that is staged, and whose members are all decided.
func (m *Migrating) ready(unit int) bool {
	if m.record.UnitState(unit) == model.UnitPlanned {
		return false
	}
	return !slices.ContainsFunc(m.record.Members, func(member model.MigratedMember) bool {
		return member.Unit == unit && (member.State == model.MemberUntested || member.State == model.MemberFailed)
	})
}

// applyUnit is the swap. Every step may be done again: a killed process leaves some
// of them done.
func (m *Migrating) applyUnit(ctx context.Context, unit int) error {
	changes := m.changesOf(unit)
	if err := m.jobs.Journal.ReplaceDocuments(ctx, changes, true); err != nil {
		return err
	}
	if err := m.setState(ctx, unit, model.UnitApplying); err != nil {
		return err
	}
	for _, s := range m.record.Secrets {
		if s.Unit == unit {
			if err := m.swap(ctx, s); err != nil {
				return err
			}
		}
	}
	if err := m.jobs.Journal.ReplaceDocuments(ctx, changes, false); err != nil {
		return err
	}
	if err := m.jobs.Journal.RestoreTests(ctx, m.testsOf(unit, func(member model.MigratedMember) *model.TestRecord { return member.Test })); err != nil {
		return err
	}
	for _, s := range m.record.Secrets {
		if s.Unit == unit && !s.KeepsValue {
			if err := m.jobs.forgetSide(ctx, s, model.StagedName(s.Name)); err != nil {
				return err
			}
		}
	}
	for i := range m.record.Members {
		if member := &m.record.Members[i]; member.Unit == unit {
			member.Written = true
		}
	}
	return m.setState(ctx, unit, model.UnitApplied)
}

func (m *Migrating) setState(ctx context.Context, unit int, state model.UnitState) error {
	for i := range m.record.Secrets {
		if s := &m.record.Secrets[i]; s.Unit == unit {
			s.State = state
		}
	}
	return m.write(ctx)
}

// changesOf are the documents of a unit as they are to be written.
func (m *Migrating) changesOf(unit int) []model.DocumentChange {
	var out []model.DocumentChange
	for _, member := range m.record.Members {
		if member.Unit != unit {
			continue
		}
		change := member.Document
		if member.State == model.MemberLeft {
			change.After = member.LeftAs
		}
		out = append(out, change)
	}
	return out
}

// testsOf are the outcomes to remember for a unit's saved connectors. Those that
// stay on the old value keep what is remembered of them.
func (m *Migrating) testsOf(unit int, of func(model.MigratedMember) *model.TestRecord) map[string]*model.TestRecord {
	out := map[string]*model.TestRecord{}
	for _, member := range m.record.Members {
		if member.Unit == unit && member.Path == "" && member.State != model.MemberLeft {
			out[member.ID] = of(member)
		}
	}
	return out
}

// swap keeps the old value under its own name and makes the new one current, with
// what is known of it. After a kill in between, the staged value tells whether the
// current one is the new one already: the old one must not be kept twice.
func (m *Migrating) swap(ctx context.Context, s model.MigratedSecret) error {
	j := m.jobs
	if s.KeepsValue {
		if s.After.Name == "" {
			return nil
		}
		return j.Library.PutSecret(ctx, s.After)
	}
	keys, err := j.Keystores.Keystore(s.Where)
	if err != nil {
		return err
	}
	next, err := valueIn(ctx, keys, model.StagedName(s.Name))
	if err != nil {
		return err
	}
	if !next.IsZero() { // else it is current, and the staged one gone
		if err := j.keepOld(ctx, keys, s, next); err != nil {
			return err
		}
		if err := keys.Set(ctx, s.Name, next); err != nil {
			return err
		}
	}
	return j.Library.PutSecret(ctx, s.After)
}

// keepOld stores the value that is about to be replaced under OldName. It is listed
// first.
func (j *Jobs) keepOld(ctx context.Context, keys Keystore, s model.MigratedSecret, next model.Secret) error {
	if !s.HadValue {
		return nil
	}
	current, err := valueIn(ctx, keys, s.Name)
	if err != nil {
		return err
	}
	if current.IsZero() || current.Equal(next) {
		return nil // the swap was made
	}
	old := model.SecretInfo{Type: model.SecretText, Where: s.Where, Kind: s.Old}
	if s.Before != nil {
		old = *s.Before
	}
	old.Name, old.Where = model.OldName(s.Name), s.Where
	if err := j.Library.PutSecret(ctx, old); err != nil {
		return err
	}
	return keys.Set(ctx, old.Name, current)
}

// forgetSide removes a staged or kept value, and then what lists it.
func (j *Jobs) forgetSide(ctx context.Context, s model.MigratedSecret, name model.SecretName) error {
	keys, err := j.Keystores.Keystore(s.Where)
	if err != nil {
		return err
	}
	if err := keys.Delete(ctx, name); err != nil {
		return err
	}
	return j.Library.RemoveSecret(ctx, name)
}
