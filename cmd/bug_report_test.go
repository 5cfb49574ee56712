package cmd

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"bbconnect/internal/flow"
	"bbconnect/internal/probe"
	"bbconnect/internal/sandbox"
	"bbconnect/model"
)

// report is what a bug report of a machine says.
func (p *place) report(args ...string) string {
	p.t.Helper()
	return p.must("", append([]string{"bug-report", "--out", "-"}, args...)...).out
}

// livedIn is a machine with a history: connectors of both products, a failed test,
// and a log with requests in it.
func livedIn(t *testing.T) *place {
	t.Helper()
	box, err := sandbox.Start(t.Context(), sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = box.Close() })
	p := newPlace(t)
	p.tune = func(a *app) {
		a.tester = func(a *app, _ testFlags) flow.Tester {
			return probe.New(probe.Options{Dial: box.Dial, RootCAs: box.RootCAs(), KnownHosts: []probe.KnownHosts{{Data: box.KnownHosts()}}, Log: a.log.logger()})
		}
	}
	p.env["BB_TOKEN"], p.env["BBCONNECT_LOG"], p.env["USER"], p.env["TERM"], p.env["BB_PASSWORD"] = token("Zq9"), "1", "jenny", "xterm-256color", "BBDC-"+"MDAwMDAwMDAwMDAw"+strings.Repeat("Zq9x", 7)
	p.must("", payments("--save-failed")...)
	p.must("", "new", "--yes", "--save-failed", "--set", "overview.name=Stock Keeping", "--set", "details.url=https://bb.quibble-corp.com/scm/WARE/stock.git",
		"--set", "credentials.username=jenny.doe", "--set", "credentials.kind=http-access-token", "--set", "api.method=off", "--secret", "credentials.password=env:BB_PASSWORD")
	return p
}

func TestABugReportTellsWhatHelpsAndNothingOfWhoseItIs(t *testing.T) {
	t.Parallel()
	p := livedIn(t)
	text := p.report()
	for _, want := range []string{
		"# bbconnect bug report", "Nothing of this was sent", "## Versions", runtime.Version(), runtime.GOOS, "## Terminal", "TERM=xterm-256color", "BBCONNECT_HOME is set",
		"## Settings", "keystore: keyring", "## What is saved", "2 connectors, 0 files that cannot be used, 2 secrets", "cloud, http, Repo, API access EmailAndApiToken",
		"datacenter, http, Repo, API access off", "## What doctor sees, offline", "## Last tests", "fail token.clipped: 1", "CONNECTOR-1: fail token.clipped",
		"## Log", "```\ntime=2026-11-22T12:00:00.000Z", `command="bbconnect new"`, "msg=request", "path=/WORKSPACE-1/REPO-1.git/info/refs", "bb.quibble-corp.com", "host=bitbucket.org",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the report does not say %q", want)
		}
	}
	lower := strings.ToLower(text)
	for _, never := range []string{"acme", "ledger", "jdoe", "jenny", "payments", "stock", "ware", "Zq9Zq9", p.home} {
		if strings.Contains(lower, strings.ToLower(never)) {
			i := strings.Index(lower, strings.ToLower(never))
			t.Errorf("the report says %q: …%s…", never, text[max(0, i-80):min(len(text), i+60)])
		}
	}
	if t.Failed() {
		t.Log(text)
	}
	if hidden := p.report("--redact-hosts"); strings.Contains(hidden, "quibble") || !strings.Contains(hidden, "HOST-1") || !strings.Contains(hidden, "host=bitbucket.org") {
		t.Error("--redact-hosts does not replace the host, or replaces Cloud's")
	}
}

func TestABugReportIsAFileForItsOwnerAndSaysWhereItIs(t *testing.T) {
	t.Parallel()
	p := newPaymentsPlace(t)
	path := filepath.Join(p.home, "report.md")
	s := p.must("", "bug-report", "--out", path)
	contains(t, "standard error", s.err, "✓ Wrote", "report.md. Nothing was sent.", "Read it first")
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
	contains(t, "the report", p.readFile(path), "There is none. Repeat what went wrong with --verbose")
	if s := p.run("", "bug-report", "--out", path); s.code != exitUsage {
		t.Errorf("over a file it exits %d", s.code)
	}
	p.must("", "bug-report", "--out", path, "--force")
	if s := p.run("", "bug-report", "--json"); s.code != exitUsage {
		t.Errorf("as JSON it exits %d", s.code)
	}
}

func TestABugReportIsMadeOfAMachineThatIsBroken(t *testing.T) {
	t.Parallel()
	p := damagedPlace(t)
	p.broken[model.WhereKeyring] = noKeyring()
	for name, text := range map[string]string{"data/secrets.yaml": "version: 9\n", "config/config.yaml": "version: [", "state/undo.jsonl": "{"} {
		path := filepath.Join(p.home, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	contains(t, "the report", p.report(), "store.damaged", "store.newer", "They cannot be read", "cannot be read: store.newer")
}

func TestNoSecretIsInABugReport(t *testing.T) {
	t.Parallel()
	canary := token("Vw4")
	p := newPlace(t)
	inVault(t, p)
	p.env["BB_TOKEN"], p.env["BBCONNECT_LOG"] = canary, "1"
	p.verdict = func(req model.TestRequest) model.TestResult {
		r := fails(req)
		r.Problem.What = "The server says " + canary // as a hostile one might
		return r
	}
	p.must("", append(payments("--save-failed"), "--keystore", "vault")...)
	p.run("", "test", "--all", "-v")
	p.run("", "show", canary)
	// What others may have put into a log that people can write to.
	log := filepath.Join(p.home, "state", "log", "bbconnect.log")
	f, err := os.OpenFile(log, os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteString("x=" + canary + " \x1b[2J y=\"" + canary + "\" https://jdoe:" + canary + "@bitbucket.org/acme/x.git?t=" + canary + "\n" + canary + "\n")
	if err = errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	text := p.report() + p.report("--redact-hosts")
	if part, found := leaks(text, canary[12:]); found {
		i := strings.Index(text, part)
		t.Errorf("%q is in the report: …%s…", part, text[max(0, i-200):min(len(text), i+50)])
	}
	if strings.Contains(text, "\x1b") {
		t.Error("an escape sequence is in the report")
	}
}

func TestTheRedactorKnowsNamesByPlaceAndByList(t *testing.T) {
	t.Parallel()
	r := newRedactor(true, "/home/jenny", "jenny", "jennys-laptop")
	r.learn([]model.Saved{{Connector: model.Connector{
		ID: "pay", Name: "Payments and more", Scope: model.Scope{Org: "finance", Project: "cards"}, URL: "https://bb.quibble.com/scm/WARE/ledger.git",
		Username: model.Login{Plain: "jdoe"}, TestRepository: "",
	}}, {Connector: model.Connector{ID: "go2", Name: "Pay&Go", URL: "https://bb.quibble.com/scm/WARE/ledger.git"}}}, []model.SecretInfo{{Name: "org/finance/bb_token", Username: "robot", Host: "bb.quibble.com"}})
	for in, want := range map[string]string{
		"/home/jenny/.config":                                "~/.config",
		"jenny on jennys-laptop":                             "USER-3 on MACHINE-1",
		"Ledger.git of WARE, robot.":                         "REPO-1.git of PROJECT-2, USER-2.",
		"payments AND more, finance/cards/pay":               "CONNECTOR-1, CONNECTOR-1",
		"mail a.b@c.example.com, git@bb.quibble.com":         "mail EMAIL, git@HOST-1",
		"https://x:y@bb.quibble.com:7990/scm/WARE/other.git": "https://HOST-1:7990/scm/PROJECT-2/NAME.git",
		"git@bitbucket.org:acme/secret-thing.git":            "git@bitbucket.org:NAME/NAME.git",
		"https://api.bitbucket.org/2.0/workspaces/acme?a=b":  "https://api.bitbucket.org/2.0/workspaces/NAME",
		"Pay&Go pay&go!":                                     "CONNECTOR-2 CONNECTOR-2!",
		"org.bb_token and org/finance/bb_token":              "SECRET-1 and SECRET-1",
		"nothing to see (cred.rejected)":                     "nothing to see (cred.rejected)",
	} {
		if got := r.text(in); !strings.EqualFold(got, want) {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{
		`msg=save connector=unknown/one new=true`:                  `msg=save connector=CONNECTOR-3 new=true`,
		`msg=save connector=unknown/one`:                           `msg=save connector=CONNECTOR-3`,
		`msg=request path=/acme/x.git/info/refs host=b.q.com:8`:    `msg=request path=/NAME/NAME.git/info/refs host=HOST-2:8`,
		`msg=ssh path=~jenny/repo address=bitbucket.org:22`:        `msg=ssh path=NAME/NAME address=bitbucket.org:22`,
		`msg="store value" where=keyring secret="account/a \"b\""`: `msg="store value" where=keyring secret=SECRET-2`,
		`fingerprint=SHA256:abc change=made other="jenny's own"`:   `fingerprint=FINGERPRINT change=made other="USER-3's own"`,
		`no fields at all`: `no fields at all`,
	} {
		if got := r.logLine(in); got != want {
			t.Errorf("%s\nbecomes\n%s, want\n%s", in, got, want)
		}
	}
}

// FuzzRedactor feeds lines that anybody may have written into a log.
func FuzzRedactor(f *testing.F) {
	f.Add("msg=request path=/acme/x.git host=h \"unclosed")
	f.Add("https://jdoe:pw@h/x?y a@b.cc \x1b[2J")
	f.Fuzz(func(t *testing.T, line string) {
		r := newRedactor(true, "/home/jenny", "jennyname", "laptopname")
		r.learn(nil, nil)
		for _, out := range []string{r.text(line), r.logLine(line)} {
			if strings.Contains(out, "\x1b") {
				t.Errorf("%q holds an escape", out)
			}
		}
		if got := r.text("x jennyname y"); got != "x USER-1 y" {
			t.Errorf("after %q: %q", line, got)
		}
	})
}
