package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"bbconnect/internal/disk"
	"bbconnect/internal/flow"
	"bbconnect/keystore"
	"bbconnect/model"
)

func newBackup(a *app) *cobra.Command {
	c := &cobra.Command{
		Use: "backup", Short: "Move everything to another machine in one encrypted file",
		Long: `Move everything to another machine in one encrypted file: connectors, secrets with
their values, settings, accepted host keys and certificates. Drafts, last tests and
what can be undone stay, since they are this machine's own. The file is in the
format of age, and opens with age's own program too.`,
		Example: `  bbconnect backup create bbconnect.age
  bbconnect backup restore bbconnect.age --dry-run`,
		Args: cobra.ArbitraryArgs, RunE: group,
	}
	c.AddCommand(newBackupCreate(a), newBackupRestore(a))
	return c
}

type backupFlags struct {
	passphrase    string
	recipients    []string
	withoutValues string
	force, dryRun bool
}

func newBackupCreate(a *app) *cobra.Command {
	var f backupFlags
	c := &cobra.Command{
		Use: "create FILE", Short: "Write everything into one encrypted file", Args: cobra.ExactArgs(1),
		Long: `Write everything into one encrypted file: connectors, secrets with their values,
settings, accepted host keys and certificates. The passphrase is asked twice on a
terminal; --passphrase-from takes it from elsewhere, and --recipient locks the file
for the holder of a key instead. Nothing of it is ever on the disk unencrypted.

A secret whose value cannot be read ends with an error that names it. With
--without-values such secrets go along without their value, with
--without-values=all no value is read at all.`,
		Example: `  bbconnect backup create bbconnect.age
  bbconnect backup create bbconnect.age --passphrase-from env:BACKUP_PASSPHRASE
  bbconnect backup create bbconnect.age --recipient age1h7lfu9sflhs3nfksx0w7htw9smmppzz9645xzrxc0nvddskl85dqh2errc
  bbconnect backup create bbconnect.age --without-values=all --dry-run`,
		RunE: func(c *cobra.Command, args []string) error { return a.runBackupCreate(c.Context(), args[0], f) },
	}
	fl := c.Flags()
	fl.StringVar(&f.passphrase, "passphrase-from", "", "where the passphrase comes from (default: a prompt)")
	fl.StringArrayVar(&f.recipients, "recipient", nil, "lock the file for the key of this recipient, age1… (several times for several)")
	fl.StringVar(&f.withoutValues, "without-values", "", "leave out values that cannot be read (missing) or every one (all)")
	fl.Lookup("without-values").NoOptDefVal = string(flow.BackupHeld)
	fl.BoolVar(&f.force, "force", false, "replace a file that is there")
	fl.BoolVar(&f.dryRun, "dry-run", false, "say what would be in it and write nothing")
	complete(c, map[string]completer{
		"passphrase-from": choices(sources()...), "recipient": cobra.NoFileCompletions,
		"without-values": choices(string(flow.BackupHeld), string(flow.BackupNone)),
	})
	return c
}

// backupJSON is what is in a backup, as both commands print it with --json.
type backupJSON struct {
	File         string `json:"file"`
	Created      string `json:"created"`
	Program      string `json:"program"`
	Connectors   int    `json:"connectors"`
	Secrets      int    `json:"secrets"`
	Values       int    `json:"values"`
	HostKeys     int    `json:"hostKeys"`
	Certificates int    `json:"certificates"`
}

// createdJSON is what making a backup prints with --json.
type createdJSON struct {
	backupJSON
	Missing []model.SecretRef `json:"missing"`
	LeftOut []leftOutJSON     `json:"leftOut"`
	Written bool              `json:"written"`
}

// leftOutJSON is a file that is not in a backup, and why.
type leftOutJSON struct {
	File    string         `json:"file"`
	Problem *model.Problem `json:"problem"`
}

func (a *app) runBackupCreate(ctx context.Context, path string, f backupFlags) error {
	values := flow.BackupValues(f.withoutValues)
	switch {
	case values != flow.BackupAll && values != flow.BackupHeld && values != flow.BackupNone:
		return usage("Write --without-values or --without-values=all.", "--without-values names neither missing nor all.")
	case f.passphrase != "" && len(f.recipients) > 0:
		return usage("Leave out one of them.", "--passphrase-from and --recipient exclude each other.")
	}
	path = expandHome(path)
	if err := free(path, f.force); err != nil {
		return err
	}
	if err := a.connect(); err != nil {
		return err
	}
	lock := keystore.BackupLock{Recipients: f.recipients, Work: a.backupWork}
	if len(f.recipients) > 0 {
		if err := lock.Check(); err != nil {
			return err
		}
	}
	gathered, err := a.jobs.GatherBackup(a.asking(ctx), values, "bbconnect "+buildVersion())
	if err != nil {
		return err
	}
	if !f.dryRun {
		if err := a.sealBackup(ctx, path, gathered.Backup, lock, f); err != nil {
			return err
		}
	}
	return a.sayBackup(path, gathered, !f.dryRun)
}

// free refuses to take the place of a file that is there.
func free(path string, force bool) error {
	_, err := os.Lstat(path)
	if force || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return usage("Name another file, or give --force to replace it.", "%s is there already.", clean(path))
}

// sealBackup asks for the passphrase, where one is needed, and writes the file in
// one step.
func (a *app) sealBackup(ctx context.Context, path string, b model.Backup, lock keystore.BackupLock, f backupFlags) (err error) {
	if len(lock.Recipients) == 0 {
		if lock.Passphrase, err = a.backupPassphrase(ctx, f.passphrase, true); err != nil {
			return err
		}
	}
	data, err := keystore.SealBackup(b, lock)
	if err != nil {
		return err
	}
	if err := errors.Join(ctx.Err(), free(path, f.force)); err != nil {
		return err
	}
	return unwritable(path, disk.WriteInFolder(path, data))
}

// backupPassphrase reads the passphrase from a source, or asks for it: twice where
// it is a new one.
func (a *app) backupPassphrase(ctx context.Context, source string, fresh bool) (model.Secret, error) {
	if source != "" {
		return a.readSource(ctx, source, "the passphrase")
	}
	a.askLines = a.askLines || a.plain
	if !a.canAsk() {
		return model.Secret{}, usage("Add --passphrase-from env:NAME or file:PATH, or use a key with --recipient and --identity.", "There is nobody to ask for the passphrase.")
	}
	if !fresh {
		return a.promptSecret(ctx, "Passphrase of the backup")
	}
	for {
		first, err := a.promptSecret(ctx, "Choose a passphrase for the backup")
		if err != nil {
			return first, err
		}
		if first.IsZero() {
			a.tell(a.errOut, signWarn, "Every secret is in the backup, and an empty passphrase would protect nothing.")
			continue
		}
		second, err := a.promptSecret(ctx, "The same passphrase again")
		if err != nil || first.Equal(second) {
			return first, err
		}
		a.tell(a.errOut, signWarn, "The two differ.")
	}
}

func (a *app) sayBackup(path string, g flow.Gathered, written bool) error {
	view := createdJSON{backupJSON: backupView(path, g.Backup), Missing: []model.SecretRef{}, LeftOut: []leftOutJSON{}, Written: written}
	for _, name := range g.Missing {
		view.Missing = append(view.Missing, name.Ref())
	}
	for _, d := range g.LeftOut {
		a.tell(a.errOut, signWarn, "Left out: "+clean(d.Path)+". "+d.Problem.What+" "+d.Problem.Why)
		view.LeftOut = append(view.LeftOut, leftOutJSON{d.Path, d.Problem})
	}
	if n := len(g.Missing); n > 0 {
		a.tell(a.errOut, signWarn, fmt.Sprintf("Without their values: %s. They have to be set where this is restored.", someRefs(view.Missing)))
	}
	did, mark := "Wrote "+clean(path)+" with ", signPass
	if !written {
		did, mark = "Would write "+clean(path)+" with ", ""
	}
	a.tell(a.errOut, mark, did+backupCounts(view.backupJSON)+".")
	if written {
		a.tell(a.errOut, "", "On the other machine: bbconnect backup restore "+clean(path)+" --dry-run, then without --dry-run. Whoever has the file and what opens it has every secret in it: delete it when it has been restored.")
	}
	if a.json {
		return a.writeJSON(view)
	}
	return nil
}

func backupView(path string, b model.Backup) backupJSON {
	hosts := 0
	for line := range strings.Lines(string(b.HostKeys)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			hosts++
		}
	}
	return backupJSON{
		File: path, Created: b.Created.UTC().Format(time.RFC3339), Program: b.Program, Connectors: len(b.Connectors), Secrets: len(b.Secrets), Values: b.Values(),
		HostKeys: hosts, Certificates: len(b.Certificates),
	}
}

// backupCounts says what is in a backup.
func backupCounts(v backupJSON) string {
	parts := []string{counted(v.Connectors, "connector"), counted(v.Secrets, "secret") + fmt.Sprintf(" (%d with their value)", v.Values)}
	if v.HostKeys > 0 {
		parts = append(parts, counted(v.HostKeys, "host key"))
	}
	if v.Certificates > 0 {
		parts = append(parts, counted(v.Certificates, "certificate file"))
	}
	return strings.Join(parts, ", ") + " and the settings"
}

// someRefs names secrets, and how many more there are.
func someRefs(refs []model.SecretRef) string {
	const few = 8
	var names []string
	for i, r := range refs {
		if i == few {
			return fmt.Sprintf("%s and %d more", strings.Join(names, ", "), len(refs)-few)
		}
		names = append(names, string(r))
	}
	return strings.Join(names, ", ")
}
