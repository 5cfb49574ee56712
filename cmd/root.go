// Package cmd is the command line, and the one place where the rooms are wired
// together: it turns what they answer into text, JSON and exit codes. People's
// text goes to standard error, what scripts read to standard output.
//
// A command is a function newX that makes it and a method runX of app that does
// its work; Main runs one command line on an app. Errors are returned as values
// all the way up and said in one place (report.go), with the exit code of the
// contract (exit.go). The questions of the wizard have four faces here: the form
// (screens.go), plain prompts (plain.go), --set and --secret, and --from
// (answers.go); one test drives all four to the same connector.
package cmd

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"bbconnect/model"
)

// Main runs one command line and returns the exit code of the process. The
// first interrupt, like a terminal that is closed, cancels what is running, so that
// it can put things back; the second ends the process as it would any other.
func Main(args []string, in io.Reader, out, errOut io.Writer) int {
	return newApp(in, out, errOut).process(args)
}

// process runs one command line as all that the process does.
func (a *app) process(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), endings()...)
	defer stop()
	context.AfterFunc(ctx, stop)
	// net/http logs what servers send out of turn; nothing here writes to that log,
	// and no server writes to a person's terminal.
	log.SetOutput(io.Discard)
	a.alone = true
	return a.run(ctx, args)
}

// endings are the signals that ask the process to end. One that whoever started it
// has it ignore, as nohup does for a terminal that is closed, stays ignored.
func endings() []os.Signal {
	return slices.DeleteFunc([]os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}, signal.Ignored)
}

// run is one command line on an app.
func (a *app) run(ctx context.Context, args []string) int {
	a.line = args
	root := newRoot(a)
	root.SetArgs(append([]string{}, args...)) // where it is given nil, cobra takes the process's own
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.errOut)
	a.words = a.words || a.plainTerminal()
	err := root.ExecuteContext(ctx)
	if ctx.Err() != nil && err != nil {
		err = errCancelled
	}
	if err != nil && slices.Contains(args, "--json") {
		a.json = true // a flag before it may have been wrong, so that it was not read
	}
	a.words = a.words || slices.Contains(args, "--plain")
	a.log.ended(ctx, err)
	a.log.close()
	a.printError(err)
	return exitCode(err)
}

func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:   "bbconnect",
		Short: "Set up, test and migrate Bitbucket connectors for Harness",
		Long: `bbconnect sets up Bitbucket connectors for Harness, proves with a live test that
they work, and keeps their secrets in the operating system's keyring.

Without a command it opens Home on a terminal: the saved connectors, or the
first step of the wizard when there are none. With --plain, or on a terminal that
cannot draw, Home comes as plain lines.`,
		Example: `  bbconnect                     # open Home
  bbconnect new                 # set up a connector
  bbconnect test --all          # prove all saved ones
  bbconnect try                 # the whole product against a Bitbucket on this machine`,
		Version: buildVersion(), SilenceUsage: true, SilenceErrors: true, Args: cobra.ArbitraryArgs,
		PersistentPreRunE: func(c *cobra.Command, args []string) error {
			a.words = a.words || a.plain
			a.startLog(c)
			a.log.command(c.Context(), c, a.line, args)
			return a.checkScope()
		},
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return noCommand(c, args[0])
			}
			return a.runHome(c)
		},
	}
	fl := root.PersistentFlags()
	fl.BoolVar(&a.json, "json", false, "write JSON to standard output, and nothing else there")
	fl.BoolVar(&a.plain, "plain", false, "plain lines and words: no screens, nothing drawn, signs as words")
	fl.BoolVar(&a.logging, "verbose", false, "write a log of this run: state/log/bbconnect.log, without secrets")
	fl.StringVar(&a.org, "org", "", "the organisation that bare names and references are in")
	fl.StringVar(&a.project, "project", "", "the project that bare names and references are in (with --org)")
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usage(c.CommandPath()+" --help shows the flags.", "%s", flagError(c, err))
	})
	root.AddCommand(
		newNew(a), newEdit(a), newList(a), newShow(a), newDelete(a), newCopy(a), newUndo(a), newURL(a), newCheck(a), newTest(a), newDoctor(a), newMigrate(a),
		newSecret(a), newExport(a), newImport(a), newBackup(a), newBugReport(a), newTry(a), newVersion(a), newCompletion(), newGitCredential(a), newMan(a), newQuestionsTopic(),
	)
	root.AddCommand(laterCommands()...)
	root.SetHelpCommand(newHelp())
	checkArgs(root)
	return root
}

// runHome opens Home, or says how the program is called where nobody can see it.
func (a *app) runHome(c *cobra.Command) error {
	if a.json || !a.onTerminal && !a.plain {
		c.SetOut(a.errOut)
		_ = c.Help()
		return failedError{code: exitUsage}
	}
	if a.plain || a.plainTerminal() {
		return a.runPlainHome(c.Context())
	}
	return a.runScreens(c.Context())
}

// newHelp is the help command, which unlike the library's own says when there is
// no such command.
func newHelp() *cobra.Command {
	return &cobra.Command{
		Use: "help [COMMAND]", Short: "Say how a command is called",
		Long:    "Say how a command is called, with examples. bbconnect help questions lists the ids that --set takes.",
		Example: "  bbconnect help new\n  bbconnect help questions",
		RunE: func(c *cobra.Command, args []string) error {
			target, rest, err := c.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return noCommand(c.Root(), strings.Join(args, " "))
			}
			return target.Help()
		},
	}
}

// newQuestionsTopic is a help topic: the ids that --set and --from take.
func newQuestionsTopic() *cobra.Command {
	var b strings.Builder
	b.WriteString("The questions of the wizard, as --set ID=VALUE and answers files name them.\nSlots take --secret SLOT=SOURCE instead.\n\n")
	for _, id := range model.QuestionIDs() {
		q, _ := model.KnownQuestion(id)
		line := fmt.Sprintf("  %-28s", id)
		if q.IsSecret() {
			line += "(slot)"
		} else if values := closedValues(id); len(values) > 0 {
			line += strings.Join(values, ", ")
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return &cobra.Command{Use: "questions", Short: "The ids that --set and --from take", Long: b.String()}
}
