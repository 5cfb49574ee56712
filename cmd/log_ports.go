package cmd

import (
	"context"
	"errors"
	"log/slog"

	"bbconnect/internal/flow"
	"bbconnect/keystore"
	"bbconnect/model"
)

// loggedLibrary tells the log of every change to what is saved; reading is not
// told of.
type loggedLibrary struct {
	flow.Library
	log *runLog
}

// Save implements flow.Library.
func (l loggedLibrary) Save(ctx context.Context, c model.Connector, base string) (saved model.Saved, err error) {
	begun := l.log.now()
	saved, err = l.Library.Save(ctx, c, base)
	l.log.did(ctx, "save", begun, err, slog.String("connector", c.Key()), slog.Bool("new", base == ""))
	return saved, err
}

// Delete implements flow.Library.
func (l loggedLibrary) Delete(ctx context.Context, key, base string) error {
	begun := l.log.now()
	err := l.Library.Delete(ctx, key, base)
	l.log.did(ctx, "delete", begun, err, slog.String("connector", key))
	return err
}

// Undo implements flow.Library.
func (l loggedLibrary) Undo(ctx context.Context, check func(back, now *model.Connector) error) (model.Change, error) {
	begun := l.log.now()
	change, err := l.Library.Undo(ctx, check)
	l.log.did(ctx, "undo", begun, err, slog.String("connector", change.Key), slog.String("change", string(change.What)))
	return change, err
}

// PutSecret implements flow.Library.
func (l loggedLibrary) PutSecret(ctx context.Context, info model.SecretInfo) error {
	begun := l.log.now()
	err := l.Library.PutSecret(ctx, info)
	l.log.did(ctx, "record secret", begun, err, slog.String("secret", string(info.Name)), slog.String("where", string(info.Where)), slog.String("kind", string(info.Kind)))
	return err
}

// RemoveSecret implements flow.Library.
func (l loggedLibrary) RemoveSecret(ctx context.Context, name model.SecretName) error {
	begun := l.log.now()
	err := l.Library.RemoveSecret(ctx, name)
	l.log.did(ctx, "forget secret", begun, err, slog.String("secret", string(name)))
	return err
}

// SaveSettings implements flow.Library.
func (l loggedLibrary) SaveSettings(ctx context.Context, s model.Settings) error {
	begun := l.log.now()
	err := l.Library.SaveSettings(ctx, s)
	l.log.did(ctx, "save settings", begun, err, slog.String("keystore", string(s.Keystore)), slog.String("theme", s.Theme))
	return err
}

// SaveDraft implements flow.Library.
func (l loggedLibrary) SaveDraft(ctx context.Context, d model.Draft) (string, error) {
	begun := l.log.now()
	id, err := l.Library.SaveDraft(ctx, d)
	l.log.did(ctx, "save draft", begun, err, slog.String("draft", id))
	return id, err
}

// RemoveDraft implements flow.Library.
func (l loggedLibrary) RemoveDraft(ctx context.Context, id string) error {
	begun := l.log.now()
	err := l.Library.RemoveDraft(ctx, id)
	l.log.did(ctx, "remove draft", begun, err, slog.String("draft", id))
	return err
}

// RecordTest implements flow.Library.
func (l loggedLibrary) RecordTest(ctx context.Context, key string, r model.TestRecord) error {
	begun := l.log.now()
	err := l.Library.RecordTest(ctx, key, r)
	l.log.did(ctx, "record test", begun, err, slog.String("connector", key))
	return err
}

// RecordTests implements flow.Library.
func (l loggedLibrary) RecordTests(ctx context.Context, records map[string]model.TestRecord) error {
	begun := l.log.now()
	err := l.Library.RecordTests(ctx, records)
	l.log.did(ctx, "record tests", begun, err, slog.Int("connectors", len(records)))
	return err
}

// AcceptHostKey implements flow.Library.
func (l loggedLibrary) AcceptHostKey(ctx context.Context, k model.HostKey) error {
	begun := l.log.now()
	err := l.Library.AcceptHostKey(ctx, k)
	l.log.did(ctx, "accept host key", begun, err, slog.String("address", k.Address), slog.String("fingerprint", k.Fingerprint))
	return err
}

// TrustAuthority implements flow.Library.
func (l loggedLibrary) TrustAuthority(ctx context.Context, c model.Authority) error {
	begun := l.log.now()
	err := l.Library.TrustAuthority(ctx, c)
	l.log.did(ctx, "trust authority", begun, err, slog.String("host", c.Host), slog.String("fingerprint", c.Fingerprint))
	return err
}

// loggedJournal tells of the steps of a migration that reach the disk.
type loggedJournal struct {
	flow.Journal
	log *runLog
}

// WriteMigration implements flow.Journal.
func (j loggedJournal) WriteMigration(ctx context.Context, r model.MigrationRecord) error {
	begun := j.log.now()
	err := j.Journal.WriteMigration(ctx, r)
	j.log.did(ctx, "write journal", begun, err, slog.String("purpose", string(r.Purpose)), slog.String("state", string(r.State)),
		slog.Int("secrets", len(r.Secrets)), slog.Int("members", len(r.Members)))
	return err
}

// RemoveMigration implements flow.Journal.
func (j loggedJournal) RemoveMigration(ctx context.Context) error {
	begun := j.log.now()
	err := j.Journal.RemoveMigration(ctx)
	j.log.did(ctx, "remove journal", begun, err)
	return err
}

// ReplaceDocuments implements flow.Journal.
func (j loggedJournal) ReplaceDocuments(ctx context.Context, changes []model.DocumentChange, dry bool) error {
	begun := j.log.now()
	err := j.Journal.ReplaceDocuments(ctx, changes, dry)
	j.log.did(ctx, "replace documents", begun, err, slog.Int("documents", len(changes)), slog.Bool("dry", dry))
	return err
}

// loggedArchive tells of what a restore writes.
type loggedArchive struct {
	flow.Archive
	log *runLog
}

// RestoreBackup implements flow.Archive.
func (r loggedArchive) RestoreBackup(ctx context.Context, b model.Backup, way model.RestoreWay) ([]model.RestoreItem, error) {
	begun := r.log.now()
	items, err := r.Archive.RestoreBackup(ctx, b, way)
	r.log.did(ctx, "restore", begun, err, slog.String("way", string(way)), slog.Int("connectors", len(b.Connectors)), slog.Int("secrets", len(b.Secrets)))
	return items, err
}

// loggedKeystores tells of every use of a keystore, and learns the values that the
// log must not hold.
type loggedKeystores struct {
	flow.Keystores
	log *runLog
}

// Keystore implements flow.Keystores.
func (k loggedKeystores) Keystore(where model.Where) (flow.Keystore, error) {
	begun := k.log.now()
	keys, err := k.Keystores.Keystore(where)
	if err != nil {
		k.log.did(context.Background(), "open keystore", begun, err, slog.String("where", string(where)))
		return nil, err
	}
	return loggedKeystore{keys, k.log}, nil
}

type loggedKeystore struct {
	flow.Keystore
	log *runLog
}

func (k loggedKeystore) place(name model.SecretName) []slog.Attr {
	return []slog.Attr{slog.String("where", string(k.Where())), slog.String("secret", string(name))}
}

// Get implements flow.Keystore.
func (k loggedKeystore) Get(ctx context.Context, name model.SecretName) (model.Secret, error) {
	begun := k.log.now()
	value, err := k.Keystore.Get(ctx, name)
	k.log.scrub.learn(value)
	if errors.Is(err, keystore.ErrNotFound) { // as before every first write
		k.log.did(ctx, "read value", begun, nil, append(k.place(name), slog.Bool("held", false))...)
		return value, err
	}
	k.log.did(ctx, "read value", begun, err, k.place(name)...)
	return value, err
}

// Set implements flow.Keystore.
func (k loggedKeystore) Set(ctx context.Context, name model.SecretName, value model.Secret) error {
	k.log.scrub.learn(value)
	begun := k.log.now()
	err := k.Keystore.Set(ctx, name, value)
	k.log.did(ctx, "store value", begun, err, k.place(name)...)
	return err
}

// Delete implements flow.Keystore.
func (k loggedKeystore) Delete(ctx context.Context, name model.SecretName) error {
	begun := k.log.now()
	err := k.Keystore.Delete(ctx, name)
	k.log.did(ctx, "delete value", begun, err, k.place(name)...)
	return err
}

// Prove implements flow.Keystore.
func (k loggedKeystore) Prove(ctx context.Context) error {
	begun := k.log.now()
	err := k.Keystore.Prove(ctx)
	k.log.did(ctx, "prove keystore", begun, err, slog.String("where", string(k.Where())))
	return err
}

// loggedTester tells of every live test and its checks.
type loggedTester struct {
	flow.Tester
	log *runLog
}

// Test implements flow.Tester.
func (t loggedTester) Test(ctx context.Context, req model.TestRequest, report func(model.Check)) model.TestResult {
	t.log.scrub.learn(req.Password, req.APIToken, req.SSHKey, req.SSHPassphrase)
	result := t.Tester.Test(ctx, req, report)
	t.log.checks(ctx, req.Connector.Key(), result.Checks)
	attrs := []slog.Attr{slog.String("connector", req.Connector.Key()), slog.String("verdict", string(result.Verdict)), slog.Duration("took", result.Duration)}
	if result.Problem != nil {
		attrs = append(attrs, slog.String("code", result.Problem.Code))
	}
	t.log.LogAttrs(ctx, slog.LevelInfo, "test", attrs...)
	return result
}

// checks tells how each check ended and how long it took.
func (l *runLog) checks(ctx context.Context, connector string, checks []model.Check) {
	for _, c := range checks {
		attrs := []slog.Attr{slog.String("connector", connector), slog.String("check", c.ID), slog.String("status", string(c.Status)), slog.Duration("took", c.Duration)}
		if c.Problem != nil {
			attrs = append(attrs, slog.String("code", c.Problem.Code))
		}
		l.LogAttrs(ctx, slog.LevelInfo, "check", attrs...)
	}
}

// loggedReacher tells of the doctor's looks at hosts.
type loggedReacher struct {
	flow.Reacher
	log *runLog
}

// Reach implements flow.Reacher.
func (r loggedReacher) Reach(ctx context.Context, c model.Connector, caFile string) []model.Check {
	checks := r.Reacher.Reach(ctx, c, caFile)
	r.log.checks(ctx, c.Key(), checks)
	return checks
}
