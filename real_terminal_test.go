//go:build !windows

package main

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bbconnect/internal/realgit"
	"bbconnect/internal/terminal"
)

// insideKeyring marks the test process that runs in a session of its own with a
// real Secret Service.
const insideKeyring = "BBCONNECT_TEST_KEYRING"

// withKeyring runs the test again in a private session with a real, unlocked
// GNOME keyring, and reports whether this is that run.
func withKeyring(t *testing.T) bool {
	t.Helper()
	if os.Getenv(insideKeyring) != "" {
		return true
	}
	for _, needed := range []string{"dbus-run-session", "dbus-send", "gnome-keyring-daemon", "git"} {
		if _, err := exec.LookPath(needed); err != nil {
			if os.Getenv("BBCONNECT_CI") != "" {
				t.Fatalf("%s is not installed, and nothing may be left out here", needed)
			}
			t.Skipf("LEFT OUT: %s is not installed, so no real keyring was spoken to", needed)
		}
	}
	c := exec.CommandContext(t.Context(), "keystore/testdata/with-secret-service.sh", os.Args[0], "-test.run", "^"+t.Name()+"$", "-test.v")
	c.Env = append(os.Environ(), insideKeyring+"=1", programVariable+"="+program)
	out, err := c.CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("--- PASS: "+t.Name())) {
		t.Errorf("in the session with a keyring: %v\n%s", err, out)
	}
	return false
}

// secretCanary looks like a Data Center token, is made at run time, and must be
// found nowhere but in the keystore.
func secretCanary(t *testing.T) string {
	t.Helper()
	return "BB" + "DC-" + strings.Repeat("C4nary", 7) + "x" + strings.ToUpper(t.Name()[4:5])
}

// fillRealConnector walks the wizard for the repository of a real git server.
func fillRealConnector(t *testing.T, s *terminal.Session, address, token string) {
	t.Helper()
	s.WaitFor("Name", "● Overview")
	s.Type("Real ledger\x0e")
	s.WaitFor("Paste any Bitbucket address")
	s.Paste(address)
	s.WaitFor("repository ledger")
	s.Press("ctrl+n")
	s.WaitFor("● Credentials")
	_ = token
}

// typeCredentials gives token and user, and turns API access off.
func typeCredentials(s *terminal.Session, token string) {
	s.WaitFor("Paste the token")
	s.Paste(token)
	s.WaitFor("HTTP access token")
	s.Press("tab", "tab")
	s.Type("jdoe")
	s.WaitFor("› jdoe")
	s.Press("ctrl+n")
	s.WaitFor("● API access")
	s.Press("right")
	s.WaitFor("no webhooks")
}

func TestAConnectorMadeInTheWizardPassesAgainstRealGitWithItsSecretInARealKeyring(t *testing.T) {
	if !withKeyring(t) {
		return
	}
	token := secretCanary(t)
	server := realgit.Start(t, realgit.Options{User: "jdoe", Password: token})
	home := t.TempDir()
	env := []string{
		"DBUS_SESSION_BUS_ADDRESS=" + os.Getenv("DBUS_SESSION_BUS_ADDRESS"),
		"XDG_RUNTIME_DIR=" + os.Getenv("XDG_RUNTIME_DIR"),
	}
	s := terminal.Start(t, terminal.Config{Program: program, Args: []string{"new"}, Home: home, Env: env})
	fillRealConnector(t, s, server.RepositoryURL(), token)
	s.WaitFor("keyring ✓ tried just now")
	finishReal(t, s, token)
	// One request signs in. One without a credential asks whether anybody may read.
	if server.SignedIn() != 1 || server.Rejected() != 0 || server.Requests() > 2 {
		t.Errorf("the test asked git %d times, %d of them signed in, %d rejected; want 2, 1 and 0", server.Requests(), server.SignedIn(), server.Rejected())
	}

	out := runProgram(t, home, env, "test", "Real_ledger", "--json")
	var result struct{ Verdict string }
	if err := json.Unmarshal(out, &result); err != nil || result.Verdict != "pass" {
		t.Errorf("a later run, with the secret from the keyring, says %q (%v)\n%s", result.Verdict, err, out)
	}
	lookup := exec.CommandContext(t.Context(), "secret-tool", "search", "--all", "username", "account/Real_ledger_token")
	if _, err := exec.LookPath("secret-tool"); err == nil {
		if found, err := lookup.Output(); err != nil || !bytes.Contains(found, []byte(token)) {
			t.Errorf("another program does not find the secret in the keyring: %v", err)
		}
	}
	searchForSecret(t, home, s, token)
}

func TestWithoutAKeyringTheWizardSaysSoFirstAndWorksToTheEndWithTheVault(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("git"); err != nil {
		t.Fatal("git is needed for this test")
	}
	token := secretCanary(t)
	server := realgit.Start(t, realgit.Options{User: "jdoe", Password: token})
	home := t.TempDir()
	s := terminal.Start(t, terminal.Config{Program: program, Args: []string{"new"}, Home: home, Env: []string{"DBUS_SESSION_BUS_ADDRESS"}})
	fillRealConnector(t, s, server.RepositoryURL(), token)
	began := time.Now()
	screen := s.WaitFor("keystore.unavailable", "encrypted vault", "ask each time")
	// Three seconds are promised. The keyring's own clock keeps them, and a machine
	// that runs all tests at once gets as much again for everything around it.
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("it took %s to say that there is no keyring", took)
	}
	if strings.Contains(screen, "Paste the token") {
		t.Errorf("a secret was asked before its place had proved itself:\n%s", screen)
	}
	s.Press("v")
	const passphrase = "blue kettle, seven harbours"
	s.WaitFor("Choose a passphrase for the vault")
	s.Type(passphrase)
	s.WaitFor(strings.Repeat("•", 12))
	s.Press("enter")
	s.WaitFor("The same passphrase again")
	s.Type(passphrase)
	s.WaitFor(strings.Repeat("•", 12))
	s.Press("enter")
	s.WaitFor("vault", "tried just now")
	finishReal(t, s, token)

	file := filepath.Join(t.TempDir(), "passphrase")
	if err := os.WriteFile(file, []byte(passphrase+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out := runProgram(t, home, []string{"BBCONNECT_VAULT_PASSPHRASE_FILE=" + file}, "test", "Real_ledger", "--json")
	if !bytes.Contains(out, []byte(`"verdict": "pass"`)) {
		t.Errorf("with the vault a later run says:\n%s", out)
	}
	searchForSecret(t, home, s, token)
	searchForSecret(t, home, s, passphrase)
}

// finishReal goes from Credentials to a saved connector.
func finishReal(t *testing.T, s *terminal.Session, token string) {
	t.Helper()
	typeCredentials(s, token)
	s.Press("ctrl+n")
	s.WaitFor("● Connectivity")
	s.Press("ctrl+n")
	s.WaitFor("● Test", "enter test")
	s.Press("enter")
	s.WaitFor("The connector works.")
	s.Press("enter")
	s.WaitFor("Real ledger is saved as Real_ledger")
	s.Press("enter")
	if code := s.Wait(); code != 0 {
		t.Errorf("the program ended with %d", code)
	}
}

// runProgram runs one command without a terminal and returns its standard
// output.
func runProgram(t *testing.T, home string, env []string, args ...string) []byte {
	t.Helper()
	c := exec.CommandContext(t.Context(), program, args...)
	c.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "BBCONNECT_HOME=" + filepath.Join(home, "bbconnect")}, env...)
	var errOut bytes.Buffer
	c.Stderr = &errOut
	out, err := c.Output()
	if err != nil {
		t.Errorf("bbconnect %s: %v\n%s%s", strings.Join(args, " "), err, out, errOut.String())
	}
	return append(out, errOut.Bytes()...)[:len(out)]
}

// searchForSecret looks for a secret, and for parts of it, in every file of the
// home and in everything that was written to the terminal.
func searchForSecret(t *testing.T, home string, s *terminal.Session, secret string) {
	t.Helper()
	part := []byte(secret[len(secret)/2-6 : len(secret)/2+6])
	if bytes.Contains(s.Raw(), part) {
		t.Error("the secret was written to the terminal")
	}
	files := 0
	err := filepath.WalkDir(home, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		files++
		if bytes.Contains(data, part) {
			t.Errorf("the secret stands in %s", path)
		}
		return err
	})
	if err != nil || files == 0 {
		t.Errorf("%d files were searched: %v", files, err)
	}
}
