package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"bbconnect/internal/flow"
	"bbconnect/model"
)

func newSecret(a *app) *cobra.Command {
	c := &cobra.Command{
		Use: "secret", Short: "Look after named secrets",
		Long: `Look after named secrets. Connectors hold references to them; values are kept
in the operating system's keyring or the encrypted vault, and are never shown.`,
		Example: `  bbconnect secret list
  bbconnect secret set account.bb_token --from env:BB_TOKEN --expires 2027-11-21
  bbconnect secret key new > key.pub`,
		Args: cobra.ArbitraryArgs, RunE: group,
	}
	c.AddCommand(
		newSecretList(a), newSecretSet(a), newSecretDelete(a), newSecretKey(a),
		laterCommand("rotate", "secret rotate"), laterCommand("move", "secret move"),
	)
	return c
}

func newSecretList(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the named secrets", Args: cobra.NoArgs,
		Long: `List the named secrets: what each is, where its value is kept, when it ends and
which connectors use it. Values are never shown.`,
		Example: "  bbconnect secret list\n  bbconnect secret list --json",
		RunE:    func(c *cobra.Command, _ []string) error { return a.runSecretList(c.Context()) },
	}
}

type secretJSON struct {
	Ref     model.SecretRef      `json:"ref"`
	Name    model.SecretName     `json:"name"`
	Type    model.SecretType     `json:"type"`
	Kind    model.CredentialKind `json:"kind"`
	Where   model.Where          `json:"where"`
	Created string               `json:"created"`
	Expires string               `json:"expires"`
	UsedBy  []string             `json:"usedBy"`
}

func (a *app) runSecretList(ctx context.Context) error {
	if err := a.connect(); err != nil {
		return err
	}
	w, err := a.jobs.World(ctx)
	if err != nil {
		return err
	}
	rows := []secretJSON{}
	for _, s := range w.Secrets {
		rows = append(rows, secretView(s, w))
	}
	if a.json {
		return a.writeJSON(rows)
	}
	if len(rows) == 0 {
		a.tell(a.errOut, "", "No secrets yet.")
		return nil
	}
	tw := tabwriter.NewWriter(a.out, 0, 8, 3, ' ', 0)
	fmt.Fprintln(tw, "REFERENCE\tTYPE\tKIND\tWHERE\tEXPIRES\tUSED BY")
	for _, r := range rows {
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\t%s\n", r.Ref, r.Type, model.KindLabel(r.Kind), r.Where, orDash(r.Expires), orDash(strings.Join(r.UsedBy, ", ")))
	}
	return tw.Flush()
}

// secretView is what is said of a secret. The parts of an SSH credential are used
// by whoever uses the credential.
func secretView(s model.SecretInfo, w model.World) secretJSON {
	row := secretJSON{Ref: s.Name.Ref(), Name: s.Name, Type: s.Type, Kind: s.Kind, Where: s.Where, UsedBy: []string{}}
	if !s.Created.IsZero() {
		row.Created = s.Created.UTC().Format(time.RFC3339)
	}
	if !s.Expires.IsZero() {
		row.Expires = s.Expires.Format(time.DateOnly)
	}
	names := []model.SecretName{s.Name}
	for _, whole := range w.Secrets {
		if whole.File == s.Name || whole.Passphrase == s.Name {
			names = append(names, whole.Name)
		}
	}
	for _, c := range w.Connectors {
		if slices.ContainsFunc(names, c.Uses) {
			row.UsedBy = append(row.UsedBy, c.Key())
		}
	}
	return row
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
	w, err := a.jobs.World(ctx)
	if err != nil {
		return err
	}
	info, ok := w.SecretInfo(name)
	if !ok {
		return flow.ErrNoSecret
	}
	if used := secretView(info, w).UsedBy; len(used) > 0 {
		return &model.Problem{
			Code: "secret.used", What: ref + " is used by " + strings.Join(used, ", ") + ".",
			Why: "Deleting it would break that connector.", Fix: "Give the connector another secret, or delete it first.",
		}
	}
	switch {
	case dryRun:
		a.tell(a.errOut, "", "Would delete "+ref+".")
	case !yes && a.readSecretLine == nil:
		return usage("Add --yes.", "There is nobody to ask whether to delete %s.", ref)
	case !yes:
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
