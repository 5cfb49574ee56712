package cmd

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"bbconnect/internal/flow"
	"bbconnect/internal/store"
	"bbconnect/model"
)

func newUndo(a *app) *cobra.Command {
	dryRun := false
	c := &cobra.Command{
		Use: "undo", Short: "Take the last change to a saved connector back", Args: undoTakesNothing,
		Long: `Take the last change to a saved connector back: its document is what it was
before, byte for byte. Done again, it goes one change further back; the last
twenty are remembered, on this machine alone. Values of secrets are not touched.
What somebody else has changed since is not overwritten.`,
		Example: "  bbconnect undo --dry-run\n  bbconnect undo",
		RunE:    func(c *cobra.Command, _ []string) error { return a.runUndo(c.Context(), dryRun) },
	}
	c.Flags().BoolVar(&dryRun, "dry-run", false, "say what would be taken back and change nothing")
	return c
}

// undoTakesNothing says that undo asks for no connector: it is always the last
// change.
func undoTakesNothing(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return usage("bbconnect undo takes no connector: it takes the last change back, whichever it was. See it first: bbconnect undo --dry-run", "Too many arguments: %s", clean(strings.Join(args, " ")))
}

// changeJSON is a change as undo prints it with --json.
type changeJSON struct {
	Connector string           `json:"connector"`
	Name      string           `json:"name"`
	Change    model.ChangeKind `json:"change"`
	At        string           `json:"at"`
	Undone    bool             `json:"undone"`
}

// tellOfMigration says that a migration is not confirmed, where one is: undo
// does not take it back, instead does.
func (a *app) tellOfMigration(ctx context.Context, instead string) error {
	_, waits, err := a.jobs.UnfinishedMigration(ctx)
	if err == nil && waits {
		a.tell(a.errOut, signWarn, "A migration is not confirmed. What it changed is not taken back here: "+instead)
	}
	return err
}

func (a *app) runUndo(ctx context.Context, dryRun bool) error {
	if err := a.connect(); err != nil {
		return err
	}
	if err := a.tellOfMigration(ctx, "bbconnect migrate --undo takes it back."); err != nil {
		return err
	}
	change, err := model.Change{}, error(nil)
	if dryRun {
		var ok bool
		if change, ok, err = a.jobs.LastChange(ctx); err == nil && !ok {
			return &model.Problem{
				Code: "store.not-found", What: "There is nothing to take back.", Why: "No change is remembered on this machine.",
				Fix: "bbconnect edit ID changes a connector.", Cause: store.ErrNotFound,
			}
		}
	} else {
		change, err = a.jobs.Undo(ctx)
	}
	if err != nil {
		return err
	}
	if a.json {
		return a.writeJSON(changeJSON{
			Connector: change.Key, Name: change.Name, Change: change.What, At: change.At.UTC().Format(time.RFC3339), Undone: !dryRun,
		})
	}
	if dryRun {
		a.tell(a.errOut, "", fmt.Sprintf("The last change: %s was %s %s. %s", clean(change.Name), change.What, ago(a.now(), change.At), flow.UndoText(change)))
		return nil
	}
	a.tell(a.errOut, signPass, clean(a.jobs.Undone(ctx, change)))
	return nil
}
