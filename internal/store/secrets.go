package store

import (
	"context"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"bbconnect/model"
)

const secretsComment = "What is known of each secret. The values are in the keystore, never here."

// secretRecord is one secret in secrets.yaml. Keys of a later minor version stay
// in Rest.
type secretRecord struct {
	Name       model.SecretName     `yaml:"name"`
	Type       model.SecretType     `yaml:"type,omitempty"`
	Kind       model.CredentialKind `yaml:"kind,omitempty"`
	Where      model.Where          `yaml:"where,omitempty"`
	Command    string               `yaml:"command,omitempty"`
	Username   string               `yaml:"username,omitempty"`
	Email      string               `yaml:"email,omitempty"`
	Host       string               `yaml:"host,omitempty"`
	File       model.SecretName     `yaml:"file,omitempty"`
	Passphrase model.SecretName     `yaml:"passphrase,omitempty"`
	Created    string               `yaml:"created,omitempty"`
	Expires    string               `yaml:"expires,omitempty"`
	Length     int                  `yaml:"length,omitempty"`
	Rest       map[string]any       `yaml:",inline"`
}

type secretsFile struct {
	Version int            `yaml:"version"`
	Secrets []secretRecord `yaml:"secrets"`
	Rest    map[string]any `yaml:",inline"`
}

func (s *Store) secretsPath() string { return filepath.Join(s.folders.Data, "secrets.yaml") }

// Secrets lists what is known of every secret, by name. Errors: store.damaged,
// store.newer, store.unreadable.
func (s *Store) Secrets(ctx context.Context) ([]model.SecretInfo, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	file, _, err := s.readSecrets()
	if err != nil {
		return nil, err
	}
	out := make([]model.SecretInfo, 0, len(file.Secrets))
	for _, r := range file.Secrets {
		info, why, err := r.info()
		if why != "" {
			return nil, damaged(s.secretsPath(), why, err)
		}
		out = append(out, info)
	}
	slices.SortFunc(out, func(a, b model.SecretInfo) int { return strings.Compare(string(a.Name), string(b.Name)) })
	return out, nil
}

// HoldSecrets keeps other processes from changing values together with what belongs
// to them until release is called, or this process ends, however it ends. store.busy
// says that one does. Its lock is another than that of the list of secrets, which is
// held for one change of that file only.
func (s *Store) HoldSecrets(ctx context.Context) (release func(), err error) {
	return s.hold(ctx, filepath.Join(s.folders.State, "values"), "Another process is changing secrets.")
}

// PutSecret records a secret, or replaces what is known of it. The value is not
// the store's to keep. A name that is none is ref.malformed.
func (s *Store) PutSecret(ctx context.Context, info model.SecretInfo) error {
	for _, name := range []model.SecretName{info.Name, info.File, info.Passphrase} {
		if _, _, ok := name.Split(); !ok && (name != "" || info.Name == "") {
			return &model.Problem{
				Code: "ref.malformed", What: "That is no secret's whole name.", Why: "Whole names are account/ID, org/ORG/ID and project/ORG/PROJECT/ID.",
				Fix: "Name the secret with its scope.", Field: model.QSecret,
			}
		}
	}
	return s.changeSecrets(ctx, func(file *secretsFile) {
		fresh := record(info)
		i := slices.IndexFunc(file.Secrets, func(r secretRecord) bool { return r.Name == info.Name })
		if i < 0 {
			file.Secrets = append(file.Secrets, fresh)
			return
		}
		fresh.Rest = file.Secrets[i].Rest
		file.Secrets[i] = fresh
	})
}

// RemoveSecret forgets a secret; one that is not there is forgotten already.
func (s *Store) RemoveSecret(ctx context.Context, name model.SecretName) error {
	return s.changeSecrets(ctx, func(file *secretsFile) {
		file.Secrets = slices.DeleteFunc(file.Secrets, func(r secretRecord) bool { return r.Name == name })
	})
}

// readSecrets reads the list, brought up to date; old is as readYAML has it.
func (s *Store) readSecrets() (file secretsFile, old int, err error) {
	old, err = readYAML(s.secretsPath(), secretsFormat(), &file)
	return file, old, err
}

func (s *Store) changeSecrets(ctx context.Context, change func(*secretsFile)) error {
	return s.locked(ctx, s.secretsPath(), func() error {
		file, old, err := s.readSecrets()
		if err != nil {
			return err
		}
		before := slices.Clone(file.Secrets)
		change(&file)
		if file.Version == secretsFormat().version() && reflect.DeepEqual(before, file.Secrets) {
			return nil // rows made with these secrets stay good
		}
		file.Version = secretsFormat().version()
		if old != upToDate {
			if err := keepOld(s.secretsPath(), old); err != nil {
				return err
			}
		}
		return writeYAML(s.secretsPath(), secretsComment, file)
	})
}

func record(info model.SecretInfo) secretRecord {
	r := secretRecord{
		Name: info.Name, Type: info.Type, Kind: info.Kind, Where: info.Where, Command: info.Command,
		Username: info.Username, Email: info.Email, Host: info.Host, File: info.File, Passphrase: info.Passphrase, Length: info.Length,
	}
	if !info.Created.IsZero() {
		r.Created = info.Created.UTC().Format(time.RFC3339)
	}
	if !info.Expires.IsZero() {
		r.Expires = info.Expires.Format(time.DateOnly)
	}
	return r
}

// info reads the record. why is a sentence for people about what keeps it from
// being read, and empty when nothing does; err is the cause of that, if any.
func (r secretRecord) info() (info model.SecretInfo, why string, err error) {
	info = model.SecretInfo{
		Name: r.Name, Type: r.Type, Kind: r.Kind, Where: r.Where, Command: r.Command,
		Username: r.Username, Email: r.Email, Host: r.Host, File: r.File, Passphrase: r.Passphrase, Length: r.Length,
	}
	if _, _, ok := r.Name.Split(); !ok {
		return info, "It lists a secret under a name that is none.", nil
	}
	if r.Created != "" {
		if info.Created, err = time.Parse(time.RFC3339, r.Created); err != nil {
			return info, fmt.Sprintf("The date in created of %s is not of the form 2026-11-22T10:00:00Z.", r.Name), err
		}
	}
	if r.Expires != "" {
		if info.Expires, err = time.Parse(time.DateOnly, r.Expires); err != nil {
			return info, fmt.Sprintf("The date in expires of %s is not of the form 2027-11-21.", r.Name), err
		}
	}
	return info, "", nil
}
