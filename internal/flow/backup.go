package flow

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"bbconnect/model"
)

// BackupValues says which secret values a backup takes.
type BackupValues string

// The choices. BackupAll ends with an error where one cannot be read; BackupHeld
// leaves those out, and BackupNone reads none at all.
const (
	BackupAll  BackupValues = ""
	BackupHeld BackupValues = "missing"
	BackupNone BackupValues = "all"
)

// Gathered is a backup that is ready to be sealed.
type Gathered struct {
	Backup model.Backup
	// Missing are the secrets whose value is kept somewhere and is not in the
	// backup.
	Missing []model.SecretName
	// LeftOut are files that cannot be understood.
	LeftOut []model.Damaged
}

// GatherBackup takes everything that is kept here, values included, and changes
// nothing. program names the build. Errors: migration.unfinished, cred.missing for
// values that are gone, the keystore's own problem where it does not open, with the
// secrets' names, and those of reading.
func (j *Jobs) GatherBackup(ctx context.Context, values BackupValues, program string) (Gathered, error) {
	var out Gathered
	release, err := j.noMigration(ctx)
	if err != nil {
		return out, err
	}
	defer release()
	if out.Backup, out.LeftOut, err = j.Archive.Snapshot(ctx); err != nil {
		return out, err
	}
	out.Backup.Created, out.Backup.Program = j.Now(), program
	shut, gone := map[model.Where]*model.Problem{}, []model.SecretName{}
	for i, s := range out.Backup.Secrets {
		if !keepsValue(s.Info) {
			continue
		}
		if values == BackupNone {
			out.Missing = append(out.Missing, s.Info.Name)
			continue
		}
		value, err := j.valueUnlessShut(ctx, s.Info, shut)
		switch {
		case ctx.Err() != nil:
			return out, ctx.Err()
		case err != nil:
			out.Missing = append(out.Missing, s.Info.Name)
		case value.IsZero():
			out.Missing, gone = append(out.Missing, s.Info.Name), append(gone, s.Info.Name)
		default:
			out.Backup.Secrets[i].Value = value
		}
	}
	if values == BackupAll {
		return out, missingValues(out.Missing, gone, shut)
	}
	return out, nil
}

// noMigration keeps migrations from running, and refuses to go on beside one that
// is not finished: its staged values belong to a journal of this machine.
func (j *Jobs) noMigration(ctx context.Context) (release func(), err error) {
	release, err = j.Journal.HoldMigration(ctx)
	if err != nil {
		return nil, err
	}
	_, unfinished, err := j.Journal.Migration(ctx)
	if err == nil && unfinished {
		err = &model.Problem{
			Code: "migration.unfinished", What: "A migration or rotation is not finished.", Why: "Its secrets are kept twice until it is confirmed or taken back, and its journal stays on this machine.",
			Fix: "bbconnect migrate --confirm ends it, --resume goes on with it, --undo takes it back.",
		}
	}
	if err != nil {
		release()
		return nil, err
	}
	return release, nil
}

// alone is noMigration with nobody else at the secrets either.
func (j *Jobs) alone(ctx context.Context) (release func(), err error) {
	migration, err := j.noMigration(ctx)
	if err != nil {
		return nil, err
	}
	secrets, err := j.Library.HoldSecrets(ctx)
	if err != nil {
		migration()
		return nil, err
	}
	return func() { secrets(); migration() }, nil
}

// notMigrated refuses a secret that belongs to a migration which is not confirmed, the
// new and old values beside it included: a value that is set now would be lost by
// taking that back, and one that is gone could not come back.
func (j *Jobs) notMigrated(ctx context.Context, name model.SecretName) error {
	record, unfinished, err := j.UnfinishedMigration(ctx)
	of, _ := model.IsSideName(name)
	if err != nil || !unfinished || !slices.ContainsFunc(record.Secrets, func(s model.MigratedSecret) bool { return s.Name == name || s.Name == of }) {
		return err
	}
	return &model.Problem{
		Code: "migration.unfinished", What: string(name.Ref()) + " belongs to a migration or rotation that is not confirmed.", Why: "Confirming it and taking it back need its values as they are now.",
		Fix: "bbconnect migrate --confirm ends it, --resume goes on with it, --undo takes it back.",
	}
}

// keepsValue reports whether a secret has a value of its own that is stored by this
// program: a command's values are the command's, and an SSH credential only points.
func keepsValue(info model.SecretInfo) bool {
	return info.Type != model.SecretSSHKey && (info.Where == model.WhereKeyring || info.Where == model.WhereVault)
}

// valueUnlessShut reads a value, zero where none is held. A place that did not
// answer is not asked again.
func (j *Jobs) valueUnlessShut(ctx context.Context, info model.SecretInfo, shut map[model.Where]*model.Problem) (model.Secret, error) {
	if p := shut[info.Where]; p != nil {
		return model.Secret{}, p
	}
	value, err := j.heldValue(ctx, info)
	if err != nil {
		shut[info.Where] = noAnswer(err)
	}
	return value, err
}

// heldValue is a secret's value where it is kept, the zero Secret where none is.
func (j *Jobs) heldValue(ctx context.Context, info model.SecretInfo) (model.Secret, error) {
	keys, err := j.Keystores.Keystore(info.Where)
	if err != nil {
		return model.Secret{}, err
	}
	return valueIn(ctx, keys, info.Name)
}

// missingValues is the error of values a backup lacks, nil for none. A keystore
// that did not open weighs more than a value that is gone.
func missingValues(missing, gone []model.SecretName, shut map[model.Where]*model.Problem) error {
	const ways = " With --without-values the backup is made without what cannot be read."
	for _, where := range []model.Where{model.WhereKeyring, model.WhereVault} {
		if p := shut[where]; p != nil {
			others := slices.DeleteFunc(slices.Clone(missing), func(n model.SecretName) bool { return slices.Contains(gone, n) })
			copied := *p
			copied.What = fmt.Sprintf("The values of %s cannot be read. %s", refsOf(others), p.What)
			copied.Fix, copied.Cause = strings.TrimSpace(p.Fix+ways), p
			return &copied
		}
	}
	if len(gone) == 0 {
		return nil
	}
	what := fmt.Sprintf("The keystore no longer holds %s.", refsOf(gone))
	return &model.Problem{
		Code: "cred.missing", What: what, Why: "The values were deleted there, or the keyring is another one than before.",
		Fix: fmt.Sprintf("Store each again: bbconnect secret set %s.%s", gone[0].Ref(), ways),
	}
}

// maxNamed is how many names a sentence holds.
const maxNamed = 8

// refsOf names secrets as a connector of their scope would.
func refsOf(names []model.SecretName) string {
	var refs []string
	for i, n := range names {
		if i == maxNamed {
			return fmt.Sprintf("%s and %d more", strings.Join(refs, ", "), len(names)-maxNamed)
		}
		refs = append(refs, string(n.Ref()))
	}
	return strings.Join(refs, ", ")
}
