package flow

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"bbconnect/model"
)

// Migrating is a migration under way in this process. Its journal is written before
// each step, so that a process that is killed at any point leaves one that
// ResumeMigration goes on with and Undo takes back. It belongs to one goroutine.
type Migrating struct {
	jobs    *Jobs
	record  model.MigrationRecord
	release func()
	// values are the new ones, where this process knows them; after a resume they
	// are read from where they were staged.
	values map[model.SecretName]model.Secret
}

// Step is one line of progress: what is done, and how much of it.
type Step struct {
	// What is "store", "test", "apply", "undo" or "confirm".
	What        string
	Done, Total int
	// Name is the connector or secret that was just done.
	Name string
	// Tested is the outcome of a test, nil for other steps.
	Tested *Tested
}

// Record is the journal as it stands. The caller may read it, not change it.
func (m *Migrating) Record() model.MigrationRecord { return m.record }

// Close lets other processes take the migration up. The journal stays, unless the
// migration was confirmed or undone.
func (m *Migrating) Close() {
	if m.release != nil {
		m.release()
		m.release = nil
	}
}

// BeginMigration writes the journal and stores the new values beside the old ones,
// each under its StagedName; nothing else changes yet. with are the verified
// replacements by secret; groups of the plan without one are left out. Secrets that
// one connector uses together become one transaction.
//
// Errors, with everything as it was: store.busy where another process migrates or an
// unfinished migration waits, store.conflict where a connector changed since the
// plan or an old value of an earlier migration is still kept, and what the keystore
// says.
func (j *Jobs) BeginMigration(ctx context.Context, plan model.MigrationPlan, with map[model.SecretName]model.Replacement, progress func(Step)) (*Migrating, error) {
	release, err := j.Journal.HoldMigration(ctx)
	if err != nil {
		return nil, err
	}
	m := &Migrating{jobs: j, release: release, values: map[model.SecretName]model.Secret{}}
	if err := m.begin(ctx, plan, with, progress); err != nil {
		m.Close()
		return nil, err
	}
	return m, nil
}

func (m *Migrating) begin(ctx context.Context, plan model.MigrationPlan, with map[model.SecretName]model.Replacement, progress func(Step)) error {
	j := m.jobs
	if _, there, err := j.Journal.Migration(ctx); err != nil {
		return err
	} else if there {
		return unfinished()
	}
	groups := slices.DeleteFunc(slices.Clone(plan.Groups), func(g model.MigrationGroup) bool { _, ok := with[g.Name]; return !ok })
	if len(groups) == 0 {
		return ErrNoMigration
	}
	m.record = model.MigrationRecord{
		Version: model.MigrationVersion, Purpose: plan.Purpose, StartedAt: j.Now().UTC(), State: model.MigrationGoing,
	}
	var err error
	if m.record.SecretsFile, err = j.Journal.SecretsFile(ctx); err != nil {
		return err
	}
	if err := m.listSecrets(ctx, groups, with); err != nil {
		return err
	}
	if err := m.listMembers(ctx, groups, with); err != nil {
		return err
	}
	if err := j.Journal.WriteMigration(ctx, m.record); err != nil {
		return err
	}
	if err := m.stage(ctx, progress); err != nil {
		return errors.Join(err, m.Undo(context.WithoutCancel(ctx), nil))
	}
	return nil
}

func unfinished() *model.Problem {
	return &model.Problem{
		Code: "store.busy", What: "An earlier migration is not finished.", Why: "It was broken off, or its result was not confirmed yet.",
		Fix: "Go on with it: bbconnect migrate --resume. Or take it back: bbconnect migrate --undo.",
	}
}

// listSecrets writes down what happens to each secret, and that it can.
func (m *Migrating) listSecrets(ctx context.Context, groups []model.MigrationGroup, with map[model.SecretName]model.Replacement) error {
	w := model.World{Now: m.jobs.Now()}
	var err error
	if w.Secrets, err = m.jobs.Library.Secrets(ctx); err != nil {
		return err
	}
	where, err := m.jobs.placeFor(ctx, groups)
	if err != nil {
		return err
	}
	units := unitsOf(groups)
	for _, g := range groups {
		r := with[g.Name]
		s := model.MigratedSecret{
			Unit: units[g.Name], State: model.UnitPlanned, Name: g.Name, User: g.User, Old: g.Old, Page: g.RevokePage(),
			After: g.NewInfo(r, where, w),
		}
		s.Where = s.After.Where
		if before, known := w.SecretInfo(g.Name); known {
			s.Before = &before
		}
		if onlyDocuments(g) {
			s.After, s.KeepsValue = model.SecretInfo{Kind: r.Kind, Expires: r.Expires}, true
		}
		if s.KeepsValue = s.KeepsValue || r.Value.IsZero() || s.Where == model.WhereCommand || s.Where == model.WhereAsk; s.KeepsValue {
			if err := m.jobs.alreadyThere(ctx, s, r.Value); err != nil {
				return err
			}
		} else if err := m.jobs.roomBeside(ctx, &s, w); err != nil {
			return err
		}
		m.values[g.Name] = r.Value
		m.record.Secrets = append(m.record.Secrets, s)
	}
	return nil
}

// placeFor is where values of secrets go that have no place yet, proved; "" when
// all have one.
func (j *Jobs) placeFor(ctx context.Context, groups []model.MigrationGroup) (model.Where, error) {
	if !slices.ContainsFunc(groups, func(g model.MigrationGroup) bool { return g.Info.Where == "" && !onlyDocuments(g) }) {
		return "", nil
	}
	place, err := j.Prove(ctx, "")
	return place.Where, err
}

// onlyDocuments says that no saved connector uses the secret and that it is not
// known here: its value belongs elsewhere.
func onlyDocuments(g model.MigrationGroup) bool {
	return !g.Known && !slices.ContainsFunc(g.Members, func(m model.MigrationMember) bool { return m.Path == "" })
}

// alreadyThere checks a secret whose value this program does not store: a command
// must print the new one by now.
func (j *Jobs) alreadyThere(ctx context.Context, s model.MigratedSecret, value model.Secret) error {
	if s.Where != model.WhereCommand || value.IsZero() {
		return nil
	}
	return j.knownToCommand(ctx, model.SecretWrite{Info: s.After, Value: value})
}

// roomBeside finds out whether the old value can be kept and the new one staged.
func (j *Jobs) roomBeside(ctx context.Context, s *model.MigratedSecret, w model.World) error {
	if s.Where == "" {
		return &model.Problem{
			Code: "keystore.unavailable", What: "No place was chosen for secrets.",
			Why: "A secret is stored only where a test write has worked.", Fix: "Choose the keyring or the vault in the settings, then begin again.",
		}
	}
	for _, name := range []model.SecretName{model.StagedName(s.Name), model.OldName(s.Name)} {
		if _, taken := w.SecretInfo(name); taken {
			return &model.Problem{
				Code: "store.conflict", What: fmt.Sprintf("There is a secret %s already.", name.Ref()),
				Why: "An earlier migration left it: its journal was deleted, or it was kept for a connector that stayed behind.",
				Fix: "Look who uses it with: bbconnect secret list. Then delete or rename it.", Field: model.QSecret,
			}
		}
	}
	keys, err := j.Keystores.Keystore(s.Where)
	if err != nil {
		return err
	}
	old, err := valueIn(ctx, keys, s.Name)
	if err != nil {
		return err
	}
	s.HadValue = !old.IsZero()
	return nil
}

// listMembers writes down what happens to each document.
func (m *Migrating) listMembers(ctx context.Context, groups []model.MigrationGroup, with map[model.SecretName]model.Replacement) error {
	units := unitsOf(groups)
	var edits []model.DocumentEdit
	at := map[string]int{}
	for _, g := range groups {
		for _, member := range g.Members {
			i, known := at[member.ID()]
			if !known {
				i = len(edits)
				at[member.ID()] = i
				edits = append(edits, model.DocumentEdit{Member: member, After: member.Saved.Connector})
				m.record.Members = append(m.record.Members, model.MigratedMember{
					Unit: units[g.Name], ID: member.ID(), Path: member.Path, Name: member.Saved.Connector.Name,
					State: model.MemberUntested, Before: member.Saved.LastTest,
				})
			}
			// A connector of two groups changes for both, one after the other.
			sofar := member
			sofar.Saved.Connector = edits[i].After
			change := g.Change(sofar, with[g.Name])
			edits[i].After = change.After
			m.record.Members[i].Answers = append(m.record.Members[i].Answers, change.Answers...)
		}
	}
	documents, err := m.jobs.Journal.ComposeDocuments(ctx, edits)
	if err != nil {
		return err
	}
	for i, d := range documents {
		m.record.Members[i].Document = d
	}
	return nil
}

// unitsOf numbers the transactions: secrets that share a connector are in one.
func unitsOf(groups []model.MigrationGroup) map[model.SecretName]int {
	unit := map[model.SecretName]int{}
	of := map[string]int{}
	for i, g := range groups {
		unit[g.Name] = i
		for _, m := range g.Members {
			first, known := of[m.ID()]
			if !known {
				of[m.ID()] = i
				continue
			}
			from, to := unit[g.Name], first
			for _, u := range []int{from, to} {
				to = min(to, u)
			}
			for name, u := range unit {
				if u == from || u == first {
					unit[name] = to
				}
			}
			for id, u := range of {
				if u == from || u == first {
					of[id] = to
				}
			}
		}
	}
	numbers := map[int]int{}
	for _, u := range slices.Sorted(maps.Values(unit)) {
		if _, known := numbers[u]; !known {
			numbers[u] = len(numbers)
		}
	}
	for name, u := range unit {
		unit[name] = numbers[u]
	}
	return unit
}

// stage stores every new value beside the old one and reads it back.
func (m *Migrating) stage(ctx context.Context, progress func(Step)) error {
	for i := range m.record.Secrets {
		s := &m.record.Secrets[i]
		if !s.KeepsValue {
			if err := m.jobs.putAside(ctx, *s, m.values[s.Name]); err != nil {
				return err
			}
		}
		tellStep(progress, Step{What: "store", Done: i + 1, Total: len(m.record.Secrets), Name: string(s.Name.Ref())})
	}
	for i := range m.record.Secrets {
		m.record.Secrets[i].State = model.UnitStaged
	}
	return m.write(ctx)
}

// putAside stores a new value under its staged name. It is listed first, so that no
// value is ever where nothing names it.
func (j *Jobs) putAside(ctx context.Context, s model.MigratedSecret, value model.Secret) error {
	info := s.After
	info.Name = model.StagedName(s.Name)
	if err := j.Library.PutSecret(ctx, info); err != nil {
		return err
	}
	keys, err := j.Keystores.Keystore(s.Where)
	if err != nil {
		return err
	}
	if err := keys.Set(ctx, info.Name, value); err != nil {
		return err
	}
	back, err := valueIn(ctx, keys, info.Name)
	if err == nil && !back.Equal(value) {
		err = &model.Problem{
			Code: "keystore.unavailable", What: fmt.Sprintf("%s did not give back what was stored.", keys.Describe()),
			Why: "Another program may be writing to it, or it cuts long values.", Fix: "Run bbconnect doctor, or choose another place for secrets.",
		}
	}
	return err
}

func (m *Migrating) write(ctx context.Context) error {
	return m.jobs.Journal.WriteMigration(ctx, m.record)
}

func tellStep(progress func(Step), s Step) {
	if progress != nil {
		progress(s)
	}
}

// ResumeMigration takes up the migration that is not confirmed: ErrNoMigration
// without one, store.busy while another process has it.
func (j *Jobs) ResumeMigration(ctx context.Context) (*Migrating, error) {
	release, err := j.Journal.HoldMigration(ctx)
	if err != nil {
		return nil, err
	}
	record, there, err := j.Journal.Migration(ctx)
	if err == nil && !there {
		err = ErrNoMigration
	}
	if err != nil {
		release()
		return nil, err
	}
	return &Migrating{jobs: j, record: record, release: release, values: map[model.SecretName]model.Secret{}}, nil
}

// UnfinishedMigration is the journal of the migration that is not confirmed; ok is
// false without one. It takes no hold of it.
func (j *Jobs) UnfinishedMigration(ctx context.Context) (model.MigrationRecord, bool, error) {
	return j.Journal.Migration(ctx)
}
