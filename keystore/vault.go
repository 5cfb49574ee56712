package keystore

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"filippo.io/age"

	"bbconnect/internal/disk"
	"bbconnect/model"
)

const (
	// vaultWait bounds the wait for another process that changes the vault, when
	// the context has no deadline.
	vaultWait = 5 * time.Second
	// vaultTries is how often a wrong passphrase may be corrected.
	vaultTries = 3
)

// Passphrase asks for the passphrase of a vault. exists is false when a new
// vault is about to be made, whose passphrase should be typed twice. problem is
// nil at first and says what was wrong with the last answer after that; where
// nobody can be asked again, return it. An error ends the attempt and is passed
// on.
type Passphrase func(ctx context.Context, exists bool, problem *model.Problem) (model.Secret, error)

// Vault keeps values in one encrypted file.
//
// The passphrase opens an identity, and the identity opens the secrets
// (vault_file.go). So the slow derivation of a key from the passphrase happens
// once a run, when the first secret is needed, and saving costs none. What stays
// in memory is the identity; the secrets are read from the file each time, so
// two processes see each other's changes.
type Vault struct {
	path string
	ask  Passphrase
	// work is the scrypt cost of a vault that is made, as a power of two.
	work int
	// room bounds the secrets together, in bytes.
	room int
	// turn holds one token while somebody unlocks: one question at a time.
	turn chan struct{}

	mu       sync.Mutex
	identity *age.X25519Identity // nil while locked
}

// NewVault opens nothing yet. path is the vault's file, which is made at the
// first Set. A nil ask makes a locked vault answer keystore.locked.
func NewVault(path string, ask Passphrase) *Vault {
	return &Vault{path: path, ask: ask, work: vaultWork, room: maxContents, turn: make(chan struct{}, 1)}
}

// WithWork sets scrypt's cost of a vault that is made from now on, as a power of
// two; 0 leaves it as it is. A vault that is there opens at the cost it was made
// with. It is for those who make many vaults that guard nothing.
func (v *Vault) WithWork(work int) *Vault {
	v.work = cmp.Or(work, v.work)
	return v
}

// Exists reports whether there is a vault file.
func (v *Vault) Exists() bool {
	_, err := os.Stat(v.path)
	return !errors.Is(err, fs.ErrNotExist)
}

// Locked reports whether the next use will need the passphrase.
func (v *Vault) Locked() bool { return v.key() == nil }

// Unlock opens the vault with a passphrase, or makes a new one with it where
// there is none. It takes about half a second. A wrong passphrase is
// keystore.denied and an empty one keystore.denied as well; nothing changes
// then.
func (v *Vault) Unlock(ctx context.Context, passphrase model.Secret) error {
	leave, err := v.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	return v.open(ctx, passphrase)
}

// Get implements Store. Without a vault file nothing is asked.
func (v *Vault) Get(ctx context.Context, name model.SecretName) (model.Secret, error) {
	if err := firstError(ctx.Err(), checkName(name)); err != nil {
		return model.Secret{}, err
	}
	if !v.Exists() {
		return model.Secret{}, ErrNotFound
	}
	secrets, err := v.secrets(ctx)
	if err != nil {
		return model.Secret{}, err
	}
	value, ok := secrets[name]
	if !ok {
		return model.Secret{}, ErrNotFound
	}
	return model.NewSecret(string(value)), nil
}

// Set implements Store.
func (v *Vault) Set(ctx context.Context, name model.SecretName, value model.Secret) error {
	if err := firstError(ctx.Err(), checkBoth(name, value)); err != nil {
		return err
	}
	return v.change(ctx, func(secrets contents) bool {
		secrets[name] = []byte(value.Reveal())
		return true
	})
}

// Delete implements Store. Without a vault file nothing is asked.
func (v *Vault) Delete(ctx context.Context, name model.SecretName) error {
	if err := firstError(ctx.Err(), checkName(name)); err != nil {
		return err
	}
	if !v.Exists() {
		return nil
	}
	return v.change(ctx, func(secrets contents) bool {
		_, there := secrets[name]
		delete(secrets, name)
		return there
	})
}

// Prove implements Store. It unlocks the vault, or makes it. The three seconds
// begin when the person has answered.
func (v *Vault) Prove(ctx context.Context) error {
	if err := v.unlocked(ctx); err != nil {
		return err
	}
	return prove(ctx, v)
}

// Where implements Store.
func (v *Vault) Where() model.Where { return model.WhereVault }

// Describe implements Store, with ~ for the home folder.
func (v *Vault) Describe() string {
	path := v.path
	if home, err := os.UserHomeDir(); err == nil {
		if rest, ok := strings.CutPrefix(path, home+string(filepath.Separator)); ok {
			path = filepath.Join("~", rest)
		}
	}
	return "encrypted vault " + path
}

// secrets reads and decrypts the file. When the identity does not fit, the file
// was replaced by another vault since it was unlocked, which is unlocked anew.
func (v *Vault) secrets(ctx context.Context) (contents, error) {
	for try := 0; ; try++ {
		if err := v.unlocked(ctx); err != nil {
			return nil, err
		}
		file, err := v.load()
		if errors.Is(err, fs.ErrNotExist) {
			return contents{}, nil
		}
		if err != nil {
			return nil, err
		}
		secrets, err := file.decrypt(v.key())
		if errors.Is(err, age.ErrIncorrectIdentity) && try == 0 {
			v.forget()
			continue
		}
		if err != nil {
			return nil, v.broken(err)
		}
		return secrets, nil
	}
}

// change edits the secrets under the vault's lock: it reads what is there now,
// so that what another process has just added stays. edit reports whether there
// is anything to write.
func (v *Vault) change(ctx context.Context, edit func(contents) bool) error {
	// The question for the passphrase comes before the lock, which would otherwise
	// be held while somebody thinks.
	if err := v.unlocked(ctx); err != nil {
		return err
	}
	return v.holding(ctx, func(ctx context.Context) error {
		secrets, err := v.secrets(ctx)
		if err != nil {
			return err
		}
		before := maps.Clone(secrets)
		if !edit(secrets) {
			return nil
		}
		if secrets.size() > v.room && secrets.size() > before.size() {
			return tooBig(secrets.size(), v.room, "That is for all secrets in the vault together.")
		}
		file, err := v.load()
		if errors.Is(err, fs.ErrNotExist) {
			return damaged("The vault is gone.", v.path+" was deleted while bbconnect was using it.",
				"Restore the file, or start bbconnect again to make a new vault.", err)
		}
		if err != nil {
			return err
		}
		if err := file.encrypt(v.key(), secrets); err != nil {
			return v.broken(err)
		}
		return v.save(file)
	})
}

// holding runs work while this process alone may change the vault.
func (v *Vault) holding(ctx context.Context, work func(context.Context) error) error {
	wait, cancel := within(ctx, vaultWait)
	defer cancel()
	unlock, err := disk.Lock(wait, v.path)
	if err != nil {
		if cause := ctx.Err(); errors.Is(cause, context.Canceled) {
			return cause
		}
		return fileProblem(v.path, err)
	}
	// The lock is given back when the process ends at the latest.
	defer func() { _ = unlock() }()
	return work(ctx)
}
