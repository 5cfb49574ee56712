package cmd

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"bbconnect/internal/flow"
	"bbconnect/keystore"
	"bbconnect/model"
)

// today is the day of every test that needs one.
func today() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

// token makes a value that has the form of a Cloud API token and is none.
func token(seed string) string {
	return "AT" + "ATT3xFfGF0" + strings.Repeat(seed, 20)[:40]
}

// place is a machine for one test: folders, keys in memory, an environment, and
// a live test that answers what the test says.
type place struct {
	t       *testing.T
	home    string
	keys    *keystore.Memory
	broken  map[model.Where]error
	env     map[string]string
	verdict func(model.TestRequest) model.TestResult
	now     time.Time
	tune    func(*app)
	// gitSettings are what git says of its own.
	gitSettings []byte
	// checkout are the remotes of the folder the program runs in.
	checkout []string
}

func newPlace(t *testing.T) *place {
	t.Helper()
	home := t.TempDir()
	return &place{
		t: t, home: home, keys: keystore.NewMemory(model.WhereKeyring), now: today(), broken: map[model.Where]error{},
		env: map[string]string{"BBCONNECT_HOME": home, "HOME": home}, verdict: passes,
	}
}

// passes is a live test that finds nothing wrong.
func passes(req model.TestRequest) model.TestResult {
	return model.TestResult{
		Connector: req.Connector.Key(), Verdict: model.VerdictPass, StartedAt: today(), Duration: 12 * time.Millisecond,
		Checks: []model.Check{{ID: "reach", Title: "Reach the server", Status: model.CheckPass, Duration: 12 * time.Millisecond}},
	}
}

// fails is one that finds the token rejected.
func fails(req model.TestRequest) model.TestResult {
	r := passes(req)
	r.Verdict = model.VerdictFail
	r.Problem = &model.Problem{Code: "cred.rejected", What: "The token was rejected.", Why: "It may have been revoked.", Fix: "Make a new one.", Field: model.QPassword}
	r.Checks = append(r.Checks, model.Check{ID: "git", Title: "Read the repository with git", Status: model.CheckFail, Problem: r.Problem})
	return r
}

// Test implements flow.Tester.
func (p *place) Test(_ context.Context, req model.TestRequest, report func(model.Check)) model.TestResult {
	result := p.verdict(req)
	for _, c := range result.Checks {
		report(c)
	}
	return result
}

// Keystore implements flow.Keystores: the same memory under every name, or why
// that place does not work.
func (p *place) Keystore(where model.Where) (flow.Keystore, error) {
	if err := p.broken[where]; err != nil {
		return nil, err
	}
	return named{p.keys, where}, nil
}

// named is the memory under another place's name.
type named struct {
	*keystore.Memory
	where model.Where
}

func (n named) Where() model.Where { return n.where }
func (n named) Describe() string   { return "a " + string(n.where) + " of the test" }

// noKeyring is what a machine without one says.
func noKeyring() error {
	return &model.Problem{Code: "keystore.unavailable", What: "There is no session bus.", Why: "This is a server.", Fix: "Use the vault."}
}

// newTestApp is an app whose vaults and backups cost little to make and open: what
// is tested here is not the strength of scrypt.
func newTestApp(in io.Reader, out, errOut io.Writer) *app {
	a := newApp(in, out, errOut)
	a.vaultWork, a.backupWork = 8, 8
	return a
}

// said is what one run printed, and its exit code.
type said struct {
	code     int
	out, err string
}

// run is one command line with an input.
func (p *place) run(input string, args ...string) said {
	p.t.Helper()
	return p.runWith(strings.NewReader(input), &safeBuffer{}, args...)
}

func (p *place) runWith(in io.Reader, errOut *safeBuffer, args ...string) said {
	p.t.Helper()
	var out bytes.Buffer
	a := newTestApp(in, &out, errOut)
	p.wire(a)
	code := a.run(p.t.Context(), args)
	return said{code: code, out: out.String(), err: errOut.String()}
}

// wire puts the test's machine in the place of the real one.
func (p *place) wire(a *app) {
	a.getenv = func(name string) string { return p.env[name] }
	a.now = func() time.Time { return p.now }
	a.remotes = func(context.Context) []string { return p.checkout }
	a.tester = func(*app, testFlags) flow.Tester { return p }
	a.places = func(*app) flow.Keystores { return p }
	a.gitSettings = func(context.Context) ([]byte, error) { return p.gitSettings, nil }
	if p.tune != nil {
		p.tune(a)
	}
}

// must is a run that has to end well.
func (p *place) must(input string, args ...string) said {
	p.t.Helper()
	s := p.run(input, args...)
	if s.code != exitDone {
		p.t.Fatalf("bbconnect %s exits %d\n%s%s", strings.Join(args, " "), s.code, s.out, s.err)
	}
	return s
}

// files are all files below the machine's folder, by their names.
func (p *place) files() map[string]string {
	p.t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(p.home, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(p.home, path)
		if !strings.HasSuffix(name, ".lock") {
			out[filepath.ToSlash(name)] = string(data)
		}
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return out
}

// write puts a file beside the machine's folders and returns its path.
func (p *place) write(name, text string) string {
	p.t.Helper()
	path := filepath.Join(p.t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
	return path
}

// safeBuffer is a buffer that a person at the prompts reads while the program
// writes.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// payments are the flags of a Cloud connector of one repository.
func payments(more ...string) []string {
	return append([]string{
		"new", "--yes", "--set", "overview.name=Payments", "--set", "details.url=https://bitbucket.org/acme/ledger.git",
		"--set", "api.email=jdoe@acme-corp.com", "--secret", "credentials.password=env:BB_TOKEN",
	}, more...)
}

func newPaymentsPlace(t *testing.T) *place {
	t.Helper()
	p := newPlace(t)
	p.env["BB_TOKEN"] = token("kQ7")
	p.must("", payments()...)
	return p
}

func contains(t *testing.T, what, text string, wanted ...string) {
	t.Helper()
	flat := strings.Join(strings.Fields(text), " ")
	for _, w := range wanted {
		if !strings.Contains(flat, strings.Join(strings.Fields(w), " ")) {
			t.Errorf("%s does not say %q:\n%s", what, w, text)
		}
	}
}
