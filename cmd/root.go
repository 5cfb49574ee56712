// Package cmd is the command line, and the one place where the rooms are wired
// together: it turns what they answer into text, JSON and exit codes. People's
// text goes to standard error, what scripts read to standard output.
package cmd

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"bbconnect/model"
)

// Main runs one command line and returns the exit code of the process. The
// first interrupt cancels what is running, so that it can put things back.
func Main(args []string, in io.Reader, out, errOut io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return newApp(in, out, errOut).run(ctx, args)
}

// run is one command line on an app.
func (a *app) run(ctx context.Context, args []string) int {
	root := newRoot(a)
	root.SetArgs(args)
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.errOut)
	err := root.ExecuteContext(ctx)
	if ctx.Err() != nil && err != nil {
		err = errCancelled
	}
	err = asUsage(err)
	printError(a.out, a.errOut, a.json, err)
	return exitCode(err)
}

// asUsage recognises what the command library says about a wrong call.
func asUsage(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	for _, start := range []string{"unknown command", "unknown flag", "unknown shorthand", "accepts ", "requires ", "invalid argument", "flag needs", "bad flag"} {
		if strings.HasPrefix(text, start) {
			return usage("bbconnect help shows how it is called.", "%s", clean(text))
		}
	}
	return err
}

func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:   "bbconnect",
		Short: "Set up, test and migrate Bitbucket connectors for Harness",
		Long: `bbconnect sets up Bitbucket connectors for Harness, proves with a live test that
they work, and keeps their secrets in the operating system's keyring.

Without a command it opens Home on a terminal: the saved connectors, or the
first step of the wizard when there are none.`,
		Example: `  bbconnect                     open Home
  bbconnect new                 set up a connector
  bbconnect test --all          prove all saved ones
  bbconnect try                 the whole product against a Bitbucket on this machine`,
		Version: buildVersion(), SilenceUsage: true, SilenceErrors: true, Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.runHome(c) },
	}
	root.SetVersionTemplate("bbconnect {{.Version}}\n")
	root.CompletionOptions.HiddenDefaultCmd = false
	fl := root.PersistentFlags()
	fl.BoolVar(&a.json, "json", false, "write JSON to standard output, and nothing else there")
	fl.StringVar(&a.org, "org", "", "the organisation that bare names and references are in")
	fl.StringVar(&a.project, "project", "", "the project that bare names and references are in (with --org)")
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usage(c.CommandPath()+" --help shows the flags.", "%s", clean(err.Error()))
	})
	root.AddCommand(
		newNew(a), newEdit(a), newList(a), newShow(a), newDelete(a), newURL(a), newCheck(a), newTest(a),
		newSecret(a), newExport(a), newImport(a), newTry(a), newVersion(), newHarness(), newQuestionsTopic(),
	)
	return root
}

// runHome opens Home, or says how the program is called where nobody can see it.
func (a *app) runHome(c *cobra.Command) error {
	if !a.onTerminal || a.json {
		c.SetOut(a.errOut)
		_ = c.Help()
		return failedError{code: exitUsage}
	}
	if a.getenv("TERM") == "dumb" || a.getenv("ACCESSIBLE") != "" {
		fmt.Fprintln(a.errOut, "This terminal gets plain lines. bbconnect list shows the connectors, bbconnect new sets one up.")
		return a.runList(c.Context(), listFlags{expiring: -1})
	}
	return a.runScreens(c.Context())
}

// newHarness keeps the name free for the Harness platform's own API.
func newHarness() *cobra.Command {
	return &cobra.Command{
		Use: "harness", Hidden: true, DisableFlagParsing: true,
		RunE: func(*cobra.Command, []string) error { return notInThisVersion("harness") },
	}
}

// newQuestionsTopic is a help topic: the ids that --set and --from take.
func newQuestionsTopic() *cobra.Command {
	var b strings.Builder
	b.WriteString("The questions of the wizard, as --set ID=VALUE and answers files name them.\nSlots take --secret SLOT=SOURCE instead.\n\n")
	for _, id := range model.QuestionIDs() {
		q, _ := model.KnownQuestion(id)
		kind := ""
		if q.IsSecret() {
			kind = "   (slot)"
		}
		fmt.Fprintf(&b, "  %s%s\n", id, kind)
	}
	return &cobra.Command{Use: "questions", Short: "The ids that --set and --from take", Long: b.String()}
}

// completeConnectors completes the ids of saved connectors.
func (a *app) completeConnectors(c *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	if a.connect() != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	saved, _, err := a.jobs.Library.List(c.Context())
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	out := make([]string, 0, len(saved))
	for _, s := range saved {
		out = append(out, s.Connector.Key()+"\t"+s.Connector.Name)
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}
