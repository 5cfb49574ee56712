package cmd

import (
	"context"

	"github.com/spf13/cobra"

	"bbconnect/internal/flow"
)

func newSecretRotate(a *app) *cobra.Command {
	var f migrateFlags
	from := ""
	c := &cobra.Command{
		Use: "rotate REF", Short: "Replace a secret's value, with every connector tested first", Args: cobra.ExactArgs(1),
		Long: `Replace the value of a named secret by a new one of the same kind. The new value is
checked, stored beside the old one, and every connector that uses the secret is
tested with it before one swap makes it current. The old value is kept until you
confirm with bbconnect migrate --confirm; bbconnect migrate --undo puts it back.`,
		Example: `  bbconnect secret rotate account.bb_token
  bbconnect secret rotate account.bb_token --from env:NEW_TOKEN --expires 1y --yes --confirm`,
		ValidArgsFunction: a.completeRef,
		RunE:              func(c *cobra.Command, args []string) error { return a.runRotate(c.Context(), args[0], from, f) },
	}
	c.Flags().StringVar(&from, "from", "", "where the new value comes from (default: a prompt)")
	c.Flags().BoolVar(&f.confirm, "confirm", false, "delete the old value once everything has passed")
	f.bind(a, c)
	_ = c.Flags().MarkHidden("secret")
	complete(c, map[string]completer{"from": choices(sources()...)})
	return c
}

func (a *app) runRotate(ctx context.Context, ref, from string, f migrateFlags) error {
	if err := f.check(true); err != nil {
		return err
	}
	if err := a.connect(); err != nil {
		return err
	}
	name, err := a.secretName(ref)
	if err != nil {
		return err
	}
	run := &migration{app: a, flags: f}
	if run.plan, err = a.jobs.PlanRotation(a.asking(ctx), name); err != nil {
		return err
	}
	if len(run.plan.Groups) == 0 {
		return flow.ErrNoSecret
	}
	group := run.plan.Groups[0]
	if len(group.Members) == 0 {
		return usage("bbconnect secret set "+ref+" replaces its value at once.", "No connector uses %s, so that nothing could be tested with a new value.", clean(ref))
	}
	if from == "" && f.yes {
		from = "-"
	}
	if from != "" {
		run.flags.secrets = append(run.flags.secrets, string(group.Name.Ref())+"="+from)
	}
	return run.all(ctx)
}
