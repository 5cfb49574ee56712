package main

import (
	"strings"
	"testing"
)

// run reports on events, written one a line.
func run(t *testing.T, noSkips bool, lines ...string) (good bool, out string) {
	t.Helper()
	var b strings.Builder
	r := newReport(&b)
	if err := r.read(strings.NewReader(strings.Join(lines, "\n"))); err != nil {
		t.Fatal(err)
	}
	good = r.finish(noSkips)
	return good, b.String()
}

const (
	passOne = `{"Action":"pass","Package":"p","Test":"TestA"}`
	passPkg = `{"Action":"pass","Package":"p"}`
	okLine  = `{"Action":"output","Package":"p","Output":"ok  \tp\t0.1s\n"}`
	skipOne = `{"Action":"output","Package":"p","Test":"TestS","Output":"    s_test.go:7: no sshd on this machine\n"}
{"Action":"output","Package":"p","Test":"TestS","Output":"--- SKIP: TestS (0.00s)\n"}
{"Action":"skip","Package":"p","Test":"TestS"}`
	failOne = `{"Action":"output","Package":"p","Test":"TestF","Output":"=== RUN   TestF\n"}
{"Action":"output","Package":"p","Test":"TestF","Output":"    f_test.go:9: got 1, want 2\n"}
{"Action":"output","Package":"p","Test":"TestF","Output":"--- FAIL: TestF (0.00s)\n"}
{"Action":"fail","Package":"p","Test":"TestF"}`
	failPkg = `{"Action":"output","Package":"p","Output":"FAIL\tp\t0.1s\n"}
{"Action":"fail","Package":"p"}`
	noTests = `{"Action":"output","Package":"q","Output":"?   \tq\t[no test files]\n"}
{"Action":"skip","Package":"q"}`
	chatter = `{"Action":"output","Package":"p","Test":"TestA","Output":"    a_test.go:3: chatter\n"}`
)

func TestVerdictOfARun(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		noSkips  bool
		lines    []string
		good     bool
		has, not string
	}{
		{"all pass, and say nothing", false, []string{chatter, passOne, okLine, passPkg}, true, "1 tests passed in 1 packages, 0 failed, 0 skipped", "chatter"},
		{"the lines of go test stay", false, []string{passOne, okLine, passPkg}, true, "ok  \tp\t0.1s", ""},
		{"a skip is named with its reason", false, []string{passOne, skipOne, passPkg}, true, "SKIPPED  p TestS\n           no sshd on this machine\n", ""},
		{"a skip fails where none may be", true, []string{passOne, skipOne, passPkg}, false, "Skipped tests fail this run", ""},
		{"a package without tests is no skip", true, []string{passOne, passPkg, noTests}, true, "0 skipped", "Skipped"},
		{"a failure shows its output and its name", false, []string{failOne, failPkg}, false, "got 1, want 2", "=== RUN"},
		{"a failure is counted once", false, []string{passOne, failOne, failPkg}, false, "1 failed", ""},
		{"no events at all", false, nil, false, "No test ran", ""},
		{"only packages without tests", false, []string{noTests}, false, "No test ran", ""},
		{"what the go command says itself stays", false, []string{"go: no such module", passOne, passPkg}, true, "go: no such module", ""},
	} {
		good, out := run(t, c.noSkips, c.lines...)
		if good != c.good {
			t.Errorf("%s: good is %t\n%s", c.name, good, out)
		}
		if !strings.Contains(out, c.has) {
			t.Errorf("%s: %q is missing from\n%s", c.name, c.has, out)
		}
		if c.not != "" && strings.Contains(out, c.not) {
			t.Errorf("%s: %q should not be in\n%s", c.name, c.not, out)
		}
	}
}

func TestATestThatDiedIsShownWithItsOutput(t *testing.T) {
	t.Parallel()
	good, out := run(t, false,
		`{"Action":"output","Package":"p","Test":"TestP","Output":"panic: nil map\n"}`,
		`{"Action":"fail","Package":"p"}`)
	if good || !strings.Contains(out, "panic: nil map") || !strings.Contains(out, "FAILED   p TestP") {
		t.Errorf("good is %t\n%s", good, out)
	}
}

func TestABuildThatFailsIsAFailure(t *testing.T) {
	t.Parallel()
	good, out := run(t, false, passOne, passPkg,
		`{"ImportPath":"q","Action":"build-output","Output":"q.go:3:1: syntax error\n"}`,
		`{"ImportPath":"q","Action":"build-fail"}`,
		`{"Action":"output","Package":"q","Output":"FAIL\tq [build failed]\n"}`,
		`{"Action":"fail","Package":"q","FailedBuild":"q"}`)
	if good || !strings.Contains(out, "syntax error") || !strings.Contains(out, "FAILED   q") {
		t.Errorf("good is %t\n%s", good, out)
	}
}

func TestTwoPackagesDoNotMix(t *testing.T) {
	t.Parallel()
	_, out := run(t, false,
		`{"Action":"output","Package":"p","Test":"TestX","Output":"of p\n"}`,
		`{"Action":"output","Package":"q","Test":"TestX","Output":"of q\n"}`,
		`{"Action":"pass","Package":"q","Test":"TestX"}`,
		`{"Action":"fail","Package":"p","Test":"TestX"}`)
	if !strings.Contains(out, "of p") || strings.Contains(out, "of q") {
		t.Errorf("output of the wrong test:\n%s", out)
	}
}

func TestASkipWithoutAReasonSaysSo(t *testing.T) {
	t.Parallel()
	if got := reason(""); got != "it does not say why" {
		t.Errorf("reason %q", got)
	}
}
