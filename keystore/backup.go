package keystore

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"

	"filippo.io/age"

	"bbconnect/model"
)

const (
	// MaxBackup bounds a backup, sealed and open, in bytes. Ten thousand connectors
	// with a key each stay below half of it.
	MaxBackup = 256 << 20
	// backupWork is scrypt's cost for a backup that is made, as a power of two: what
	// age's own program takes. backupMaxWork is the most that is done to open one.
	backupWork    = 18
	backupMaxWork = 20

	codeBackupKey = "backup.key"
)

// BackupLock says who can open a backup: who knows the passphrase, or, where
// Recipients are given, who holds the key of one of them (age1…). One of the two
// is set.
type BackupLock struct {
	Passphrase model.Secret
	Recipients []string
	// Work is scrypt's cost as a power of two, 0 for what age's own program takes:
	// 256 MiB and about a second for each guess.
	Work int
}

// BackupKey opens a backup: its passphrase, or the text of a file of age
// identities.
type BackupKey struct {
	Passphrase model.Secret
	Identities model.Secret
}

// Check reports what is wrong with a lock before anything is gathered for it:
// backup.key for no passphrase and no recipient, and for a recipient that is none.
func (l BackupLock) Check() error {
	_, err := l.recipients()
	return err
}

func (l BackupLock) recipients() ([]age.Recipient, error) {
	if len(l.Recipients) == 0 {
		if l.Passphrase.IsZero() {
			return nil, emptyBackupKey()
		}
		one, err := age.NewScryptRecipient(l.Passphrase.Reveal())
		if err != nil {
			return nil, err
		}
		one.SetWorkFactor(cmp.Or(l.Work, backupWork))
		return []age.Recipient{one}, nil
	}
	var all []age.Recipient
	for _, text := range l.Recipients {
		some, err := age.ParseRecipients(strings.NewReader(text))
		if err != nil {
			// The library's error quotes what it was given, which may be the secret half.
			return nil, &model.Problem{
				Code: codeBackupKey, What: "One of the recipients is none.", Why: "A recipient is the public half of a key and begins with age1; it may have been mixed up with the secret half.",
				Fix: "age-keygen -y FILE prints the public half of a key file.",
			}
		}
		all = append(all, some...)
	}
	return all, nil
}

func emptyBackupKey() *model.Problem {
	return &model.Problem{
		Code: codeBackupKey, What: "A backup needs a passphrase.", Why: "Every secret is in it, and an empty passphrase would protect nothing.", Fix: "Enter a passphrase.",
	}
}

// SealBackup is the file of a backup: one age stream, which age's own program
// opens as well. Inside is JSON that begins with the manifest (backup_format.go).
// With a passphrase it takes about a second.
func SealBackup(b model.Backup, lock BackupLock) ([]byte, error) {
	to, err := lock.recipients()
	if err != nil {
		return nil, err
	}
	text, err := encodeBackup(b)
	if err != nil {
		return nil, err
	}
	if len(text) > MaxBackup {
		return nil, tooBig(len(text), MaxBackup, "A backup is held in memory as a whole.")
	}
	var out bytes.Buffer
	out.Grow(len(text) + 4096 + len(text)/4096)
	sealed, err := age.Encrypt(&out, to...)
	if err != nil {
		return nil, fmt.Errorf("sealing the backup: %w", err)
	}
	if _, err := sealed.Write(text); err != nil {
		return nil, fmt.Errorf("sealing the backup: %w", err)
	}
	if err := sealed.Close(); err != nil {
		return nil, fmt.Errorf("sealing the backup: %w", err)
	}
	return out.Bytes(), nil
}

// BackupWantsPassphrase reports whether a file is locked with a passphrase rather
// than for key files; false too for what is no backup at all.
func BackupWantsPassphrase(data []byte) bool {
	head, _, _ := bytes.Cut(data[:min(len(data), 4096)], []byte("\n---"))
	return bytes.Contains(head, []byte("\n-> scrypt "))
}

// OpenBackup reads the file of a backup whole, before anything of it is used.
// Errors: backup.key for a key that does not open it, store.damaged for a file
// that is cut short, changed or no backup, store.newer for one of a newer version.
func OpenBackup(data []byte, key BackupKey) (model.Backup, error) {
	if !bytes.HasPrefix(data, []byte("age-encryption.org/")) {
		return model.Backup{}, brokenBackup("It is no age file.", nil)
	}
	identities, err := key.identities(data)
	if err != nil {
		return model.Backup{}, err
	}
	stream, err := age.Decrypt(bytes.NewReader(data), identities...)
	switch {
	case errors.Is(err, age.ErrIncorrectIdentity):
		return model.Backup{}, key.wrong(data, err)
	case err != nil:
		return model.Backup{}, brokenBackup("Its head was changed or cut off.", err)
	}
	text, err := io.ReadAll(io.LimitReader(stream, MaxBackup+1))
	switch {
	case err != nil:
		return model.Backup{}, brokenBackup("It was changed, or cut short on its way here.", err)
	case len(text) > MaxBackup:
		return model.Backup{}, brokenBackup("It is bigger than a backup can be.", nil)
	}
	return decodeBackup(text)
}

func (k BackupKey) identities(data []byte) ([]age.Identity, error) {
	if !k.Identities.IsZero() {
		all, err := age.ParseIdentities(strings.NewReader(k.Identities.Reveal()))
		if err != nil || len(all) == 0 {
			// Not wrapped: the error may quote the key.
			return nil, &model.Problem{
				Code: codeBackupKey, What: "The identity file holds no key of age.", Why: "A key is a line that begins with AGE-SECRET-KEY-1; one that is locked with a passphrase has to be unlocked first.",
				Fix: "Name the file that age-keygen wrote.",
			}
		}
		return all, nil
	}
	if k.Passphrase.IsZero() {
		return nil, k.wrong(data, nil)
	}
	one, err := age.NewScryptIdentity(k.Passphrase.Reveal())
	if err != nil {
		return nil, err
	}
	one.SetMaxWorkFactor(backupMaxWork)
	return []age.Identity{one}, nil
}

// wrong says what would open the file instead.
func (k BackupKey) wrong(data []byte, cause error) *model.Problem {
	switch {
	case BackupWantsPassphrase(data) && !k.Identities.IsZero():
		return &model.Problem{
			Code: codeBackupKey, What: "The backup is locked with a passphrase.", Why: "It was not made for the key of a file.", Fix: "Leave --identity out, and give the passphrase.", Cause: cause,
		}
	case BackupWantsPassphrase(data):
		return &model.Problem{
			Code: codeBackupKey, What: "The passphrase does not open the backup.", Why: "It is not the one the backup was made with.",
			Fix: "Enter it again. A lost passphrase cannot be recovered: make a new backup on the machine the old one came from.", Cause: cause,
		}
	}
	return &model.Problem{
		Code: codeBackupKey, What: "The backup is locked for the keys of recipients.", Why: "It was made with --recipient, and what was given is not the key of one of them.",
		Fix: "Name the key file with --identity FILE.", Cause: cause,
	}
}

func brokenBackup(why string, cause error) *model.Problem {
	return damaged("The backup cannot be read.", why, "Copy it again from where it was made, or make a new one. Nothing was restored.", cause)
}
