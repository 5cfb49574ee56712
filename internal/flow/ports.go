package flow

import (
	"context"
	"time"

	"bbconnect/model"
)

// Library keeps saved connectors and everything known about them except secret
// values.
type Library interface {
	// List returns the saved connectors by name, and the files that cannot be read.
	List(ctx context.Context) ([]model.Saved, []model.Damaged, error)
	// Connectors is List without tests, revisions and files that cannot be used.
	Connectors(ctx context.Context) ([]model.Connector, error)
	// RowsIn returns what draw makes of each connector, in the order of List, and
	// the files that cannot be read. Rows are kept under name and stamp and made
	// anew only when the connector, its last test or the named secrets changed.
	// Before it looks at the files it gives known, unless that is nil, the rows of
	// last time, none when there are none. draw is asked for its function only when a row is
	// missing; that one is called by several goroutines.
	RowsIn(ctx context.Context, name, stamp string, draw func(context.Context) (func(model.Saved) ([]byte, error), error), known func([][]byte)) ([][]byte, []model.Damaged, error)
	// Count is how many connectors there are, unread ones included; it is quick.
	Count(ctx context.Context) (int, error)
	// Export is a connector as a Harness document for others, without what is this
	// program's own.
	Export(ctx context.Context, key string) ([]byte, error)
	// Get finds one by its key, or by its bare id where that is unique.
	Get(ctx context.Context, key string) (model.Saved, error)
	// Save writes a connector. base is the revision the change started from, "" for
	// a new one; a store.conflict problem says that it is no longer the newest.
	Save(ctx context.Context, c model.Connector, base string) (model.Saved, error)
	// Delete removes a connector at a revision, and what was remembered of it.
	Delete(ctx context.Context, key, base string) error

	// LastChange is the change to a connector that Undo takes back; ok is false
	// without one. check looks at the connector that comes back and at the one
	// there is, nil where there is none, and may refuse.
	LastChange(ctx context.Context) (c model.Change, ok bool, err error)
	Undo(ctx context.Context, check func(back, now *model.Connector) error) (model.Change, error)

	// HoldSecrets keeps other processes from changing values together with what
	// belongs to them until release is called, or this process ends; store.busy says
	// that one does. Who holds it does not take it again.
	HoldSecrets(ctx context.Context) (release func(), err error)
	Secrets(ctx context.Context) ([]model.SecretInfo, error)
	PutSecret(ctx context.Context, info model.SecretInfo) error
	RemoveSecret(ctx context.Context, name model.SecretName) error

	Settings(ctx context.Context) (model.Settings, error)
	SaveSettings(ctx context.Context, s model.Settings) error

	SaveDraft(ctx context.Context, d model.Draft) (string, error)
	Drafts(ctx context.Context) ([]model.SavedDraft, error)
	RemoveDraft(ctx context.Context, id string) error

	RecordTest(ctx context.Context, key string, r model.TestRecord) error
	// RecordTests keeps many outcomes at once, by the connectors' keys; those of
	// connectors that are gone by now are dropped.
	RecordTests(ctx context.Context, records map[string]model.TestRecord) error
	AcceptHostKey(ctx context.Context, k model.HostKey) error
	// TrustAuthority keeps a certificate and believes it for its host from now on.
	TrustAuthority(ctx context.Context, a model.Authority) error
}

// Keystore keeps secret values in one place. An error is a problem, the
// context's own, or says that there is no such value; deleting what is absent is
// none.
type Keystore interface {
	Get(ctx context.Context, name model.SecretName) (model.Secret, error)
	Set(ctx context.Context, name model.SecretName, value model.Secret) error
	Delete(ctx context.Context, name model.SecretName) error
	// Prove writes a value, reads it back and deletes it.
	Prove(ctx context.Context) error
	Where() model.Where
	// Describe names the place for people.
	Describe() string
}

// Keystores opens the keystore of a place; a problem says why it cannot.
type Keystores interface {
	Keystore(where model.Where) (Keystore, error)
}

// Tester runs a live test and reports its checks as they run.
type Tester interface {
	Test(ctx context.Context, req model.TestRequest, report func(model.Check)) model.TestResult
}

// KeyTool reads, converts and makes SSH keys.
type KeyTool interface {
	// Normalise mends what pasting does to a key: line ends, indentation, quotes.
	Normalise(key model.Secret) model.Secret
	// Inspect says what is wrong with a private key, about model.QSSHKey and
	// model.QSSHPassphrase.
	Inspect(key, passphrase model.Secret) model.Findings
	// Convert turns an OpenSSH or PKCS#8 key into PEM.
	Convert(key, passphrase model.Secret) (model.Secret, error)
	// Generate makes an RSA key; it takes about a second.
	Generate(ctx context.Context) (model.Secret, error)
	// Public is the key's public half as one authorized_keys line.
	Public(key, passphrase model.Secret, comment string) (string, error)
}

// Machine is this computer, as far as jobs touch it.
type Machine interface {
	// Remotes lists the addresses of the current checkout's git remotes.
	Remotes(ctx context.Context) []string
	// OpenBrowser opens a page; a problem names the page where it cannot.
	OpenBrowser(ctx context.Context, page string) error
	// Copy puts a text on the clipboard of the person's terminal.
	Copy(ctx context.Context, text string) error
	// WriteFile replaces a file in one step, in a folder that is there, "~"
	// understood; a problem says why it cannot.
	WriteFile(ctx context.Context, path string, data []byte) error
	// WriteInto is WriteFile for a file in or below a folder, both of which are made
	// where they are not there.
	WriteInto(ctx context.Context, folder, name string, data []byte) error
	// ReadFile reads a small file the person named, "~" understood.
	ReadFile(ctx context.Context, path string) (model.Secret, error)
}

// Journal keeps an unfinished migration, and replaces many documents at once. What
// it keeps never holds a secret value.
type Journal interface {
	// HoldMigration keeps other processes from running a migration until release is
	// called, or this process ends; store.busy says that one does.
	HoldMigration(ctx context.Context) (release func(), err error)
	// Migration is the one that is not confirmed yet; ok is false without one.
	Migration(ctx context.Context) (r model.MigrationRecord, ok bool, err error)
	WriteMigration(ctx context.Context, r model.MigrationRecord) error
	RemoveMigration(ctx context.Context) error

	// ComposeDocuments makes the new documents and writes nothing. A connector that
	// has another revision by now is a store.conflict.
	ComposeDocuments(ctx context.Context, edits []model.DocumentEdit) ([]model.DocumentChange, error)
	// ReadDocument is the connector a document describes.
	ReadDocument(data []byte) (model.Connector, error)
	// ReplaceDocuments writes the changes' After. A document that has it already
	// stays; one that has neither After nor Before was changed by somebody else: then
	// nothing is written, and the problem, a store.conflict, names it. With dry it
	// only looks.
	ReplaceDocuments(ctx context.Context, changes []model.DocumentChange, dry bool) error

	// SecretsFile is what is known of secrets, as bytes; nil for nothing.
	SecretsFile(ctx context.Context) ([]byte, error)
	// RestoreSecretsFile puts those bytes back where the file says the same by now;
	// otherwise somebody else's change is in it, and it stays.
	RestoreSecretsFile(ctx context.Context, was []byte) error
	// RestoreTests puts remembered outcomes back, by the connectors' keys; nil forgets
	// one.
	RestoreTests(ctx context.Context, was map[string]*model.TestRecord) error
}

// Archive gives everything that is kept in files, and takes it back from another
// machine. It holds no values.
type Archive interface {
	// Snapshot is all of it, and the files that cannot be understood.
	Snapshot(ctx context.Context) (b model.Backup, leftOut []model.Damaged, err error)
	// CompareBackup says how each part of a backup stands to what is here.
	CompareBackup(ctx context.Context, b model.Backup) ([]model.RestoreItem, error)
	// RestoreBackup writes the parts that are new, and with replace those that differ,
	// all or none. With refuse a connector or secret that differs is store.conflict.
	RestoreBackup(ctx context.Context, b model.Backup, way model.RestoreWay) ([]model.RestoreItem, error)
}

// Jobs are the jobs, over their ports. All fields must be set.
type Jobs struct {
	Library   Library
	Journal   Journal
	Archive   Archive
	Keystores Keystores
	Tester    Tester
	Keys      KeyTool
	Machine   Machine
	Now       func() time.Time
}
