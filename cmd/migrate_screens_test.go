//go:build !windows

package cmd

import (
	"fmt"
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
	home := t.TempDir()
	passphrase := filepath.Join(t.TempDir(), "passphrase")
	if err := os.WriteFile(passphrase, []byte("correct horse "+"battery\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	i := newIncident(t, 0, 1, sandbox.Options{Seed: seed})
	i.env = map[string]string{"BBCONNECT_HOME": filepath.Join(home, "bbconnect"), "BBCONNECT_VAULT_PASSPHRASE_FILE": passphrase}
	i.inVault(connectors, secrets)
	before := i.truth()
	run := func(args ...string) *terminal.Session {
		t.Helper()
		return programOn(t, home, []string{"BBCONNECT_VAULT_PASSPHRASE_FILE=" + passphrase, "TEST_SCENARIO=healthy"}, args...)
	}

	s := run()
	s.WaitFor("40 connectors", "m migrate")
	s.Type("m")
	s.WaitFor("40 connectors, 5 secrets", "account.app_0", "– not yet")
	s.Press("enter")
	s.WaitFor("Paste the API token", "14 scopes. f1 goes step by step.")
	fill := func(token sandbox.TokenName) {
		t.Helper()
		s.Paste(i.box.Secret(token))
		s.WaitFor("complete (checksum matches)")
		s.Press("tab", "ctrl+u")
		s.Type("jdoe@acme-corp.com")
		s.Press("tab", "ctrl+u")
		s.Type("1y")
		s.WaitFor("in 365 days")
		s.Press("ctrl+n")
	}
	fill(sandbox.TokenAPIReadOnly)
	s.WaitFor("scope.missing", "write:webhook:bitbucket", "e paste another one")
	if after := i.truth(); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Error("a refused token changed something")
	}
	s.Type("e")
	s.WaitFor("Paste the API token")
	s.Press("ctrl+u")
	fill(sandbox.TokenAPI)
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
	for _, secret := range []string{i.box.Secret(sandbox.TokenAPI), i.box.Secret(sandbox.TokenAPIReadOnly), i.box.Secret(sandbox.TokenAppPassword)} {
		if part, found := leaks(string(s.Raw()), secret); found {
			t.Errorf("%q was on the screen", part)
		}
	}
	after := run("test", "--all", "--json")
	if code := after.Wait(); code != exitDone {
		t.Errorf("after, the test of all exits %d:\n%s", code, after.Screen())
	}
	if n := strings.Count(string(after.Raw()), `"verdict":"pass"`); n != connectors {
		t.Errorf("%d of %d pass afterwards", n, connectors)
	}
}
