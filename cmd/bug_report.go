package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"bbconnect/internal/disk"
	"bbconnect/internal/flow"
	"bbconnect/internal/machine"
	"bbconnect/model"
)

// reportLog is how much of the log's end is in a report, in bytes.
const reportLog = 64 << 10

type bugFlags struct {
	out         string
	redactHosts bool
	force       bool
}

func newBugReport(a *app) *cobra.Command {
	var f bugFlags
	c := &cobra.Command{
		Use: "bug-report", Short: "Collect what helps to find a fault, for you to read before you send it", Args: cobra.NoArgs,
		Long: `Collect what helps to find a fault into one Markdown file: versions, the terminal,
settings, what doctor sees, the codes of the last tests, counts, and the end of the
log. Nothing is sent and nobody is contacted: read the file, and send it yourself.

Values of secrets are never in it. Your home folder, names of people, workspaces,
projects, repositories, connectors and secrets, email addresses and whatever looks
like a token are replaced, the same name by the same number. Hosts stay, unless
--redact-hosts is given. A log is kept where --verbose or BBCONNECT_LOG=1 asks for
it: repeat what went wrong with it first.`,
		Example: `  bbconnect bug-report
  bbconnect bug-report --redact-hosts --out report.md
  bbconnect bug-report --out -`,
		RunE: func(c *cobra.Command, _ []string) error { return a.runBugReport(c.Context(), f) },
	}
	fl := c.Flags()
	fl.StringVarP(&f.out, "out", "o", "", "the file to write, - for standard output (default bbconnect-bug-report-DATE.md)")
	fl.BoolVar(&f.redactHosts, "redact-hosts", false, "replace names of hosts too, but for Bitbucket Cloud's own")
	fl.BoolVar(&f.force, "force", false, "replace a file that is there")
	_ = c.MarkFlagFilename("out", "md")
	return c
}

func (a *app) runBugReport(ctx context.Context, f bugFlags) error {
	if a.json {
		return usage("Leave --json out; doctor --json and list --json write JSON.", "A bug report is a text for people.")
	}
	path := expandHome(f.out)
	if path == "" {
		path = "bbconnect-bug-report-" + a.now().UTC().Format("20060102-1504") + ".md"
	}
	if f.out != "-" {
		if err := free(path, f.force); err != nil {
			return err
		}
	}
	if err := a.connect(); err != nil {
		return err
	}
	text, err := a.bugReport(ctx, f.redactHosts)
	if err != nil {
		return err
	}
	if f.out == "-" {
		_, err := fmt.Fprint(a.out, text)
		return err
	}
	if err := unwritable(path, disk.WriteInFolder(path, []byte(text))); err != nil {
		return err
	}
	a.tell(a.errOut, signPass, "Wrote "+clean(path)+". Nothing was sent.")
	a.tell(a.errOut, "", "Read it first: take out whatever you do not want others to see. Then attach it where you report the fault, with what you did and what you expected.")
	return nil
}

// bugReport puts the report together.
func (a *app) bugReport(ctx context.Context, redactHosts bool) (string, error) {
	name, _ := os.Hostname()
	r := newRedactor(redactHosts, homeOf(a.getenv), firstOf(a.getenv("USER"), a.getenv("LOGNAME"), a.getenv("USERNAME")), name)
	saved, damaged, savedErr := a.jobs.Library.List(ctx)
	secrets, secretsErr := a.jobs.Library.Secrets(ctx)
	r.learn(saved, secrets)
	checks, err := flow.Doctor{Jobs: a.jobs, Looker: looker{a}}.Examine(ctx, nil)
	if err != nil {
		return "", errCancelled
	}
	b := &bugText{r: r}
	b.line("# bbconnect bug report\n")
	b.line("Made on %s. Nothing of this was sent anywhere: read it, take out what others must not see, and send it yourself.", a.now().UTC().Format("2006-01-02 15:04 UTC"))
	b.line("Names are replaced by numbers; the same name has the same number throughout.")
	b.line("\n## What happened\n\nWhat you did, what you expected, and what you saw instead:\n")
	b.section("Versions", a.versions(ctx))
	b.section("Terminal", a.terminalFacts())
	b.section("Settings", a.settingsFacts(ctx, r))
	b.section("What is saved", savedFacts(saved, damaged, secrets, errors.Join(savedErr, secretsErr)))
	b.doctor(checks)
	b.tests(saved)
	b.log(logPath(a.folders))
	return b.String(), nil
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

func (a *app) versions(ctx context.Context) []string {
	revision := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" || s.Key == "vcs.modified" {
				revision += " " + strings.TrimPrefix(s.Key, "vcs.") + "=" + s.Value
			}
		}
	}
	return []string{
		"bbconnect " + buildVersion() + revision,
		runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH,
		"git: " + firstOf(machine.Version(ctx, "git", "--version"), "not found"),
		"ssh: " + firstOf(machine.Version(ctx, "ssh", "-V"), "not found"),
	}
}

// terminalFacts are of the environment what decides how things are drawn; of the
// rest only whether it is set.
func (a *app) terminalFacts() []string {
	var out []string
	for _, name := range []string{"TERM", "COLORTERM", "TERM_PROGRAM", "LANG", "LC_ALL", "NO_COLOR", "ACCESSIBLE"} {
		if value := a.getenv(name); value != "" {
			out = append(out, name+"="+clean(value))
		}
	}
	for _, name := range []string{"TMUX", "STY", "SSH_CONNECTION", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSH_AUTH_SOCK", "DBUS_SESSION_BUS_ADDRESS", "BBCONNECT_HOME", "BBCONNECT_VAULT_PASSPHRASE_FILE"} {
		if a.getenv(name) != "" {
			out = append(out, name+" is set")
		}
	}
	if f, ok := a.out.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		if cols, rows, err := term.GetSize(int(f.Fd())); err == nil {
			out = append(out, fmt.Sprintf("%d columns, %d rows", cols, rows))
		}
	}
	return out
}

func (a *app) settingsFacts(ctx context.Context, r *redactor) []string {
	s, err := a.jobs.Library.Settings(ctx)
	if err != nil {
		return []string{"They cannot be read: " + r.text(describe(err))}
	}
	return []string{
		"theme: " + firstOf(s.Theme, "not chosen"), "mouse: " + firstOf(s.Mouse, "not chosen"), "keystore: " + firstOf(string(s.Keystore), "not chosen"),
		fmt.Sprintf("secret command: %t", s.SecretCommand != ""), fmt.Sprintf("hosts with certificates of their own: %d", len(s.CAFiles)),
	}
}

// savedFacts count what is saved, by what matters for a fault.
func savedFacts(saved []model.Saved, damaged []model.Damaged, secrets []model.SecretInfo, err error) []string {
	counts := map[string]int{}
	for _, s := range saved {
		c := s.Connector
		counts[fmt.Sprintf("connectors: %s, %s, %s, API access %s, through %s", model.ReadURL(c.URL, model.URLContext{}).Product, c.ConnectionType, c.URLType, firstOf(string(c.API.Method), string(model.APIOff)), c.Mode)]++
	}
	for _, d := range damaged {
		counts["files that cannot be used: "+d.Problem.Code]++
	}
	for _, s := range secrets {
		counts[fmt.Sprintf("secrets: %s, %s, kept in %s", s.Type, firstOf(string(s.Kind), "no kind"), s.Where)]++
	}
	out := []string{fmt.Sprintf("%d connectors, %d files that cannot be used, %d secrets", len(saved), len(damaged), len(secrets))}
	for what, n := range counts {
		out = append(out, fmt.Sprintf("%s: %d", what, n))
	}
	slices.Sort(out[1:])
	if err != nil {
		out = append(out, "what is saved cannot be read: "+codeOf(err))
	}
	return out
}

// bugText is the report as it grows. Everything in it goes through the redactor.
type bugText struct {
	strings.Builder
	r *redactor
}

func (b *bugText) line(format string, args ...any) { fmt.Fprintf(b, format+"\n", args...) }

func (b *bugText) section(title string, facts []string) {
	b.line("\n## %s\n", title)
	for _, f := range facts {
		b.line("- %s", b.r.text(f))
	}
	if len(facts) == 0 {
		b.line("- nothing")
	}
}

func (b *bugText) doctor(checks []model.Check) {
	var facts []string
	for _, c := range checks {
		text := fmt.Sprintf("%s: %s", c.Status, c.Title)
		if c.Problem != nil && c.Status != model.CheckPass {
			text += fmt.Sprintf(" (%s): %s", c.Problem.Code, c.Problem.What)
		}
		facts = append(facts, text)
	}
	b.section("What doctor sees, offline", facts)
}

// maxReported is how many tests are told one by one.
const maxReported = 50

func (b *bugText) tests(saved []model.Saved) {
	counts := map[string]int{}
	var tested []model.Saved
	for _, s := range saved {
		if s.LastTest == nil {
			counts["never tested"]++
			continue
		}
		counts[strings.TrimSpace(string(s.LastTest.Verdict)+" "+s.LastTest.Code)]++
		tested = append(tested, s)
	}
	slices.SortStableFunc(tested, func(x, y model.Saved) int { return y.LastTest.At.Compare(x.LastTest.At) })
	var facts []string
	for what, n := range counts {
		facts = append(facts, fmt.Sprintf("%s: %d", what, n))
	}
	slices.Sort(facts)
	b.section("Last tests", facts)
	for i, s := range tested {
		if i == maxReported {
			b.line("- and %d more", len(tested)-maxReported)
			break
		}
		t := s.LastTest
		b.line("- %s %s: %s %s", t.At.UTC().Format("2006-01-02 15:04"), b.r.as("connector", s.Connector.Key()), t.Verdict, t.Code)
	}
}

func (b *bugText) log(path string) {
	b.line("\n## Log\n")
	data, err := disk.Tail(path, reportLog, logFiles)
	switch {
	case err != nil:
		b.line("It cannot be read.")
	case len(data) == 0:
		b.line("There is none. Repeat what went wrong with --verbose, then make the report again.")
	default:
		b.line("```")
		for line := range strings.Lines(string(data)) {
			b.line("%s", b.r.logLine(strings.TrimRight(line, "\r\n")))
		}
		b.line("```")
	}
}
