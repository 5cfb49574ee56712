package cmd

import (
	"context"

	"github.com/spf13/cobra"

	"bbconnect/model"
	"bbconnect/steps"
)

func newNew(a *app) *cobra.Command {
	var f answerFlags
	c := &cobra.Command{
		Use:   "new",
		Short: "Set up a connector",
		Long: `Set up a connector: Overview, Details, Credentials, API access, Connectivity, Test.

On a terminal the wizard opens, with whatever the flags answered filled in; when
they answered everything, nothing is asked. With --plain the questions are asked
as plain lines. With --yes or --json, or where there is no terminal, nothing is
asked and what is missing is named.

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
	f.bind(a, c)
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
	d := model.NewDraft()
	if a.org != "" {
		d = d.With(model.QScope, string(a.scope().Kind())).With(model.QOrg, a.org)
		if a.project != "" {
			d = d.With(model.QProject, a.project)
		}
	}
	in, err := a.fill(ctx, d, w, f)
	if err != nil {
		return err
	}
	return a.askOrFinish(ctx, in, f, func() error { return a.runPlain(ctx, in, f) })
}

func newEdit(a *app) *cobra.Command {
	var f answerFlags
	c := &cobra.Command{
		Use:   "edit ID",
		Short: "Change a saved connector",
		Long: `Change a saved connector. On a terminal the wizard opens on it; with --plain all
answers are read out with numbers, to change one, test and save. With --set,
--secret or --from it is changed, tested and saved at once. The id and the scope
never change. What another process saved meanwhile is never overwritten.`,
		Example: `  bbconnect edit payments
  bbconnect edit payments --set connectivity.mode=delegate --yes
  bbconnect edit payments --secret credentials.password=- --yes < token.txt`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeOneConnector,
		RunE:              func(c *cobra.Command, args []string) error { return a.runEdit(c.Context(), args[0], f) },
	}
	f.bind(a, c)
	return c
}

func (a *app) runEdit(ctx context.Context, id string, f answerFlags) error {
	if err := a.connect(); err != nil {
		return err
	}
	if _, err := a.jobs.Library.Get(ctx, a.key(id)); err != nil {
		return err
	}
	if !f.any() && !a.plain && !f.dryRun && (f.yes || a.json || !a.onTerminal) {
		return usage("Give --set, --secret or --from.", "Nothing says what to change, and nobody is asked.")
	}
	if f.yes || f.dryRun || a.json || !a.onTerminal {
		defer a.heapRoom(roomForARun)()
	}
	w, err := a.jobs.World(ctx)
	if err != nil {
		return err
	}
	d, _, err := a.jobs.EditIn(ctx, a.key(id), w)
	if err != nil {
		return err
	}
	in, err := a.fill(ctx, d, w, f)
	if err != nil {
		return err
	}
	a.follow(d, &in)
	return a.askOrFinish(ctx, in, f, func() error { return a.runReview(ctx, in, d, f) })
}

// follow lets the other answers follow a change of the kind of connector, and says
// what no longer applies.
func (a *app) follow(before model.Draft, in *filled) {
	f := model.Follow(before, in.draft, in.world)
	if text := f.Text(); text != "" {
		in.draft = f.Draft
		a.tell(a.errOut, signHint, text)
	}
}

// askOrFinish opens the form or the plain prompts where a person is there to
// answer, and otherwise goes straight on.
func (a *app) askOrFinish(ctx context.Context, in filled, f answerFlags, plain func() error) error {
	complete := func() bool { return f.any() && !model.Validate(in.draft, in.world).HasErrors() }
	switch {
	case f.yes || f.dryRun || a.json:
		return a.finish(ctx, in, f, nil)
	case a.plain:
		return plain()
	case !a.onTerminal || complete():
		return a.finish(ctx, in, f, nil)
	case a.plainTerminal():
		return plain()
	}
	return a.runScreen(ctx, steps.NewWizard(a.jobs, in.draft, in.world, ""))
}
