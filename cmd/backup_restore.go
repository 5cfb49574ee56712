package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"

	"bbconnect/internal/disk"
	"bbconnect/internal/flow"
	"bbconnect/keystore"
	"bbconnect/model"
)

type restoreFlags struct {
	passphrase, identity, keystore string
	replace, skip, dryRun          bool
}

func newBackupRestore(a *app) *cobra.Command {
	var f restoreFlags
	c := &cobra.Command{
		Use: "restore FILE", Short: "Put everything of a backup in its place", Args: cobra.ExactArgs(1),
		Long: `Put everything of a backup in its place. The file is opened and examined whole
before anything is written. What is here already and the same stays. Where a
connector or a secret differs nothing is restored, unless --replace takes what the
backup says or --skip keeps what is here; settings, host keys and certificates that
differ stay as they are here unless --replace is given.

Values go to the place chosen on this machine, else to the one they had, or to
--keystore. It happens whole or not at all; after a kill the same command does the
rest. Connectors that were changed are taken back with bbconnect undo.`,
		Example: `  bbconnect backup restore bbconnect.age --dry-run
  bbconnect backup restore bbconnect.age --keystore vault
  bbconnect backup restore bbconnect.age --identity ~/key.txt --skip`,
		RunE: func(c *cobra.Command, args []string) error { return a.runBackupRestore(c.Context(), args[0], f) },
	}
	fl := c.Flags()
	fl.StringVar(&f.passphrase, "passphrase-from", "", "where the passphrase comes from (default: a prompt)")
	fl.StringVar(&f.identity, "identity", "", "the key file of a recipient the backup was made for")
	fl.StringVar(&f.keystore, "keystore", "", "where values go: keyring or vault")
	fl.BoolVar(&f.replace, "replace", false, "take what the backup says where something differs")
	fl.BoolVar(&f.skip, "skip", false, "keep what is here where something differs")
	fl.BoolVar(&f.dryRun, "dry-run", false, "list what would be added, what is here and what differs, and change nothing")
	complete(c, map[string]completer{
		"passphrase-from": choices(sources()...), "keystore": choices(string(model.WhereKeyring), string(model.WhereVault)),
	})
	return c
}

func (f restoreFlags) choice() (flow.RestoreChoice, error) {
	c := flow.RestoreChoice{Way: model.RestoreRefuse, Where: model.Where(f.keystore)}
	switch {
	case f.replace && f.skip:
		return c, usage("Leave out one of them.", "--replace and --skip exclude each other.")
	case f.passphrase != "" && f.identity != "":
		return c, usage("Leave out one of them.", "--passphrase-from and --identity exclude each other.")
	case f.keystore != "" && c.Where != model.WhereKeyring && c.Where != model.WhereVault:
		return c, usage("Choose keyring or vault.", "--keystore names no place that values can be moved to.")
	case f.replace:
		c.Way = model.RestoreReplace
	case f.skip:
		c.Way = model.RestoreSkip
	}
	return c, nil
}

func (a *app) runBackupRestore(ctx context.Context, path string, f restoreFlags) error {
	choice, err := f.choice()
	if err != nil {
		return err
	}
	if err := a.connect(); err != nil {
		return err
	}
	b, err := a.openBackup(ctx, expandHome(path), f)
	if err != nil {
		return err
	}
	made := backupView(expandHome(path), b)
	a.tell(a.errOut, "", fmt.Sprintf("The backup was made on %s by %s: %s.", b.Created.UTC().Format("2006-01-02"), clean(b.Program), backupCounts(made)))
	var r flow.Restored
	if f.dryRun {
		r, err = a.jobs.PlanRestore(a.asking(ctx), b, choice)
	} else {
		r, err = a.jobs.Restore(a.asking(ctx), b, choice)
	}
	if err != nil {
		return restoreWays(err)
	}
	a.tellCommand(b.Settings.SecretCommand, r, choice.Way)
	return a.sayRestored(made, r, choice, f.dryRun)
}

// tellCommand says that a backup brings a program that is run for values: whoever
// made the backup decides what runs here.
func (a *app) tellCommand(command string, r flow.Restored, way model.RestoreWay) {
	for _, i := range r.Items {
		if i.Kind == model.RestoreSetting && i.Name == "secretCommand" && way.Writes(i.State) {
			a.tell(a.errOut, signWarn, "The backup brings a command that is run wherever a secret is kept by a command: "+withhold(clean(command))+". Take it out of config.yaml (secretCommand) unless it is yours.")
		}
	}
}

// restoreWays adds to a keystore's problem how another place is chosen.
func restoreWays(err error) error {
	p, ok := model.AsProblem(err)
	if !ok || problemExit(p.Code) != exitKeystore {
		return err
	}
	copied := *p
	copied.Cause = err
	copied.Fix += " Another place is chosen with --keystore vault (BBCONNECT_VAULT_PASSPHRASE_FILE opens it where nobody can be asked)."
	return &copied
}

// openBackup reads a backup whole. On a terminal a wrong passphrase is asked for
// again, as often as that of a vault.
func (a *app) openBackup(ctx context.Context, path string, f restoreFlags) (model.Backup, error) {
	data, err := disk.ReadFile(path, keystore.MaxBackup+keystore.MaxBackup/8)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return model.Backup{}, usage("Name the file that bbconnect backup create wrote.", "There is no file %s.", clean(path))
	case err != nil:
		return model.Backup{}, usage("Name a file that can be read.", "%s cannot be read: %s", clean(path), clean(err.Error()))
	case f.identity != "":
		keys, err := a.readSource(ctx, "file:"+f.identity, "the identity")
		if err != nil {
			return model.Backup{}, err
		}
		return keystore.OpenBackup(data, keystore.BackupKey{Identities: keys})
	case !keystore.BackupWantsPassphrase(data):
		return keystore.OpenBackup(data, keystore.BackupKey{}) // says what would open it, or what is wrong with it
	}
	const tries = 3
	for try := 1; ; try++ {
		passphrase, err := a.backupPassphrase(ctx, f.passphrase, false)
		if err != nil {
			return model.Backup{}, err
		}
		b, err := keystore.OpenBackup(data, keystore.BackupKey{Passphrase: passphrase})
		p, told := model.AsProblem(err)
		if !told || p.Code != "backup.key" || f.passphrase != "" || try == tries {
			return b, err
		}
		a.tell(a.errOut, signWarn, p.What)
	}
}

// restoredJSON is what a restore did, or would do.
type restoredJSON struct {
	Backup   backupJSON        `json:"backup"`
	Items    []restoredItem    `json:"items"`
	New      int               `json:"new"`
	Same     int               `json:"same"`
	Differs  int               `json:"differs"`
	Values   int               `json:"values"`
	ToSet    []model.SecretRef `json:"toSet"`
	Restored bool              `json:"restored"`
}

type restoredItem struct {
	Kind  model.RestoreKind  `json:"kind"`
	Name  string             `json:"name"`
	State model.RestoreState `json:"state"`
}

func (a *app) sayRestored(made backupJSON, r flow.Restored, choice flow.RestoreChoice, dryRun bool) error {
	view := restoredJSON{
		Backup: made, Items: []restoredItem{}, New: r.Count("", model.RestoreNew), Same: r.Count("", model.RestoreSame), Differs: r.Count("", model.RestoreDiffers),
		Values: r.Values, ToSet: []model.SecretRef{}, Restored: !dryRun,
	}
	for _, i := range r.Items {
		view.Items = append(view.Items, restoredItem(i))
	}
	for _, name := range r.ToSet {
		view.ToSet = append(view.ToSet, name.Ref())
	}
	if a.json {
		if err := a.writeJSON(view); err != nil {
			return err
		}
	} else {
		a.tellRestored(view, choice, dryRun)
	}
	if conflict := model.RestoreConflict(r.Items); conflict != nil && dryRun && choice.Way == model.RestoreRefuse {
		if !a.json {
			a.printError(conflict)
		}
		return failedError{code: exitConflict}
	}
	return nil
}

// tellRestored says it in words; a dry run lists every part.
func (a *app) tellRestored(v restoredJSON, choice flow.RestoreChoice, dryRun bool) {
	differing := map[model.RestoreWay]string{
		model.RestoreRefuse: "differs, stays as it is here", model.RestoreSkip: "differs, stays as it is here", model.RestoreReplace: "differs, replaced",
	}[choice.Way]
	for _, i := range v.Items {
		state := map[model.RestoreState]string{model.RestoreNew: "new", model.RestoreSame: "here already", model.RestoreDiffers: differing}[i.State]
		if dryRun || i.State == model.RestoreDiffers {
			a.tell(a.out, "", fmt.Sprintf("%s %s: %s", strings.ReplaceAll(string(i.Kind), "-", " "), clean(i.Name), state))
		}
	}
	mark, text := signPass, "Restored"
	if dryRun {
		mark, text = "", "Would restore"
	}
	added := v.New
	if choice.Way == model.RestoreReplace {
		added += v.Differs
	}
	a.tell(a.errOut, mark, fmt.Sprintf("%s %d of %d, %s among them; %d here already, %d differing.", text, added, len(v.Items), counted(v.Values, "value"), v.Same, v.Differs))
	if len(v.ToSet) > 0 {
		a.tell(a.errOut, signWarn, fmt.Sprintf("Without a value: %s. Store each: bbconnect secret set REF.", someRefs(v.ToSet)))
	}
	if !dryRun {
		a.tell(a.errOut, "", "Prove them here: bbconnect test --all. Then delete the backup; every secret is in it.")
	}
}
