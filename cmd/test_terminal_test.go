//go:build !windows

package cmd

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"bbconnect/internal/flow"
	"bbconnect/internal/terminal"
)

// savedFor saves connectors for a program that runs with that home, in its
// vault, and returns what it needs to open it, with the token.
func savedFor(t *testing.T, home string, names ...string) (env []string, secret string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "passphrase")
	if err := os.WriteFile(file, []byte("correct horse "+"battery\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	secret = token("Zt4")
	p := newPlace(t)
	p.env = map[string]string{"BBCONNECT_HOME": filepath.Join(home, "bbconnect"), "BB_TOKEN": secret, "BBCONNECT_VAULT_PASSPHRASE_FILE": file}
	p.tune = func(a *app) { a.places = func(a *app) flow.Keystores { return newKeystores(a) } }
	for i, name := range names {
		more := []string{"--no-test", "--keystore", "vault", "--set", "overview.name=" + name}
		if i > 0 {
			more = append(more, "--set", "credentials.secret=account."+strings.ToLower(name))
		}
		p.must("", payments(more...)...)
	}
	return []string{"BBCONNECT_VAULT_PASSPHRASE_FILE=" + file}, secret
}

// testing starts bbconnect test on a terminal of a size, against a scenario.
func testingOn(t *testing.T, cols, rows int, scenario, home string, env []string, args ...string) *terminal.Session {
	t.Helper()
	return terminal.Start(t, terminal.Config{
		Program: thisProgram(t), Args: append([]string{"test"}, args...), Home: home, Cols: cols, Rows: rows, Env: append(env, "TEST_SCENARIO="+scenario),
	})
}

// runs reports whether a screen shows for how long a check has been running; which
// moments are seen is up to the machine.
func runs(screen string) bool { return regexp.MustCompile(` · .*[0-9]\.[0-9] s`).MatchString(screen) }

func TestChecksTickInPlaceAndTheCardFollows(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{80, 24}, {60, 16}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			t.Parallel()
			home := t.TempDir()
			env, secret := savedFor(t, home, "Payments")
			s := testingOn(t, size[0], size[1], "hangs", home, env, "Payments", "--timeout", "2500ms")
			s.WaitUntil("the seconds of a running check", runs)
			s.WaitFor("net.timeout")
			if code := s.Wait(); code != exitFailed {
				t.Errorf("exits %d:\n%s", code, s.Screen())
			}
			if screen := s.Screen(); runs(screen) {
				t.Errorf("the live line was left behind:\n%s", screen)
			}
			if part, found := leaks(string(s.Raw()), secret); found {
				t.Errorf("%q was drawn", part)
			}
		})
	}
}

func TestTerminalsThatCannotDrawGetPlainLines(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		env  string
		args []string
	}{{"TERM=dumb", nil}, {"ACCESSIBLE=1", nil}, {"NO_COLOR=1", []string{"--plain"}}} {
		t.Run(tc.env, func(t *testing.T) {
			t.Parallel()
			home := t.TempDir()
			env, _ := savedFor(t, home, "Payments")
			s := testingOn(t, 80, 24, "dns-not-found", home, append(env, tc.env), append(tc.args, "Payments")...)
			if code := s.Wait(); code != exitFailed {
				t.Errorf("exits %d:\n%s", code, s.Screen())
			}
			if strings.Contains(string(s.Raw()), "\x1b[K") {
				t.Errorf("something was drawn in place:\n%q", s.Raw())
			}
		})
	}
}

func TestCtrlCEndsATestAtOnceAndLeavesTheTerminalClean(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"Payments"}, {"--all"}} {
		t.Run(args[0], func(t *testing.T) {
			t.Parallel()
			home := t.TempDir()
			env, _ := savedFor(t, home, "Payments")
			s := testingOn(t, 60, 16, "hangs", home, env, append(args, "--timeout", "10m")...)
			s.WaitUntil("something that runs", func(screen string) bool {
				return runs(screen) || strings.Contains(screen, "0/1, 0 failed, ")
			})
			s.Press("ctrl+c")
			if code := s.Wait(); code != exitCancelled {
				t.Errorf("exits %d:\n%s", code, s.Screen())
			}
			if screen := s.Screen(); !strings.Contains(screen, "Cancelled.") || strings.Contains(screen, "[--") {
				t.Errorf("left behind:\n%s", screen)
			}
		})
	}
}

func TestABarCountsAndTheCausesFollow(t *testing.T) {
	t.Parallel()
	for _, cols := range []int{80, 60} {
		t.Run(fmt.Sprint(cols), func(t *testing.T) {
			t.Parallel()
			home := t.TempDir()
			env, secret := savedFor(t, home, "Payments", "Ledger", "Stock")
			s := testingOn(t, cols, 24, "refused", home, env, "--all")
			screen := s.WaitFor("3  net.refused", "Ledger, Payments, Stock", "0 passed")
			if code := s.Wait(); code != exitFailed {
				t.Errorf("exits %d:\n%s", code, s.Screen())
			}
			if strings.Contains(screen, "failed,") || !strings.Contains(string(s.Raw()), "/3, ") {
				t.Errorf("no bar, or one left behind:\n%s", screen)
			}
			if part, found := leaks(string(s.Raw()), secret); found {
				t.Errorf("%q was drawn", part)
			}
		})
	}
}
