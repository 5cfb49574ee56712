package cmd

import (
	"context"

	"github.com/spf13/cobra"

	"bbconnect/model"
)

func newCopy(a *app) *cobra.Command {
	name, dryRun := "", false
	c := &cobra.Command{
		Use: "copy ID NEW", Short: "Duplicate a saved connector under a new id", Args: cobra.ExactArgs(2),
		Long: `Duplicate a saved connector under a new id, in the same scope. The copy refers to
the same secrets, which are not copied, and was never tested. Its name is the new
id unless --name gives one.`,
		Example:           "  bbconnect copy payments payments_staging\n  bbconnect copy payments payments_2 --name \"Payments 2\" --dry-run",
		ValidArgsFunction: a.completeOneConnector,
		RunE: func(c *cobra.Command, args []string) error {
			return a.runCopy(c.Context(), args[0], args[1], name, dryRun)
		},
	}
	c.Flags().StringVar(&name, "name", "", "the name of the copy (default: its id)")
	c.Flags().BoolVar(&dryRun, "dry-run", false, "say whether it could be made and change nothing")
	complete(c, map[string]completer{"name": cobra.NoFileCompletions})
	return c
}

func (a *app) runCopy(ctx context.Context, id, newID, name string, dryRun bool) error {
	if err := a.connect(); err != nil {
		return err
	}
	saved, err := a.jobs.Library.Get(ctx, a.key(id))
	if err != nil {
		return err
	}
	w, err := a.jobs.World(ctx)
	if err != nil {
		return err
	}
	c := saved.Connector
	c.ID, c.Name = newID, name
	if name == "" {
		c.Name = newID
	}
	d := model.NewDraft().With(model.QName, c.Name).With(model.QID, c.ID).With(model.QScope, string(c.Scope.Kind())).
		With(model.QOrg, c.Scope.Org).With(model.QProject, c.Scope.Project)
	for _, f := range model.Validate(d, w) {
		if f.Severity == model.SeverityError && (f.Field == model.QID || f.Field == model.QName) {
			return findingProblem(f)
		}
	}
	if dryRun {
		a.tell(a.errOut, "", "Nothing was saved. The copy would be "+clean(c.Key())+".")
		if a.json {
			return a.writeView(model.Saved{Connector: c}, w)
		}
		return nil
	}
	copied, err := a.jobs.Library.Save(ctx, c, "")
	if err != nil {
		return err
	}
	return a.printSaved(ctx, copied, model.NewDraft(), w)
}
