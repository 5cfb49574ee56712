//go:build !windows

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// keyringRun is the program in a home of its own, beside a real keyring.
type keyringRun struct {
	t    *testing.T
	home string
	// env is added to the clean environment.
	env  []string
	said bytes.Buffer
}

// runs runs one command with a value at its standard input, and returns what it
// printed. It fails unless the program ends with the exit code.
func (k *keyringRun) runs(code int, input string, args ...string) []byte {
	k.t.Helper()
	c := exec.CommandContext(k.t.Context(), program, args...)
	c.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + k.home, "BBCONNECT_HOME=" + filepath.Join(k.home, "bbconnect"),
		"DBUS_SESSION_BUS_ADDRESS=" + os.Getenv("DBUS_SESSION_BUS_ADDRESS"), "XDG_RUNTIME_DIR=" + os.Getenv("XDG_RUNTIME_DIR"),
	}
	c.Env = append(c.Env, k.env...)
	c.Stdin = strings.NewReader(input)
	var out, errOut bytes.Buffer
	c.Stdout, c.Stderr = &out, &errOut
	err := c.Run()
	var ended *exec.ExitError
	if got := c.ProcessState.ExitCode(); got != code || err != nil && !errors.As(err, &ended) {
		k.t.Errorf("bbconnect %s ends with %d, want %d (%v)\n%s%s", strings.Join(args, " "), got, code, err, out.String(), errOut.String())
	}
	k.said.Write(out.Bytes())
	k.said.Write(errOut.Bytes())
	return out.Bytes()
}

// state is what verify says of one secret, and the length it found.
func (k *keyringRun) state(code int, ref string) (state string, length int) {
	k.t.Helper()
	var found []struct {
		State  string
		Length int
	}
	if err := json.Unmarshal(k.runs(code, "", "secret", "verify", ref, "--json"), &found); err != nil || len(found) != 1 {
		k.t.Fatalf("verify %s: %v, %d secrets", ref, err, len(found))
	}
	return found[0].State, found[0].Length
}

func TestARenamedSecretMovesWithinARealKeyringAndIsVerifiedThere(t *testing.T) {
	if !withKeyring(t) {
		return
	}
	token := secretCanary(t)
	k := &keyringRun{t: t, home: t.TempDir()}
	k.runs(0, token, "secret", "set", "account.old_token", "--kind", "http-access-token", "--expires", "90d")
	k.runs(
		0, "", "new", "--yes", "--no-test", "--set", "overview.name=Ledger", "--set", "details.url=https://git.acme-corp.com/scm/PAY/ledger.git",
		"--set", "credentials.kind=http-access-token", "--set", "credentials.username=jdoe", "--set", "credentials.secret=account.old_token", "--set", "api.secret=account.old_token",
	)
	if state, length := k.state(0, "account.old_token"); state != "held" || length != len(token) {
		t.Errorf("before: %s, %d characters; want %d", state, length, len(token))
	}
	facts := filepath.Join(k.home, "bbconnect", "data", "secrets.yaml")
	before, err := os.ReadFile(facts)
	if err != nil {
		t.Fatal(err)
	}
	k.runs(0, "", "secret", "rename", "account.old_token", "new_token")
	if state, length := k.state(0, "account.new_token"); state != "held" || length != len(token) {
		t.Errorf("after: %s, %d characters; want %d", state, length, len(token))
	}
	if doc := k.runs(0, "", "show", "Ledger"); !bytes.Contains(doc, []byte("account.new_token")) || bytes.Contains(doc, []byte("old_token")) {
		t.Errorf("the document:\n%s", doc)
	}
	k.runs(3, "", "secret", "verify", "account.old_token")

	// With the facts of before, the old name is looked for in the keyring once more.
	if err := os.WriteFile(facts, before, 0o600); err != nil {
		t.Fatal(err)
	}
	if state, _ := k.state(1, "account.old_token"); state != "gone" {
		t.Errorf("the keyring still has the value under its old name: %s", state)
	}
	k.nowhere(token)
}

// TestAValueMovesBetweenARealKeyringAVaultAndAnotherMachine moves it by hand, and
// then everything in a backup, with the log on.
func TestAValueMovesBetweenARealKeyringAVaultAndAnotherMachine(t *testing.T) {
	if !withKeyring(t) {
		return
	}
	token := secretCanary(t)
	phrase := filepath.Join(t.TempDir(), "phrase")
	if err := os.WriteFile(phrase, []byte("correct horse battery\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := []string{"BBCONNECT_VAULT_PASSPHRASE_FILE=" + phrase, "BBCONNECT_LOG=1"}
	from := &keyringRun{t: t, home: t.TempDir(), env: env}
	from.runs(0, token, "secret", "set", "account.token", "--kind", "http-access-token", "--expires", "90d")
	from.runs(
		0, "", "new", "--yes", "--no-test", "--set", "overview.name=Ledger", "--set", "details.url=https://git.acme-corp.com/scm/PAY/ledger.git",
		"--set", "credentials.kind=http-access-token", "--set", "credentials.username=jdoe", "--set", "credentials.secret=account.token", "--set", "api.secret=account.token",
	)
	from.runs(0, "", "secret", "move", "--all", "--to", "vault")
	if state, _ := from.state(0, "account.token"); state != "held" {
		t.Errorf("in the vault it is %s", state)
	}
	from.runs(0, "", "secret", "move", "account.token", "--to", "keyring")
	if state, length := from.state(0, "account.token"); state != "held" || length != len(token) {
		t.Errorf("back in the keyring it is %s, with %d characters", state, length)
	}
	backup := filepath.Join(from.home, "bbconnect.age")
	from.runs(0, "", "backup", "create", backup, "--passphrase-from", "file:"+phrase)

	for _, place := range []string{"keyring", "vault"} {
		to := &keyringRun{t: t, home: t.TempDir(), env: env}
		to.runs(0, "", "backup", "restore", backup, "--passphrase-from", "file:"+phrase, "--keystore", place)
		if state, length := to.state(0, "account.token"); state != "held" || length != len(token) {
			t.Errorf("on the other machine, in the %s, it is %s, with %d characters", place, state, length)
		}
		if here, there := from.runs(0, "", "show", "Ledger"), to.runs(0, "", "show", "Ledger"); !bytes.Equal(here, there) {
			t.Errorf("the document became\n%s", there)
		}
		to.runs(0, "", "backup", "restore", backup, "--passphrase-from", "file:"+phrase)
		to.runs(1, "wrong", "backup", "restore", backup, "--passphrase-from", "-")
		to.runs(0, "", "bug-report", "--out", filepath.Join(to.home, "report.md"))
		to.nowhere(token)
	}
	from.nowhere(token)
}

// nowhere looks for a value, and for a part of it, in all that was printed and in
// every file.
func (k *keyringRun) nowhere(value string) {
	k.t.Helper()
	part := []byte(value[len(value)/2-6 : len(value)/2+6])
	if bytes.Contains(k.said.Bytes(), part) {
		k.t.Error("the value was printed")
	}
	files := 0
	err := filepath.WalkDir(k.home, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		files++
		data, err := os.ReadFile(path)
		if bytes.Contains(data, part) {
			k.t.Errorf("the value stands in %s", path)
		}
		return err
	})
	if err != nil || files == 0 {
		k.t.Errorf("%d files were searched: %v", files, err)
	}
}
