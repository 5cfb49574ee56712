//go:build !windows

package cmd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bbconnect/internal/terminal"
)

// thisProgram is where this test's own executable is bbconnect: under that name the
// test program is the program (TestMain).
func thisProgram(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "bbconnect")
	if err := os.Symlink(self, path); err != nil {
		t.Fatal(err)
	}
	return path
}

// onTerminal starts this test's own executable as bbconnect on a real terminal,
// with a vault, since no keyring answers there.
func onTerminal(t *testing.T, home string, args ...string) *terminal.Session {
	t.Helper()
	return terminal.Start(t, terminal.Config{
		Program: thisProgram(t), Args: args, Home: home, Cols: 100, Rows: 40, Env: []string{"TEST_SCENARIO=healthy"},
	})
}

// TestATokenTypedAtThePlainPromptIsNeverShown answers every question of a real
// terminal, the vault's passphrase twice and the token among them.
func TestATokenTypedAtThePlainPromptIsNeverShown(t *testing.T) {
	t.Parallel()
	home, canary, passphrase := t.TempDir(), token("Zq9"), "correct horse "+"battery"
	s := onTerminal(t, home, "new", "--plain", "--keystore", "vault", "--no-test")
	for _, step := range []struct{ asked, answer string }{
		{"Name: ", "Payments"},
		{"Id [Payments]: ", ""},
		{"Description (optional): ", "for the nightly build"},
		{"Tags (optional): ", ""},
		{"Scope [Account]: ", ""},
		{"Bitbucket address: ", "https://bitbucket.org/acme/ledger.git"},
		{"URL type [Repository]: ", ""},
		{"Connection type [HTTP]: ", ""},
		{"Choose a passphrase for the vault (not shown): ", passphrase},
		{"again (not shown): ", passphrase},
		{"Paste the token (not shown): ", canary},
	} {
		s.WaitUntil(step.asked, func(screen string) bool { return endsWith(screen, step.asked) })
		s.Type(step.answer + "\r")
	}
	s.WaitFor("Atlassian API token")
	for range 12 {
		screen := s.WaitUntil("the next question or the end", func(screen string) bool {
			return strings.Contains(screen, "Saved Payments") || endsWith(screen, ":")
		})
		if strings.Contains(screen, "Saved Payments") {
			break
		}
		answer := ""
		if strings.Contains(lastLine(screen), "Email") && !strings.Contains(lastLine(screen), "[") {
			answer = "jdoe@acme-corp.com"
		}
		before := screen
		s.Type(answer + "\r")
		s.WaitUntil("an answer to it", func(screen string) bool { return screen != before && !endsWith(screen, lastLine(before)) })
	}
	if code := s.Wait(); code != exitDone {
		t.Fatalf("exits %d:\n%s", code, s.Screen())
	}
	for _, secret := range []string{canary, passphrase} {
		if part, found := leaks(string(s.Raw()), secret); found {
			t.Errorf("%q was drawn", part)
		}
	}
	if _, err := os.Stat(filepath.Join(home, "bbconnect", "data", "connectors", "Payments.yaml")); err != nil {
		t.Error(err)
	}
}

// lastLine is the line where the cursor waits.
func lastLine(screen string) string {
	lines := strings.Split(strings.TrimRight(screen, " \n"), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}

func endsWith(screen, text string) bool {
	return strings.HasSuffix(lastLine(screen), strings.TrimSpace(text))
}

func TestCtrlCAtThePlainPromptGivesTheTerminalBack(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	s := onTerminal(t, home, "new", "--plain")
	s.WaitUntil("the name", func(screen string) bool { return endsWith(screen, "Name:") })
	s.Type("Left behind\r")
	s.WaitUntil("the id", func(screen string) bool { return endsWith(screen, "Id [Left_behind]:") })
	s.Press("ctrl+c")
	if code := s.Wait(); code != exitCancelled {
		t.Errorf("exits %d:\n%s", code, s.Screen())
	}
	s = onTerminal(t, home, "new", "--plain")
	s.WaitFor("An unfinished connector: Left behind", "Go on with it?")
	s.Type("\r")
	s.WaitUntil("the name as it was", func(screen string) bool { return endsWith(screen, "Name [Left behind]:") })
	s.Type("quit\r")
	if code := s.Wait(); code != exitCancelled {
		t.Errorf("exits %d:\n%s", code, s.Screen())
	}
}

func TestDeletingOnATerminalAsksFirst(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	p := newPlace(t)
	p.env["BBCONNECT_HOME"], p.env["BB_TOKEN"] = filepath.Join(home, "bbconnect"), token("kQ7")
	p.must("", payments()...)
	s := onTerminal(t, home, "delete", "Payments")
	s.WaitFor("only this connector uses it", "Delete Payments (Payments)?")
	s.Type("no\r")
	if code := s.Wait(); code != exitCancelled {
		t.Errorf("exits %d:\n%s", code, s.Screen())
	}
	if p.run("", "show", "Payments").code != exitDone {
		t.Error("a no deleted the connector")
	}
	s = onTerminal(t, home, "delete", "Payments")
	s.WaitFor("Delete Payments (Payments)?")
	s.Type("yes\r")
	s.WaitFor("Delete its secrets too")
	s.Type("no\r")
	if code := s.Wait(); code != exitDone {
		t.Errorf("exits %d:\n%s", code, s.Screen())
	}
	if p.run("", "show", "Payments").code != exitNotFound {
		t.Error("a yes did not delete the connector")
	}
}
