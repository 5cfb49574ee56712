package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"

	"go.yaml.in/yaml/v3"

	"bbconnect/model"
)

// maxJournal is the largest journal that is read: it holds two copies of every
// document of a migration.
const maxJournal = 256 << 20

func (s *Store) migrationPath() string { return filepath.Join(s.folders.State, "migration.json") }

// HoldMigration keeps other processes from running a migration until release is
// called or this process ends, however it ends. store.busy says that one does.
func (s *Store) HoldMigration(ctx context.Context) (release func(), err error) {
	return s.hold(ctx, s.migrationPath(), "Another process has a migration or rotation open.")
}

// Migration is the journal of the migration that is not confirmed; ok is false
// without one. Errors: store.damaged, store.newer, store.unreadable.
func (s *Store) Migration(ctx context.Context) (r model.MigrationRecord, ok bool, err error) {
	if err := ctx.Err(); err != nil {
		return r, false, err
	}
	data, err := read(s.migrationPath(), maxJournal)
	if err != nil || data == nil {
		return r, false, err
	}
	if err := json.Unmarshal(data, &r); err != nil {
		return r, false, damaged(s.migrationPath(), "It is the journal of an unfinished migration and no longer readable.", err)
	}
	if r.Version < 1 {
		return r, false, damaged(s.migrationPath(), "It is to be the journal of an unfinished migration and says nothing of one.", nil)
	}
	if r.Version > model.MigrationVersion {
		return r, false, newer(s.migrationPath(), r.Version, model.MigrationVersion)
	}
	return r, true, nil
}

// WriteMigration replaces the journal in one step, and forces it to the disk: what
// it announces is begun only afterwards.
func (s *Store) WriteMigration(ctx context.Context, r model.MigrationRecord) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	data, err := json.Marshal(r)
	if err != nil {
		return unwritable(s.migrationPath(), err)
	}
	return write(s.migrationPath(), data)
}

// RemoveMigration ends the migration; one that is not there has ended.
func (s *Store) RemoveMigration(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := os.Remove(s.migrationPath()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return unwritable(s.migrationPath(), err)
	}
	return nil
}

// SecretsFile is secrets.yaml as it stands; nil where there is none.
func (s *Store) SecretsFile(ctx context.Context) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return read(s.secretsPath(), maxList)
}

// RestoreSecretsFile puts the bytes of before back, when the file lists the very same
// secrets by now. Where it says something else, somebody changed it meanwhile, and
// it is left as it is.
func (s *Store) RestoreSecretsFile(ctx context.Context, was []byte) error {
	return s.locked(ctx, s.secretsPath(), func() error {
		now, _, err := s.readSecrets()
		if err != nil {
			return err
		}
		if was == nil {
			if len(now.Secrets) > 0 || len(now.Rest) > 0 {
				return nil
			}
			if err := os.Remove(s.secretsPath()); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return unwritable(s.secretsPath(), err)
			}
			return nil
		}
		var before secretsFile
		if yaml.Unmarshal(was, &before) != nil || !sameSecrets(before, now) {
			return nil
		}
		return write(s.secretsPath(), was)
	})
}

// sameSecrets compares what two files say, whatever their order.
func sameSecrets(a, b secretsFile) bool {
	byName := func(file secretsFile) map[model.SecretName]secretRecord {
		out := map[model.SecretName]secretRecord{}
		for _, r := range file.Secrets {
			// The moment a secret was made is kept to the second.
			if info, why, _ := r.info(); why == "" {
				rest := r.Rest
				r = record(info)
				r.Rest = rest
			}
			out[r.Name] = r
		}
		return out
	}
	return len(a.Rest) == len(b.Rest) && reflect.DeepEqual(byName(a), byName(b))
}

// RestoreTests puts remembered outcomes in the place of newer ones; nil forgets
// what is remembered of a connector.
func (s *Store) RestoreTests(ctx context.Context, was map[string]*model.TestRecord) error {
	known := map[string]model.TestRecord{}
	for key, r := range was {
		if r != nil {
			known[key] = *r
			continue
		}
		if err := s.forgetTest(ctx, key); err != nil {
			return err
		}
	}
	return s.RecordTests(ctx, known)
}

// conflicting is the problem of documents that are neither as they were nor as they
// are to be.
func conflicting(names []string) *model.Problem {
	what := fmt.Sprintf("The connector %s was changed by somebody else meanwhile.", names[0])
	if len(names) > 1 {
		what = fmt.Sprintf("%d connectors were changed by somebody else meanwhile: %s.", len(names), listed(names))
	}
	return &model.Problem{
		Code: "store.conflict", What: what, Why: "A document is not the one that this change was made from.",
		Fix: "Look at it with bbconnect show. Take that change back, or begin again.",
	}
}

// maxListed is how many names a sentence holds.
const maxListed = 5

func listed(names []string) string {
	text := ""
	for i, name := range names {
		switch {
		case i == maxListed:
			return text + fmt.Sprintf(" and %d more", len(names)-maxListed)
		case i > 0:
			text += ", "
		}
		text += name
	}
	return text
}
