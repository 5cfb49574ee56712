package flow

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"bbconnect/model"
)

// Test tests connectors with their new documents and the staged values: those that
// were not tested yet, or the ones named. Outcomes are written into the journal;
// those of a run that is cancelled are kept as far as they came. What the new value
// cannot heal is a failed member with its problem, and no error.
func (m *Migrating) Test(ctx context.Context, run Many, ids []string, progress func(Step)) error {
	if err := m.mayGoOn(); err != nil {
		return err
	}
	if err := m.finishStaging(ctx, progress); err != nil {
		return err
	}
	targets, of, err := m.targets(ids)
	if err != nil || len(targets) == 0 {
		return err
	}
	if run.Instead, err = m.standIns(ctx); err != nil {
		return err
	}
	done := 0
	run.Ended = func(t Tested) {
		if !errors.Is(t.Err, ErrNotTested) {
			m.take(&m.record.Members[of[t.Index]], t)
		}
		done++
		tellStep(progress, Step{What: "test", Done: done, Total: len(targets), Name: m.record.Members[of[t.Index]].Name, Tested: &t})
	}
	_, err = m.jobs.TestMany(ctx, targets, run)
	return errors.Join(err, m.write(context.WithoutCancel(ctx)))
}

// finishStaging goes on where a kill broke staging off. A value that was not stored
// by then is gone with its process.
func (m *Migrating) finishStaging(ctx context.Context, progress func(Step)) error {
	for i := range m.record.Secrets {
		s := m.record.Secrets[i]
		if s.State != model.UnitPlanned || s.KeepsValue {
			continue
		}
		value := m.values[s.Name]
		if value.IsZero() {
			keys, err := m.jobs.Keystores.Keystore(s.Where)
			if err != nil {
				return err
			}
			if value, err = valueIn(ctx, keys, model.StagedName(s.Name)); err != nil {
				return err
			}
		}
		if value.IsZero() {
			return &model.Problem{
				Code: "cred.missing", What: fmt.Sprintf("The new value of %s was not stored.", s.Name.Ref()),
				Why: "The migration was broken off before it came to that. Nothing else was changed.",
				Fix: "Take it back with bbconnect migrate --undo, and begin again.", Field: model.QPassword,
			}
		}
		m.values[s.Name] = value
	}
	if slices.ContainsFunc(m.record.Secrets, func(s model.MigratedSecret) bool { return s.State == model.UnitPlanned }) {
		return m.stage(ctx, progress)
	}
	return nil
}

// targets are the connectors to test, and the member each stands for.
func (m *Migrating) targets(ids []string) ([]Target, []int, error) {
	var targets []Target
	var of []int
	for i, member := range m.record.Members {
		wanted := member.State == model.MemberUntested
		if len(ids) > 0 {
			wanted = slices.Contains(ids, member.ID)
		}
		if !wanted || m.record.UnitState(member.Unit) != model.UnitStaged {
			continue
		}
		c, err := m.jobs.Journal.ReadDocument(member.Document.After)
		if err != nil {
			return nil, nil, err
		}
		targets, of = append(targets, Target{Connector: c}), append(of, i)
	}
	return targets, of, nil
}

// standIns are the secrets as they will be. Those that keep their value keep it in
// the tests too, unless this process was given one.
func (m *Migrating) standIns(ctx context.Context) (map[model.SecretName]StandIn, error) {
	out := map[model.SecretName]StandIn{}
	for _, s := range m.record.Secrets {
		info := s.After
		if info.Name == "" {
			info.Name, info.Type = s.Name, model.SecretText
		}
		stand := StandIn{Info: info, Value: m.values[s.Name]}
		if stand.Value.IsZero() && !s.KeepsValue {
			keys, err := m.jobs.Keystores.Keystore(s.Where)
			if err != nil {
				return nil, err
			}
			if stand.Value, err = valueIn(ctx, keys, model.StagedName(s.Name)); err != nil {
				return nil, err
			}
		}
		out[s.Name] = stand
	}
	return out, nil
}

// take writes an outcome down.
func (m *Migrating) take(member *model.MigratedMember, t Tested) {
	member.Problem, member.Test = t.Result.Problem, nil
	if t.Err != nil {
		member.State, member.Problem = model.MemberFailed, noAnswer(t.Err)
		return
	}
	record := Record(t.Result)
	member.Test = &record
	member.State = model.MemberFailed
	if Passed(t.Result.Verdict) {
		member.State = model.MemberPassed // what a warning says stays in the report
	}
}

// mayGoOn refuses to go on with what is half taken back or half confirmed.
func (m *Migrating) mayGoOn() error {
	switch m.record.State {
	case model.MigrationUndoing:
		return &model.Problem{
			Code: "store.conflict", What: "This migration is being taken back.", Why: "That was broken off in the middle.",
			Fix: "Finish it with: bbconnect migrate --undo.",
		}
	case model.MigrationConfirming:
		return &model.Problem{
			Code: "store.conflict", What: "This migration is being confirmed.", Why: "That was broken off in the middle: some old values are gone already.",
			Fix: "Finish it with: bbconnect migrate --confirm.",
		}
	}
	return nil
}

// Decide says what becomes of a connector whose test failed: it gets the new value
// all the same, or it stays on the old one, which is then kept for it, with its old
// document. DecideRetry makes it untested again. A connector cannot stay where there
// is no old value to stay on.
func (m *Migrating) Decide(ctx context.Context, id string, d model.MemberDecision) error {
	if err := m.mayGoOn(); err != nil {
		return err
	}
	i := slices.IndexFunc(m.record.Members, func(member model.MigratedMember) bool { return member.ID == id })
	if i < 0 || m.record.Members[i].State == model.MemberPassed || m.record.UnitState(m.record.Members[i].Unit) != model.UnitStaged {
		return ErrNoMigration
	}
	member := m.record.Members[i]
	switch d {
	case model.DecideForce:
		member.State = model.MemberForced
	case model.DecideRetry:
		member.State = model.MemberUntested
	case model.DecideLeave:
		left, err := m.leftDocument(ctx, member)
		if err != nil {
			return err
		}
		member.State, member.LeftAs = model.MemberLeft, left
	}
	m.record.Members[i] = member
	m.keepOldFor(member.Unit)
	return m.write(ctx)
}

// keepOldFor says of a unit's secrets whether somebody stays on their old value.
func (m *Migrating) keepOldFor(unit int) {
	left := slices.ContainsFunc(m.record.Members, func(member model.MigratedMember) bool {
		return member.Unit == unit && member.State == model.MemberLeft
	})
	for i := range m.record.Secrets {
		if s := &m.record.Secrets[i]; s.Unit == unit {
			s.Kept = left && !s.KeepsValue
		}
	}
}

// leftDocument is the old document with the references of the kept old values.
func (m *Migrating) leftDocument(ctx context.Context, member model.MigratedMember) ([]byte, error) {
	c, err := m.jobs.Journal.ReadDocument(member.Document.Before)
	if err != nil {
		return nil, err
	}
	after, moved := c, false
	for _, s := range m.record.Secrets {
		if s.Unit != member.Unit || s.KeepsValue {
			continue
		}
		if !s.HadValue && c.Uses(s.Name) {
			return nil, cannotStay(member, s)
		}
		renamed, uses := after.RenamesSecret(s.Name, model.OldName(s.Name))
		after, moved = renamed, moved || uses
	}
	if !moved {
		return nil, cannotStay(member, m.record.Secrets[0])
	}
	edit := model.DocumentEdit{Member: model.MigrationMember{Saved: model.Saved{Connector: c}, Path: member.Path}, After: after}
	changes, err := m.jobs.Journal.ComposeDocuments(ctx, []model.DocumentEdit{edit})
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(changes[0].Before, member.Document.Before) {
		return nil, m.jobs.Journal.ReplaceDocuments(ctx, []model.DocumentChange{member.Document}, true)
	}
	return changes[0].After, nil
}

func cannotStay(member model.MigratedMember, s model.MigratedSecret) *model.Problem {
	return &model.Problem{
		Code: "cred.missing", What: fmt.Sprintf("%s cannot stay on the old value of %s.", member.Name, s.Name.Ref()),
		Why: "There is no old value on this machine, or the connector does not name the secret itself.",
		Fix: "Mend the connector and test it again, or give it the new value all the same.",
	}
}
