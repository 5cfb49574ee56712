package keystore

import (
	"context"
	"errors"
	"io/fs"

	"filippo.io/age"

	"bbconnect/internal/disk"
	"bbconnect/model"
)

func (v *Vault) key() *age.X25519Identity {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.identity
}

func (v *Vault) keep(identity *age.X25519Identity) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.identity = identity
}

func (v *Vault) forget() { v.keep(nil) }

// enter waits for this caller's turn to unlock.
func (v *Vault) enter(ctx context.Context) (leave func(), err error) {
	select {
	case v.turn <- struct{}{}:
		return func() { <-v.turn }, nil
	case <-ctx.Done():
		return nil, ended(ctx, v.locked())
	}
}

// unlocked makes sure the vault is open, and asks for the passphrase where it is
// not. Of several callers one asks, and the others wait for the answer.
func (v *Vault) unlocked(ctx context.Context) error {
	if v.key() != nil {
		return nil
	}
	leave, err := v.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	if v.key() != nil {
		return nil
	}
	if v.ask == nil {
		return v.locked()
	}
	var problem *model.Problem
	for range vaultTries {
		passphrase, err := v.ask(ctx, v.Exists(), problem)
		if err != nil {
			return err
		}
		err = v.open(ctx, passphrase)
		var wrong bool
		if problem, wrong = model.AsProblem(err); !wrong || problem.Code != codeDenied {
			return err
		}
	}
	return problem
}

// open is Unlock for the caller whose turn it is.
func (v *Vault) open(ctx context.Context, passphrase model.Secret) error {
	if err := ctx.Err(); err != nil {
		return ended(ctx, v.locked())
	}
	if passphrase.IsZero() {
		return &model.Problem{
			Code: codeDenied, What: "The vault needs a passphrase.",
			Why: "An empty one would protect nothing.", Fix: "Enter a passphrase.",
		}
	}
	file, err := v.load()
	if errors.Is(err, fs.ErrNotExist) {
		return v.create(ctx, passphrase)
	}
	if err != nil {
		return err
	}
	return v.try(file, passphrase)
}

func (v *Vault) try(file *vaultFile, passphrase model.Secret) error {
	identity, err := file.unlock(passphrase)
	switch {
	case errors.Is(err, age.ErrIncorrectIdentity):
		return &model.Problem{
			Code: codeDenied, What: "The passphrase does not open the vault.",
			Why: "It is not the one " + v.Describe() + " was made with.",
			Fix: "Enter it again. A lost passphrase cannot be recovered: move the file away and set the secrets anew.",
		}
	case err != nil:
		return v.broken(err)
	}
	v.keep(identity)
	return nil
}

// create makes a new, empty vault, unless another process is faster. The slow
// derivation comes before the lock, which others may be waiting for.
func (v *Vault) create(ctx context.Context, passphrase model.Secret) error {
	file, identity, err := newVaultFile(passphrase, v.work)
	if err != nil {
		return v.broken(err)
	}
	var other *vaultFile
	err = v.holding(ctx, func(context.Context) error {
		existing, err := v.load()
		if errors.Is(err, fs.ErrNotExist) {
			return v.save(file)
		}
		other = existing
		return err
	})
	switch {
	case err != nil:
		return err
	case other != nil:
		return v.try(other, passphrase)
	}
	v.keep(identity)
	return nil
}

// load reads the file; fs.ErrNotExist when there is none.
func (v *Vault) load() (*vaultFile, error) {
	data, err := disk.ReadFile(v.path, maxVault)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err != nil {
		return nil, fileProblem(v.path, err)
	}
	file, err := parseVault(data)
	if errors.Is(err, errNewerVault) {
		return nil, &model.Problem{
			Code: codeNewer, What: "The vault " + v.path + " was written by a newer bbconnect.",
			Why: "This version does not know its format.", Fix: "Update bbconnect.", Cause: err,
		}
	}
	if err != nil {
		return nil, v.broken(err)
	}
	return file, nil
}

func (v *Vault) save(file *vaultFile) error {
	if err := disk.WriteFile(v.path, file.bytes()); err != nil {
		return fileProblem(v.path, err)
	}
	return nil
}

func (v *Vault) locked() *model.Problem {
	return &model.Problem{
		Code: codeLocked, What: "The vault is locked.",
		Why: "Its passphrase has not been given, and nobody can be asked for it now.",
		Fix: "Run bbconnect on a terminal, or put the passphrase into a file and its path into BBCONNECT_VAULT_PASSPHRASE_FILE.",
	}
}

func (v *Vault) broken(cause error) *model.Problem {
	return damaged("The vault "+v.path+" is damaged.",
		"It was changed or cut short by something other than bbconnect. Nothing in it was touched.",
		"Restore it from a backup, or move it away and set the secrets anew.", cause)
}
