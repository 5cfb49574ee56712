//go:build !windows

package cmd

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bbconnect/internal/flow"
	"bbconnect/internal/sandbox"
	"bbconnect/internal/terminal"
	"bbconnect/model"
)

// TestFortyConnectorsComeOffTheirAppPasswordsOnATerminal is the job on a bad day, by
// the real program on a real terminal, against a Bitbucket that refuses App Passwords
// as the real one does: 401 by REST, 410 by git.
func TestFortyConnectorsComeOffTheirAppPasswordsOnATerminal(t *testing.T) {
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
	run := func(args ...string) *terminal.Session {
		t.Helper()
		return programOn(t, home, []string{"BBCONNECT_VAULT_PASSPHRASE_FILE=" + passphrase, "TEST_SCENARIO=healthy"}, args...)
	}
	before := run("test", "--all", "--json")
	if code := before.Wait(); code != exitFailed {
		t.Fatalf("before, the test of all exits %d", code)
	}

	s := run("migrate")
	s.WaitFor("40 connectors, 5 secrets")
	s.WaitFor("What replaces it")
	s.Type("\r")
	s.WaitFor("write:webhook:bitbucket")
	s.WaitFor("Paste the new API token")
	s.Type(i.box.Secret(sandbox.TokenAPIReadOnly) + "\r")
	s.WaitFor("Email of the Atlassian account")
	s.Type("jdoe@acme-corp.com\r")
	s.WaitFor("Day it ends")
	s.Type("1y\r")
	s.WaitFor("scope.missing")
	again := func(text string) { // what was asked before stands on the screen already
		t.Helper()
		s.WaitUntil("another "+text, func(string) bool { return strings.Count(string(s.Raw()), text) >= 2 })
	}
	again("Paste the new API token")
	s.Type(i.box.Secret(sandbox.TokenAPI) + "\r")
	again("Email of the Atlassian account")
	s.Type("jdoe@acme-corp.com\r")
	again("Day it ends")
	s.Type("1y\r")
	for n := 1; n < secrets; n++ {
		s.WaitUntil("the offer of the same token for secret "+fmt.Sprint(n), func(screen string) bool {
			return strings.Count(strings.Join(strings.Fields(string(s.Raw())), " "), "Use the token of") >= n
		})
		s.Type("yes\r")
	}
	s.WaitFor("then replace?")
	s.Type("yes\r")
	s.WaitFor("5 secrets of 5 replaced, 40 connectors passed")
	s.WaitFor("Delete them now?")
	s.Type("yes\r")
	s.WaitFor("Confirmed")
	if code := s.Wait(); code != exitDone {
		t.Fatalf("migrate exits %d:\n%s", code, s.Screen())
	}
	i.showedNoSecret(s)
	i.passesAll(run("test", "--all", "--json"), connectors)
}

// showedNoSecret holds that a session never showed a token, nor a part of one.
func (i *incident) showedNoSecret(s *terminal.Session) {
	i.t.Helper()
	for _, secret := range []string{i.box.Secret(sandbox.TokenAPI), i.box.Secret(sandbox.TokenAPIReadOnly), i.box.Secret(sandbox.TokenAppPassword)} {
		if part, found := leaks(string(s.Raw()), secret); found {
			i.t.Errorf("%q was on the screen", part)
		}
	}
}

// passesAll holds that a test of all connectors passes for each of them.
func (i *incident) passesAll(test *terminal.Session, connectors int) {
	i.t.Helper()
	if code := test.Wait(); code != exitDone {
		i.t.Errorf("the test of all exits %d:\n%s", code, test.Screen())
	}
	if n := strings.Count(string(test.Raw()), `"verdict":"pass"`); n != connectors {
		i.t.Errorf("%d of %d pass", n, connectors)
	}
}

// inVault saves connectors whose App Passwords are in the vault.
func (i *incident) inVault(connectors, secrets int) {
	i.t.Helper()
	i.tune = func(a *app) { a.places = func(a *app) flow.Keystores { return newKeystores(a) } }
	a := newTestApp(strings.NewReader(""), &safeBuffer{}, &safeBuffer{})
	i.wire(a)
	if err := a.connect(); err != nil {
		i.t.Fatal(err)
	}
	vault, err := a.jobs.Keystores.Keystore(model.WhereVault)
	if err != nil {
		i.t.Fatal(err)
	}
	for n := range connectors {
		i.save(n, n%secrets, "")
	}
	for n := range secrets {
		name := model.SecretName(fmt.Sprintf("account/app_%d", n))
		if err := vault.Set(i.t.Context(), name, model.NewSecret(i.box.Secret(sandbox.TokenAppPassword))); err != nil {
			i.t.Fatal(err)
		}
		info := model.SecretInfo{
			Name: name, Type: model.SecretText, Kind: model.KindAppPassword, Where: model.WhereVault, Username: "jdoe", Host: "bitbucket.org", Created: today(),
		}
		if err := a.jobs.Library.PutSecret(i.t.Context(), info); err != nil {
			i.t.Fatal(err)
		}
	}
}

// programOn starts the program on a terminal of the usual size.
func programOn(t *testing.T, home string, env []string, args ...string) *terminal.Session {
	t.Helper()
	return terminal.Start(t, terminal.Config{Program: thisProgram(t), Args: args, Home: home, Cols: 80, Rows: 24, Env: env})
}
