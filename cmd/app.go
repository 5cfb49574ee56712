package cmd

import (
	"context"
	"io"
	"os"
	"sync/atomic"
	"time"

	"golang.org/x/term"

	"bbconnect/internal/disk"
	"bbconnect/internal/flow"
	"bbconnect/internal/machine"
	"bbconnect/internal/store"
	"bbconnect/model"
)

// app is one run of the program: its streams, its environment, and the jobs
// wired to this machine.
type app struct {
	// trying says that everything written goes when the run ends.
	trying bool

	in     io.Reader
	out    io.Writer
	errOut io.Writer
	getenv func(string) string
	now    func() time.Time

	// onTerminal says that a person is at both ends: keys come from a terminal and
	// text goes to one.
	onTerminal bool
	// errWidth is how wide the terminal at standard error is, in cells; nil where
	// there is no terminal.
	errWidth func() int
	// outFile says that standard output goes somewhere else than to a terminal.
	outFile bool
	// live is what is drawn in place now, nil for nothing.
	live atomic.Pointer[liveLine]
	// backupWork is the cost of a backup's passphrase, 0 for the usual one.
	backupWork int
	// verbose says that nothing is left out for brevity.
	verbose bool
	// words says that marks are written as words, for terminals that read aloud or
	// cannot draw.
	words bool
	// readSecretLine asks and reads a line without echo; nil where there is no
	// terminal.
	readSecretLine func(ctx context.Context, ask func()) (string, error)
	// askLines lets secrets be asked for in plain lines where there is no terminal.
	askLines bool
	lines    *lineReader

	// tester and places make what the jobs reach out with; tests put their own here.
	tester func(*app, testFlags) flow.Tester
	places func(*app) flow.Keystores
	reach  func(*app) flow.Reacher
	// gitSettings are git's own, as machine.GitSettings reads them.
	gitSettings func(context.Context) ([]byte, error)
	// remotes are the addresses of the current checkout's remotes.
	remotes func(context.Context) []string

	// vaultWork is scrypt's cost of a vault that is made, as a power of two; 0 is
	// the usual one.
	vaultWork int
	// alone says that the process runs nothing but this app.
	alone bool
	// logging asks for the log, log is it: nil for none.
	logging bool
	log     *runLog
	// line is the command line as it was given.
	line []string

	folders disk.Folders
	store   *store.Store
	jobs    *flow.Jobs

	// flags every command has
	org, project string
	json, plain  bool
}

// newApp wires the program to this machine. Nothing is touched until a job
// needs it: no file is read, no keyring and no network is asked.
func newApp(in io.Reader, out, errOut io.Writer) *app {
	a := &app{
		in: in, out: out, errOut: errOut, getenv: os.Getenv, now: time.Now, lines: newLineReader(in),
		tester: newTester, places: func(a *app) flow.Keystores { return newKeystores(a) },
		reach: func(a *app) flow.Reacher { return reacher{a} }, gitSettings: machine.GitSettings, remotes: thisMachine{}.Remotes,
	}
	inFile, inOK := in.(*os.File)
	outFile, outOK := out.(*os.File)
	if inOK && term.IsTerminal(int(inFile.Fd())) {
		a.onTerminal = outOK && term.IsTerminal(int(outFile.Fd()))
		a.readSecretLine = secretLine(int(inFile.Fd()))
	}
	a.outFile = !outOK || !term.IsTerminal(int(outFile.Fd()))
	if f, ok := errOut.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		a.errWidth = func() int {
			cols, _, err := term.GetSize(int(f.Fd()))
			if err != nil || cols < 20 {
				return 80
			}
			return cols
		}
	}
	return a
}

// plainTerminal reports whether the environment asks for plain lines.
func (a *app) plainTerminal() bool {
	return a.getenv("TERM") == "dumb" || a.getenv("ACCESSIBLE") != ""
}

// connect wires the jobs; it does so once, when a command needs them.
func (a *app) connect() error {
	if a.jobs != nil {
		return nil
	}
	folders, err := disk.UserFolders(a.getenv)
	if err != nil {
		return err
	}
	a.folders = folders
	a.store = store.Open(folders).WithClock(a.now)
	a.jobs = &flow.Jobs{
		Library: a.store, Journal: a.store, Archive: a.store, Keystores: a.places(a), Tester: a.tester(a, testFlags{}),
		Keys: newKeyTool(), Machine: thisMachine{getenv: a.getenv}, Now: a.now,
	}
	if a.log != nil {
		a.jobs.Library = loggedLibrary{a.jobs.Library, a.log}
		a.jobs.Journal = loggedJournal{a.jobs.Journal, a.log}
		a.jobs.Archive = loggedArchive{a.jobs.Archive, a.log}
	}
	return nil
}

// scope is where --org and --project point.
func (a *app) scope() model.Scope { return model.Scope{Org: a.org, Project: a.project} }

// checkScope refuses a project without its organisation.
func (a *app) checkScope() error {
	if a.project != "" && a.org == "" {
		return usage("Add --org.", "--project needs the organisation it is in.")
	}
	return nil
}

// key names a connector as the person did, with --org and --project before a
// bare id.
func (a *app) key(id string) string {
	if a.org == "" {
		return id
	}
	return a.scope().Qualify(id)
}

// secretName is the whole name behind a reference on the command line.
func (a *app) secretName(ref string) (model.SecretName, error) {
	name, err := model.SecretRef(ref).Name(a.scope())
	if err != nil {
		return "", usage("Write account.id, org.id with --org, or id with --org and --project.", "That reference names no secret from here.")
	}
	return name, nil
}
