package cmd

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"bbconnect/model"
)

func newSecret(a *app) *cobra.Command {
	c := &cobra.Command{
		Use: "secret", Short: "Look after named secrets",
		Long: `Look after named secrets. Connectors hold references to them; values are kept
in the operating system's keyring or the encrypted vault, and are never shown.`,
		Example: `  bbconnect secret list
  bbconnect secret set account.bb_token --from env:BB_TOKEN --expires 2027-11-21
  bbconnect secret verify --all
  bbconnect secret rename account.bb_token payments_token
  bbconnect secret key new > key.pub`,
		Args: cobra.ArbitraryArgs, RunE: group,
	}
	c.AddCommand(
		newSecretList(a), newSecretSet(a), newSecretVerify(a), newSecretRename(a), newSecretDelete(a), newSecretKey(a),
		newSecretRotate(a), newSecretMove(a),
	)
	return c
}

// dash is a text of a table; in words, where there is none says so.
func (a *app) dash(text string) string {
	if a.words && text == "–" {
		return "none"
	}
	return text
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

func newSecretDelete(a *app) *cobra.Command {
	var yes, dryRun bool
	c := &cobra.Command{
		Use: "delete REF", Short: "Delete a secret that no connector uses", Args: cobra.ExactArgs(1),
		Long: `Delete a named secret and its value. A secret that a connector uses is not
deleted.`,
		Example:           "  bbconnect secret delete account.old_token\n  bbconnect secret delete account.old_token --yes",
		ValidArgsFunction: a.completeRef,
		RunE: func(c *cobra.Command, args []string) error {
			return a.runSecretDelete(c.Context(), args[0], yes, dryRun)
		},
	}
	c.Flags().BoolVar(&yes, "yes", false, "do not ask")
	c.Flags().BoolVar(&dryRun, "dry-run", false, "say what would be deleted and change nothing")
	return c
}

func (a *app) runSecretDelete(ctx context.Context, ref string, yes, dryRun bool) error {
	if err := a.connect(); err != nil {
		return err
	}
	name, err := a.secretName(ref)
	if err != nil {
		return err
	}
	secret, err := a.namedSecret(ctx, name)
	if err != nil {
		return err
	}
	if len(secret.UsedBy) > 0 {
		return &model.Problem{
			Code: "secret.used", What: ref + " is used by " + strings.Join(secret.UsedBy, ", ") + ".",
			Why: "Deleting it would break that connector.", Fix: "Give the connector another secret, or delete it first.",
		}
	}
	switch {
	case dryRun:
		a.tell(a.errOut, "", "Would delete "+ref+".")
	case !yes && !a.canAsk() && !a.plain:
		return usage("Add --yes.", "There is nobody to ask whether to delete %s.", ref)
	case !yes:
		a.askLines = a.askLines || a.plain
		if ok, err := a.yesNo(ctx, "Delete the secret "+ref+"?"); err != nil || !ok {
			return errors.Join(errCancelled, err)
		}
	}
	if !dryRun {
		if err := a.jobs.DeleteSecret(a.asking(ctx), name); err != nil {
			return waysOn(err)
		}
		a.tell(a.errOut, signPass, "Deleted "+ref+".")
	}
	if a.json {
		return a.writeJSON(map[string]string{"deleted": ref})
	}
	return nil
}
