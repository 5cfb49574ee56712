package cmd

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"time"

	"golang.org/x/term"

	"bbconnect/internal/disk"
	"bbconnect/internal/flow"
	"bbconnect/internal/store"
	"bbconnect/model"
)

// app is one run of the program: its streams, its environment, and the jobs
// wired to this machine.
type app struct {
	in     io.Reader
	out    io.Writer
	errOut io.Writer
	getenv func(string) string
	now    func() time.Time

	// onTerminal says that a person is at both ends: keys come from a terminal and
	// text goes to one.
	onTerminal bool
	// readSecretLine reads a line without echo; nil where there is no terminal.
	readSecretLine func() (string, error)
	lines          *lineReader

	folders disk.Folders
	store   *store.Store
	jobs    *flow.Jobs

	// flags every command has
	org, project string
	json         bool
}

// newApp wires the program to this machine. Nothing is touched until a job
// needs it: no file is read, no keyring and no network is asked.
func newApp(in io.Reader, out, errOut io.Writer) *app {
	a := &app{in: in, out: out, errOut: errOut, getenv: os.Getenv, now: time.Now}
	inFile, inOK := in.(*os.File)
	outFile, outOK := out.(*os.File)
	if inOK && term.IsTerminal(int(inFile.Fd())) {
		a.onTerminal = outOK && term.IsTerminal(int(outFile.Fd()))
		a.readSecretLine = func() (string, error) {
			line, err := term.ReadPassword(int(inFile.Fd()))
			return string(line), err
		}
	}
	a.lines = newLineReader(in)
	return a
}

// connect wires the jobs; it is called once, when a command needs them.
func (a *app) connect() error {
	if a.jobs != nil {
		return nil
	}
	folders, err := disk.UserFolders(a.getenv)
	if err != nil {
		return err
	}
	a.folders = folders
	a.store = store.Open(folders)
	a.jobs = &flow.Jobs{
		Library: a.store, Keystores: newKeystores(a), Tester: newTester(a, testFlags{}),
		Keys: newKeyTool(), Machine: thisMachine{getenv: a.getenv}, Now: a.now,
	}
	return nil
}

// scope is where --org and --project point.
func (a *app) scope() model.Scope { return model.Scope{Org: a.org, Project: a.project} }

// key names a connector as the person did, with --org and --project before a
// bare id.
func (a *app) key(id string) string {
	if a.org == "" {
		return id
	}
	return a.scope().Qualify(id)
}

// asking lets the jobs under the context ask the person, where there is one.
func (a *app) asking(ctx context.Context) context.Context {
	if a.readSecretLine == nil {
		return ctx
	}
	return flow.WithAsker(ctx, a.askSecret)
}

// writeJSON writes one value, indented for people who look.
func (a *app) writeJSON(v any) error {
	enc := json.NewEncoder(a.out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// writeJSONLine writes one value on one line.
func (a *app) writeJSONLine(v any) error {
	enc := json.NewEncoder(a.out)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
