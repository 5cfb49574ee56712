//go:build !windows

package cmd

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bbconnect/internal/sandbox"
	"bbconnect/internal/terminal"
)

// TestFortyConnectorsComeOffTheirAppPasswordsOnTheScreens is the same bad day by
// keyboard, from Home: a token without its scopes is refused before any change, one
// token heals five secrets, and all forty pass.
func TestFortyConnectorsComeOffTheirAppPasswordsOnTheScreens(t *testing.T) {
	t.Parallel()
	const connectors, secrets = 40, 5
	i, run := onVault(t, connectors, secrets)
	before := i.truth()
	s := run()
	s.WaitFor("40 connectors", "m migrate")
	s.Type("m")
	s.WaitFor("40 connectors, 5 secrets", "account.app_0", "– not yet")
	s.Press("enter")
	s.WaitFor("Paste the API token", "14 scopes. f1 goes step by step.")
	i.fills(s, sandbox.TokenAPIReadOnly)
	s.WaitFor("scope.missing", "write:webhook:bitbucket", "e paste another one")
	if after := i.truth(); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Error("a refused token changed something")
	}
	s.Type("e")
	s.WaitFor("Paste the API token")
	s.Press("ctrl+u")
	i.fills(s, sandbox.TokenAPI)
	s.WaitFor("One token for all of jdoe", "32 more connectors")
	s.Type("y")
	s.WaitFor("Verified as jdoe.", "a apply")
	s.Type("a")
	s.WaitFor("Replace 5 secrets in 40 connectors")
	s.Type("y")
	s.WaitFor("5 secrets of 5 replaced, 40 connectors passed.", "c confirm")
	s.Type("c")
	s.WaitFor("Keep the new values for good")
	s.Type("y")
	s.WaitFor("Confirmed: the old values are gone")
	s.Press("esc")
	s.WaitFor("40 connectors", "API token")
	s.WaitGone("App Password")
	s.Type("q")
	if code := s.Wait(); code != exitDone {
		t.Fatalf("it exits %d:\n%s", code, s.Screen())
	}
	i.showedNoSecret(s)
	i.passesAll(run("test", "--all", "--json"), connectors)
}

// onVault is an incident whose App Passwords are in the vault, and what runs the
// program in it on a terminal.
func onVault(t *testing.T, connectors, secrets int) (*incident, func(args ...string) *terminal.Session) {
	t.Helper()
	home := t.TempDir()
	passphrase := filepath.Join(t.TempDir(), "passphrase")
	if err := os.WriteFile(passphrase, []byte("correct horse "+"battery\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	i := newIncident(t, 0, 1, sandbox.Options{Seed: seed})
	i.env = map[string]string{"BBCONNECT_HOME": filepath.Join(home, "bbconnect"), "BBCONNECT_VAULT_PASSPHRASE_FILE": passphrase}
	i.inVault(connectors, secrets)
	return i, func(args ...string) *terminal.Session {
		t.Helper()
		return programOn(t, home, []string{"BBCONNECT_VAULT_PASSPHRASE_FILE=" + passphrase, "TEST_SCENARIO=healthy"}, args...)
	}
}

// fills gives the form a token.
func (i *incident) fills(s *terminal.Session, token sandbox.TokenName) {
	i.t.Helper()
	s.Paste(i.box.Secret(token))
	s.WaitFor("complete (checksum matches)")
	s.Press("tab", "ctrl+u")
	s.Type("jdoe@acme-corp.com")
	s.Press("tab", "ctrl+u")
	s.Type("1y")
	s.WaitFor("in 365 days")
	s.Press("ctrl+n")
}

// withoutVault drops the vault's own files: it is sealed anew by every write.
func withoutVault(files map[string]string) map[string]string {
	maps.DeleteFunc(files, func(name, _ string) bool { return strings.Contains(name, "vault") })
	return files
}

// Whatever it was doing when it was killed, the next Home says so, and everything
// can be taken back.
func TestAKilledMigrationIsTakenBackFromHome(t *testing.T) {
	t.Parallel()
	i, run := onVault(t, 12, 2)
	before := withoutVault(i.truth())
	s := run()
	s.WaitFor("12 connectors", "m migrate")
	s.Type("m")
	s.WaitFor("12 connectors, 2 secrets", "account.app_0")
	s.Press("enter")
	s.WaitFor("Paste the API token")
	i.fills(s, sandbox.TokenAPI)
	s.WaitFor("One token for all of jdoe")
	s.Type("y")
	s.WaitFor("Verified as jdoe.", "a apply")
	s.Type("a")
	s.WaitFor("Replace 2 secrets in 12 connectors")
	s.Type("y")
	s.WaitUntil("the journal", func(string) bool {
		found, err := filepath.Glob(filepath.Join(i.env["BBCONNECT_HOME"], "*", "migration.json"))
		return err == nil && len(found) == 1
	})
	s.Signal(os.Kill)
	_ = s.Wait()

	s = run()
	s.WaitFor("A migration is not ", " yet", "12 connectors")
	s.Type("m")
	s.WaitFor("A migration waits for you", "enter look at it")
	s.Press("enter")
	s.WaitFor("z undo all")
	s.Type("z")
	s.WaitFor("byte for byte")
	s.Type("y")
	s.WaitFor("Taken back: every document and every value is as it was.")
	s.Press("esc")
	s.WaitFor("12 connectors", "n new")
	s.WaitGone("A migration is not ")
	s.Type("q")
	if code := s.Wait(); code != exitDone {
		t.Fatalf("it exits %d:\n%s", code, s.Screen())
	}
	if after := withoutVault(i.truth()); !maps.Equal(after, before) {
		t.Errorf("before:\n%v\nafter:\n%v", before, after)
	}
}
