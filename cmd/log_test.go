package cmd

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"bbconnect/internal/flow"
	"bbconnect/internal/probe"
	"bbconnect/internal/sandbox"
	"bbconnect/model"
)

// logged is what a machine's log says.
func (p *place) logged() string {
	p.t.Helper()
	var out strings.Builder
	for name, text := range p.files() {
		if strings.HasPrefix(name, "state/log/") {
			out.WriteString(text)
		}
	}
	return out.String()
}

func TestTheLogIsWrittenOnlyWhereItIsAskedFor(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		env  string
		args []string
		want bool
	}{
		"unasked":              {"", []string{"list"}, false},
		"switched off":         {"0", []string{"list"}, false},
		"by the environment":   {"1", []string{"list"}, true},
		"by the flag":          {"", []string{"list", "--verbose"}, true},
		"by the flag in front": {"", []string{"--verbose", "list"}, true},
		"by test -v":           {"", []string{"test", "Payments", "-v"}, true},
		"a completion":         {"1", []string{"__complete", "show", ""}, false},
		"a wrong command":      {"1", []string{"nosuch"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPaymentsPlace(t)
			p.env["BBCONNECT_LOG"] = c.env
			plain := newPaymentsPlace(t).run("", c.args...)
			s := p.run("", c.args...)
			if got := p.logged() != ""; got != c.want {
				t.Errorf("a log is written: %t, want %t", got, c.want)
			}
			if s.code != plain.code || s.out != plain.out || s.err != plain.err {
				t.Errorf("the run says something else with a log:\n%s%s\n%s%s", s.out, s.err, plain.out, plain.err)
			}
		})
	}
}

func TestTheLogTellsWhatWasDoneAndHowItEnded(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.env["BB_TOKEN"], p.env["BBCONNECT_LOG"] = token("kQ7"), "1"
	p.must("", payments()...)
	p.must("", "test", "Payments", "--jobs", "2", "--json")
	p.must("", "undo")
	p.run("", "show", "nosuch")
	log := p.logged()
	for _, want := range []string{
		`command="bbconnect new" flags="secret set yes" args=0`, "os=" + runtime.GOOS, `msg="store value" where=keyring secret=account/Payments_token`,
		`msg="record secret" secret=account/Payments_token where=keyring kind=api-token`, "msg=save connector=Payments new=true", "msg=end exit=0",
		`msg=check connector=Payments check=reach status=pass`, "msg=test connector=Payments verdict=pass", `flags="jobs json"`, "msg=undo connector=Payments change=made",
		`level=WARN msg=end exit=3 took=0s code=store.not-found`, "time=2026-11-22T12:00:00.000Z",
	} {
		if !strings.Contains(log, want) {
			t.Errorf("the log does not say %q:\n%s", want, log)
		}
	}
	for _, never := range []string{"nosuch", "acme", "ledger", "jdoe", "BB_TOKEN"} {
		if strings.Contains(log, never) {
			t.Errorf("the log says %q, which was a value:\n%s", never, log)
		}
	}
	if info, err := os.Stat(filepath.Join(p.home, "state", "log", "bbconnect.log")); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
}

func TestALogThatCannotBeWrittenIsNoReasonToFail(t *testing.T) {
	t.Parallel()
	p := newPaymentsPlace(t)
	p.env["BBCONNECT_LOG"] = "1"
	if err := os.WriteFile(filepath.Join(p.home, "state", "log"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := p.must("", "list")
	contains(t, "standard error", s.err, "No log is written")
}

// TestTheLogNeverHoldsASecret plants canaries in every slot and every place they
// do not belong, goes through the commands with the log on, against servers and
// against a real vault, and searches the log for parts and encodings of them.
func TestTheLogNeverHoldsASecret(t *testing.T) {
	t.Parallel()
	canary := token("Zq9")
	made, err := newKeyTool().Generate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for name, verdict := range map[string]func(model.TestRequest) model.TestResult{"passing": passes, "failing": fails} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			if name == "passing" {
				inVault(t, p)
			}
			p.verdict = verdict
			p.env["BB_TOKEN"], p.env["BBCONNECT_LOG"], p.env["KEY"] = canary, "1", made.Reveal()
			where := map[bool]string{true: "vault", false: "keyring"}[name == "passing"]
			for _, args := range [][]string{
				payments("--save-failed", "--keystore", where),
				{"new", "--yes", "--save-failed", "--keystore", where, "--set", "overview.name=Keys", "--set", "details.url=git@bitbucket.org:acme/ledger.git", "--set", "api.method=off", "--secret", "credentials.sshKey=env:KEY"},
				{"new", "--yes", "--secret", "credentials.password=" + canary},
				{"new", "--yes", "--set", "details.url=https://jdoe:" + canary + "@bitbucket.org/acme/ledger.git"},
				{"show", canary},
				{"delete", canary, "--yes"},
				{canary},
				{"list", "--" + canary},
				{"secret", "set", "account." + canary, "--from", "env:BB_TOKEN"},
				{"secret", "verify", "--all"},
				{"secret", "rename", "account.Payments_token", "other"},
				{"test", "--all", "-v"},
				{"test", "Payments", "--secret", "account.other=env:BB_TOKEN"},
				{"edit", "Payments", "--yes", "--save-failed", "--secret", "credentials.password=env:BB_TOKEN", "--verbose"},
				{"git-credential", "get"},
				{"backup", "create", filepath.Join(t.TempDir(), "b.age"), "--passphrase-from", canary},
				{"doctor"},
			} {
				p.run("protocol=https\nhost=bitbucket.org\npath=acme/ledger.git\n\n", args...)
			}
			searchLog(t, p, canary, keyCanary(made.Reveal()), base64.StdEncoding.EncodeToString([]byte("x:" + canary))[8:40])
		})
	}
}

// searchLog looks for parts of secrets in a log that says something.
func searchLog(t *testing.T, p *place, secrets ...string) {
	t.Helper()
	log := p.logged()
	if strings.Count(log, "\n") < 10 {
		t.Fatalf("the log says next to nothing:\n%s", log)
	}
	for _, secret := range secrets {
		if part, found := leaks(log, secret[min(12, len(secret)-12):]); found {
			i := strings.Index(log, part)
			t.Errorf("%q is in the log: …%s…", part, log[max(0, i-200):min(len(log), i+60)])
		}
	}
}

func TestRequestsAreInTheLogWithTheirPhasesAndNothingElse(t *testing.T) {
	t.Parallel()
	box, err := sandbox.Start(t.Context(), sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = box.Close() })
	p := newPlace(t)
	p.tune = func(a *app) {
		a.tester = func(a *app, _ testFlags) flow.Tester {
			return probe.New(probe.Options{Dial: box.Dial, RootCAs: box.RootCAs(), KnownHosts: []probe.KnownHosts{{Data: box.KnownHosts()}}, Now: time.Now, Log: a.log.logger()})
		}
	}
	p.env["BB_TOKEN"], p.env["BBCONNECT_LOG"] = token("Zq9"), "1"
	p.run("", payments("--save-failed")...)
	log := p.logged()
	for _, want := range []string{"msg=request method=GET host=bitbucket.org path=/acme/ledger.git/info/refs status=", "login=basic", `phases="dial `, "tls ", "answer ", "host=api.bitbucket.org"} {
		if !strings.Contains(log, want) {
			t.Errorf("the log does not say %q:\n%s", want, log)
		}
	}
	searchLog(t, p, p.env["BB_TOKEN"])
	if strings.Contains(log, "?") {
		t.Errorf("a query is in the log:\n%s", log)
	}
}

func TestTheLastDoorTakesOutWhatPassedThroughTheRun(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	s := &scrubber{to: &out}
	s.learn(model.NewSecret("hunter2hunter2"), model.NewSecret("-----BEGIN\nline \"two\" of it\n-----END"), model.NewSecret("ab"), model.Secret{})
	for _, line := range []string{"x=hunter2hunter2 y", `k="line \"two\" of it"`, "ab is a word", "token=" + token("kQ7") + " z"} {
		if n, err := s.Write([]byte(line + "\n")); n != len(line)+1 || err != nil {
			t.Errorf("%d %v", n, err)
		}
	}
	if got := out.String(); strings.Contains(got, "hunter") || strings.Contains(got, "two") || strings.Contains(got, "kQ7kQ7") || !strings.Contains(got, "ab is a word") || strings.Count(got, "\n") != 4 {
		t.Error(got)
	}
}

func TestFlagsAreNamedWithoutTheirValues(t *testing.T) {
	t.Parallel()
	root := newRoot(newTestApp(strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{}))
	for line, want := range map[string]string{
		"test Payments --jobs 3 -v":        "jobs verbose",
		"test --jobs=3 --secret --all=env": "jobs secret",
		"test Payments":                    "",
		"export -oout -o out --all":        "all output",
		"show --nosuch":                    "",
	} {
		words := strings.Fields(line)
		c, rest, err := root.Find(words)
		if err != nil {
			t.Fatal(err)
		}
		_ = c.ParseFlags(rest)
		if got := strings.Join(flagNames(c, words), " "); got != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
		root = newRoot(newTestApp(strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{}))
	}
	if got := fmt.Sprint(flagNames(root, nil)); got != "[]" {
		t.Error(got)
	}
}
