package cmd

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"bbconnect/internal/flow"
	"bbconnect/model"
)

func newDelete(a *app) *cobra.Command {
	var f deleteFlags
	c := &cobra.Command{
		Use: "delete ID", Short: "Delete a saved connector", Args: cobra.ExactArgs(1),
		Long: `Delete a saved connector from this machine; nothing changes in Harness or at
Bitbucket. Its secrets stay unless --with-secrets is given, and those that other
connectors use stay in any case.`,
		ValidArgsFunction: a.completeOneConnector,
		Example:           "  bbconnect delete payments\n  bbconnect delete payments --with-secrets --yes",
		RunE:              func(c *cobra.Command, args []string) error { return a.runDelete(c.Context(), args[0], f) },
	}
	c.Flags().BoolVar(&f.withSecrets, "with-secrets", false, "delete the secrets too that nothing else uses")
	c.Flags().BoolVar(&f.yes, "yes", false, "do not ask")
	c.Flags().BoolVar(&f.dryRun, "dry-run", false, "say what would be deleted and change nothing")
	return c
}

type deleteFlags struct{ withSecrets, yes, dryRun bool }

// deletedJSON is what delete says with --json.
type deletedJSON struct {
	Deleted string             `json:"deleted"`
	Secrets []model.SecretName `json:"secrets"`
}

func (a *app) runDelete(ctx context.Context, id string, f deleteFlags) error {
	if err := a.connect(); err != nil {
		return err
	}
	saved, err := a.jobs.Library.Get(ctx, a.key(id))
	if err != nil {
		return err
	}
	key := saved.Connector.Key()
	uses, err := a.jobs.Uses(ctx, key)
	if err != nil {
		return err
	}
	if f.dryRun {
		a.tell(a.errOut, "", "Would delete "+clean(saved.Connector.Name)+" ("+key+").")
	}
	a.sayUses(uses, f)
	if err := a.sayMigrated(ctx, key); err != nil {
		return err
	}
	if f.dryRun {
		a.tell(a.errOut, "", "Nothing was deleted.")
		return a.printDeleted(deletedJSON{Deleted: key, Secrets: unshared(uses, f.withSecrets)}, true)
	}
	if !f.yes {
		a.askLines = a.askLines || a.plain
		if err := a.confirmDelete(ctx, saved.Connector, uses, &f); err != nil {
			return err
		}
	}
	removed, err := a.jobs.Delete(a.asking(ctx), key, f.withSecrets)
	if err != nil {
		return err
	}
	return a.printDeleted(deletedJSON{Deleted: key, Secrets: append([]model.SecretName{}, removed...)}, false)
}

// sayMigrated says that a migration which is not confirmed concerns the connector:
// taking that back brings it back too.
func (a *app) sayMigrated(ctx context.Context, key string) error {
	record, waits, err := a.jobs.UnfinishedMigration(ctx)
	if err == nil && waits && slices.ContainsFunc(record.Members, func(m model.MigratedMember) bool { return m.Path == "" && m.ID == key }) {
		a.tell(a.errOut, signWarn, "It belongs to a migration that is not confirmed: bbconnect migrate --undo would bring it back.")
	}
	return err
}

// sayUses says of every secret of the connector what becomes of it.
func (a *app) sayUses(uses []flow.SecretUse, f deleteFlags) {
	for _, u := range uses {
		text := "only this connector uses it"
		switch {
		case len(u.Others) > 0:
			text = "also used by " + strings.Join(u.Others, ", ") + "; it stays"
		case f.withSecrets:
			text += "; it goes too"
		case f.yes || f.dryRun:
			text += "; it stays, --with-secrets deletes it"
		}
		a.tell(a.errOut, "", string(u.Info.Name.Ref())+": "+text)
	}
	if len(uses) == 0 {
		a.tell(a.errOut, "", "It uses no secret that is kept here.")
	}
}

// unshared are the secrets that deleting takes along.
func unshared(uses []flow.SecretUse, withSecrets bool) []model.SecretName {
	names := []model.SecretName{}
	for _, u := range uses {
		if withSecrets && len(u.Others) == 0 {
			names = append(names, u.Info.Name)
		}
	}
	return names
}

// confirmDelete asks before anything goes, and about the secrets apart.
func (a *app) confirmDelete(ctx context.Context, c model.Connector, uses []flow.SecretUse, f *deleteFlags) error {
	if !a.canAsk() {
		return usage("Add --yes.", "There is nobody to ask whether to delete %s.", c.Key())
	}
	for {
		yes, err := a.confirm(ctx, prompt{
			label: "Delete " + clean(c.Name) + " (" + c.Key() + ")?",
			help:  "The connector goes from this machine; nothing changes in Harness or at Bitbucket. bbconnect undo brings it back. Its secrets are asked about next.",
		})
		if err != nil {
			return err
		}
		if !yes {
			return errCancelled
		}
		alone := unshared(uses, true)
		if f.withSecrets || len(alone) == 0 {
			return nil
		}
		f.withSecrets, err = a.confirmSecrets(ctx, alone)
		if !errors.Is(err, errBack) {
			return err
		}
	}
}

// confirmSecrets asks about the secrets that nothing else uses; errBack is back to
// the question about the connector.
func (a *app) confirmSecrets(ctx context.Context, alone []model.SecretName) (bool, error) {
	names := make([]string, 0, len(alone))
	for _, n := range alone {
		names = append(names, string(n.Ref()))
	}
	return a.confirm(ctx, prompt{
		label: "Delete its secrets too, which nothing else uses (" + strings.Join(names, ", ") + ")?",
		help:  "yes deletes their values for good, and undo does not bring those back. no keeps them; bbconnect secret delete deletes one later.",
	})
}

func (a *app) printDeleted(d deletedJSON, dryRun bool) error {
	switch {
	case a.json:
		return a.writeJSON(d)
	case !dryRun:
		a.tell(a.errOut, signPass, "Deleted "+d.Deleted+".")
	}
	return nil
}
