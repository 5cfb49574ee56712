package flow

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"bbconnect/model"
)

// RestoreChoice is how a backup is put back.
type RestoreChoice struct {
	Way model.RestoreWay
	// Where new values go; "" for the place chosen on this machine, and where none
	// was, the one they had on the other.
	Where model.Where
}

// Restored is what a restore does, or would do.
type Restored struct {
	// Items are all parts of the backup, beside what is here.
	Items []model.RestoreItem
	// Values is how many values are stored.
	Values int
	// ToSet are secrets whose value is neither in the backup nor here.
	ToSet []model.SecretName
}

// Count is how many parts of a kind stand so; any kind for "".
func (r Restored) Count(kind model.RestoreKind, state model.RestoreState) int {
	n := 0
	for _, i := range r.Items {
		if (kind == "" || i.Kind == kind) && i.State == state {
			n++
		}
	}
	return n
}

// restore is a restore that was planned: the values to store, and what is handed
// to the archive.
type restore struct {
	Restored
	backup model.Backup
	write  []model.BackupSecret
}

// PlanRestore says what Restore would do, and changes nothing. A secret whose value
// here is another one differs as well. Errors: migration.unfinished, those of the
// keystore, and those of reading.
func (j *Jobs) PlanRestore(ctx context.Context, b model.Backup, choice RestoreChoice) (Restored, error) {
	release, err := j.noMigration(ctx)
	if err != nil {
		return Restored{}, err
	}
	defer release()
	r, err := j.planRestore(ctx, b, choice)
	return r.Restored, err
}

func (j *Jobs) planRestore(ctx context.Context, b model.Backup, choice RestoreChoice) (restore, error) {
	if choice.Where != "" {
		b.Settings.Keystore = choice.Where // new secrets go there as well
	}
	r := restore{backup: b}
	items, err := j.Archive.CompareBackup(ctx, b)
	if err != nil {
		return r, err
	}
	here, err := j.Library.Secrets(ctx)
	if err != nil {
		return r, err
	}
	known := make(map[model.SecretName]model.SecretInfo, len(here))
	for _, info := range here {
		known[info.Name] = info
	}
	where, err := j.restoreTo(ctx, choice.Where)
	if err != nil {
		return r, err
	}
	r.Items = slices.Clone(items)
	at := map[string]int{}
	for i, item := range r.Items {
		if item.Kind == model.RestoreSecret {
			at[item.Name] = i
		}
	}
	r.backup.Secrets = nil
	for _, s := range b.Secrets {
		if ctx.Err() != nil {
			return r, ctx.Err()
		}
		old, exists := known[s.Info.Name]
		if keepsValue(s.Info) && where != "" {
			s.Info.Where = where
		}
		if exists {
			s.Info.Where = old.Where // a value stays where it is looked for
		}
		i, listed := at[string(s.Info.Name)]
		if !listed {
			continue
		}
		if err := j.planValue(ctx, &r, s, &r.Items[i], choice.Way); err != nil {
			return r, err
		}
	}
	return r, nil
}

// restoreTo is the place for values that are new here.
func (j *Jobs) restoreTo(ctx context.Context, chosen model.Where) (model.Where, error) {
	if chosen != "" {
		return chosen, nil
	}
	settings, err := j.Library.Settings(ctx)
	if settings.Keystore == model.WhereKeyring || settings.Keystore == model.WhereVault {
		return settings.Keystore, err
	}
	return "", err
}

// planValue decides about one secret: whether its value is stored, and whether what
// is known of it goes to the archive.
func (j *Jobs) planValue(ctx context.Context, r *restore, s model.BackupSecret, item *model.RestoreItem, way model.RestoreWay) error {
	if !keepsValue(s.Info) {
		r.backup.Secrets = append(r.backup.Secrets, s)
		return nil
	}
	value, err := j.heldValue(ctx, s.Info)
	if err != nil {
		return err
	}
	store := false
	switch {
	case s.Value.IsZero():
		if value.IsZero() {
			r.ToSet = append(r.ToSet, s.Info.Name)
		}
	case value.IsZero():
		store = item.State != model.RestoreDiffers || way == model.RestoreReplace
		if item.State == model.RestoreSame {
			item.State = model.RestoreNew // known here, and its value is not
		}
	case !value.Equal(s.Value):
		item.State = model.RestoreDiffers
		store = way == model.RestoreReplace
	}
	if store {
		r.write = append(r.write, s)
		r.Values++
	}
	if item.State != model.RestoreDiffers || way != model.RestoreSkip {
		r.backup.Secrets = append(r.backup.Secrets, s)
	}
	return nil
}

// Restore puts a backup back: values first, each read back, then all files at
// once. What goes wrong takes everything back; what is killed in between has
// added some values that nothing points to yet, or some files, and the same restore
// done again does the rest. Changed documents can be taken back with Undo, values
// that were replaced cannot. Errors: those of PlanRestore, store.conflict where
// something differs and the way is refuse.
func (j *Jobs) Restore(ctx context.Context, b model.Backup, choice RestoreChoice) (Restored, error) {
	release, err := j.alone(ctx)
	if err != nil {
		return Restored{}, err
	}
	defer release()
	r, err := j.planRestore(ctx, b, choice)
	if err != nil {
		return r.Restored, err
	}
	if conflict := model.RestoreConflict(r.Items); conflict != nil && choice.Way == model.RestoreRefuse {
		return r.Restored, conflict
	}
	if err := j.provePlaces(ctx, r.write); err != nil {
		return r.Restored, err
	}
	var undo undoing
	for _, s := range r.write {
		if err := j.restoreValue(ctx, s, &undo); err != nil {
			return r.Restored, errors.Join(err, undo.all(ctx))
		}
	}
	if _, err := j.Archive.RestoreBackup(ctx, r.backup, choice.Way); err != nil {
		return r.Restored, errors.Join(err, undo.all(ctx))
	}
	return r.Restored, nil
}

// provePlaces has every place prove itself before the first value goes there.
func (j *Jobs) provePlaces(ctx context.Context, write []model.BackupSecret) error {
	proved := map[model.Where]bool{}
	for _, s := range write {
		if proved[s.Info.Where] {
			continue
		}
		proved[s.Info.Where] = true
		keys, err := j.Keystores.Keystore(s.Info.Where)
		if err != nil {
			return err
		}
		if err := j.proveInTime(ctx, keys); err != nil {
			return err
		}
	}
	return nil
}

// restoreValue stores one value and reads it back.
func (j *Jobs) restoreValue(ctx context.Context, s model.BackupSecret, undo *undoing) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	back, err := j.replaceValue(ctx, s.Info, s.Value)
	if back != nil {
		undo.add(back)
	}
	if err != nil {
		return err
	}
	return j.keptAs(ctx, s.Info, s.Value)
}

// keptAs reads a value back after it was stored.
func (j *Jobs) keptAs(ctx context.Context, info model.SecretInfo, value model.Secret) error {
	kept, err := j.heldValue(ctx, info)
	if err != nil {
		return err
	}
	if kept.Equal(value) {
		return nil
	}
	return &model.Problem{
		Code: "keystore.denied", What: fmt.Sprintf("The keystore did not keep %s.", info.Name.Ref()),
		Why: "What was read back is not what was stored.", Fix: "bbconnect doctor examines the keystore.",
	}
}
