package cmd

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"bbconnect/internal/flow"
	"bbconnect/model"
)

func newNew(a *app) *cobra.Command {
	var f answerFlags
	c := &cobra.Command{
		Use:   "new",
		Short: "Set up a connector",
		Long: `Set up a connector: Overview, Details, Credentials, API access, Connectivity, Test.

On a terminal the wizard opens, with whatever the flags answered filled in.
With --plain the same questions are asked as plain lines. With --yes, or
where there is no terminal, nothing is asked: what is missing is named.
A connector whose live test fails is not saved unless --save-failed is given.`,
		Example: `  bbconnect new
  bbconnect new --plain
  bbconnect new --yes --set overview.name=Payments \
    --set details.url=https://bitbucket.org/acme/ledger.git \
    --set api.email=jdoe@example.com --secret credentials.password=env:BB_TOKEN
  bbconnect new --from connector.yaml --secret credentials.password=file:token.txt --yes`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.runNew(c.Context(), f) },
	}
	f.bind(c)
	return c
}

func (a *app) runNew(ctx context.Context, f answerFlags) error {
	if err := a.connect(); err != nil {
		return err
	}
	w, err := a.jobs.World(ctx)
	if err != nil {
		return err
	}
	d, err := a.fill(ctx, model.NewDraft(), w, f)
	if err != nil {
		return err
	}
	return a.askOrFinish(ctx, d, w, f)
}

func newEdit(a *app) *cobra.Command {
	var f answerFlags
	c := &cobra.Command{
		Use:   "edit ID",
		Short: "Change a saved connector",
		Long: `Change a saved connector. On a terminal the wizard opens on it; with --set,
--secret or --from and --yes it is changed, tested and saved at once. The id
never changes. What another process saved meanwhile is never overwritten.`,
		Example: `  bbconnect edit payments
  bbconnect edit payments --set connectivity.mode=delegate --yes
  bbconnect edit payments --secret credentials.password=- --yes < token.txt`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeConnectors,
		RunE:              func(c *cobra.Command, args []string) error { return a.runEdit(c.Context(), args[0], f) },
	}
	f.bind(c)
	return c
}

func (a *app) runEdit(ctx context.Context, id string, f answerFlags) error {
	if err := a.connect(); err != nil {
		return err
	}
	d, _, err := a.jobs.Edit(ctx, a.key(id))
	if err != nil {
		return err
	}
	w, err := a.jobs.World(ctx)
	if err != nil {
		return err
	}
	if d, err = a.fill(ctx, d, w, f); err != nil {
		return err
	}
	return a.askOrFinish(ctx, d, w, f)
}

// askOrFinish opens the form or the plain prompts where a person is there to
// answer, and otherwise goes straight on.
func (a *app) askOrFinish(ctx context.Context, d model.Draft, w model.World, f answerFlags) error {
	unasked := f.yes || f.dryRun || a.json || (f.any() && !model.Validate(d, w).HasErrors())
	plain := f.plain || a.getenv("TERM") == "dumb" || a.getenv("ACCESSIBLE") != ""
	switch {
	case plain && !f.yes && !f.dryRun:
		return a.runPlain(ctx, d, w, f)
	case unasked || !a.onTerminal:
		return a.finish(ctx, d, w, f)
	}
	return a.runWizard(ctx, d)
}

// reportChecks prints the checks of a test as they end, for people.
func (a *app) reportChecks() func(model.Check) {
	if a.json {
		return func(model.Check) {}
	}
	return func(c model.Check) {
		if c.Status == model.CheckRunning {
			return
		}
		fmt.Fprintln(a.errOut, checkLine(c))
	}
}

// notSaved ends a run whose test did not pass.
func (a *app) notSaved(r model.TestResult) error {
	if a.json {
		if err := a.writeJSON(testJSON(r)); err != nil {
			return err
		}
	} else {
		fmt.Fprintln(a.errOut, "Nothing was saved. --save-failed saves it all the same.")
	}
	return failedError{code: exitFailed}
}

// printSaved says what was saved and what to do with it in Harness.
func (a *app) printSaved(ctx context.Context, saved model.Saved) error {
	if a.json {
		return a.printConnectorJSON(ctx, saved)
	}
	fmt.Fprintf(a.errOut, "✓ Saved %s (%s).\n", saved.Connector.Name, saved.Connector.Key())
	secrets, err := a.jobs.Library.Secrets(ctx)
	if err != nil {
		return err
	}
	for _, step := range flow.HandOver(saved.Connector, secrets) {
		fmt.Fprintln(a.errOut, "  "+step.Text)
	}
	fmt.Fprintln(a.out, saved.Connector.Key())
	return nil
}
