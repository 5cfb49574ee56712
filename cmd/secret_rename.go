package cmd

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"bbconnect/internal/flow"
	"bbconnect/model"
)

func newSecretRename(a *app) *cobra.Command {
	var dryRun bool
	c := &cobra.Command{
		Use: "rename REF NEW", Short: "Give a secret another name, in every connector too", Args: cobra.ExactArgs(2),
		Long: `Give a named secret another name in the same scope. NEW is an id, or a whole
reference. Its value is copied to the new name, every connector that refers to it
is rewritten, and then the old name is dropped: all of it, or nothing. In Harness
the secret has to be made under the new name before the connectors are applied.`,
		Example: `  bbconnect secret rename account.bb_token payments_token
  bbconnect secret rename account.bb_token account.payments_token --dry-run`,
		ValidArgsFunction: a.completeRef,
		RunE: func(c *cobra.Command, args []string) error {
			return a.runSecretRename(c.Context(), args[0], args[1], dryRun)
		},
	}
	c.Flags().BoolVar(&dryRun, "dry-run", false, "say what would be rewritten and change nothing")
	return c
}

// renamedJSON is what renaming prints with --json.
type renamedJSON struct {
	From        model.SecretRef   `json:"from"`
	To          model.SecretRef   `json:"to"`
	Connectors  []string          `json:"connectors"`
	Credentials []model.SecretRef `json:"credentials"`
	Drafts      int               `json:"drafts"`
}

func (a *app) runSecretRename(ctx context.Context, ref, fresh string, dryRun bool) error {
	if err := a.connect(); err != nil {
		return err
	}
	from, err := a.secretName(ref)
	if err != nil {
		return err
	}
	scope, _, _ := from.Split()
	to := scope.SecretName(fresh)
	if strings.Contains(fresh, ".") {
		if to, err = a.secretName(fresh); err != nil {
			return err
		}
	}
	var r flow.Renaming
	if dryRun {
		r, err = a.jobs.PlanRename(ctx, from, to)
	} else {
		r, err = a.jobs.RenameSecret(a.asking(ctx), from, to)
	}
	if err != nil {
		return err
	}
	a.tellRenamed(r, dryRun)
	if !a.json {
		return nil
	}
	view := renamedJSON{From: from.Ref(), To: to.Ref(), Connectors: append([]string{}, r.Connectors...), Credentials: []model.SecretRef{}, Drafts: r.Drafts}
	for _, name := range r.Credentials {
		view.Credentials = append(view.Credentials, name.Ref())
	}
	return a.writeJSON(view)
}

func (a *app) tellRenamed(r flow.Renaming, dryRun bool) {
	did, rewrote, mark := "Renamed", "Rewrote", signPass
	if dryRun {
		did, rewrote, mark = "Would rename", "Would rewrite", sign("")
	}
	a.tell(a.errOut, mark, fmt.Sprintf("%s %s to %s.", did, r.From.Ref(), r.To.Ref()))
	if len(r.Connectors) > 0 {
		a.tell(a.errOut, mark, fmt.Sprintf("%s %s.", rewrote, strings.Join(r.Connectors, ", ")))
	}
	for _, name := range r.Credentials {
		a.tell(a.errOut, mark, fmt.Sprintf("%s the SSH credential %s.", rewrote, name.Ref()))
	}
}
