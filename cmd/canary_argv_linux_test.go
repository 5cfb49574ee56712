package cmd

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestNoSecretIsInTheArgumentsOfAnyProcess runs the program with commands behind
// a source and behind the keystore, each of which writes down its own arguments
// and those of the program that started it.
func TestNoSecretIsInTheArgumentsOfAnyProcess(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir, canary := t.TempDir(), token("Zq9")
	bin, dump, secret := filepath.Join(dir, "bbconnect"), filepath.Join(dir, "dump"), filepath.Join(dir, "secret")
	if err := os.Symlink(self, bin); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(secret, []byte(canary+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	spy := "cat /proc/$$/cmdline /proc/$PPID/cmdline >>" + dump + "; cat " + secret
	home := filepath.Join(dir, "home")
	if err := os.MkdirAll(filepath.Join(home, "config"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(home, "config", "config.yaml"), []byte("version: 1\nsecretCommand: "+spy+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) string {
		c := exec.CommandContext(t.Context(), bin, args...)
		c.Dir = dir
		c.Env = []string{
			"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "BBCONNECT_HOME=" + home, "DBUS_SESSION_BUS_ADDRESS=disabled:", "TEST_SCENARIO=healthy", "CANARY=" + canary,
		}
		c.Stdin = strings.NewReader(canary + "\n")
		out, _ := c.CombinedOutput() // some of these end with a failed test
		return string(out)
	}
	said := run("new", "--yes", "--save-failed", "--keystore", "command", "--set", "overview.name=Payments",
		"--set", "details.url=https://bitbucket.org/acme/ledger.git", "--set", "api.email=jdoe@acme-corp.com", "--secret", "credentials.password=cmd:"+spy)
	for _, args := range [][]string{
		{"test", "Payments"},
		{"test", "Payments", "--json", "--secret", "account.Payments_token=cmd:" + spy},
		{"edit", "Payments", "--yes", "--set", "overview.description=x"},
		{"secret", "set", "account.other", "--keystore", "command", "--from", "env:CANARY"},
		{"test", "Payments", "--secret", "account.Payments_token=-"},
	} {
		said += run(args...)
	}
	dumped, err := os.ReadFile(dump)
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	if n := bytes.Count(dumped, []byte("bbconnect\x00new")); n == 0 {
		t.Errorf("the arguments of bbconnect new were never written down: %q", dumped)
	}
	if n := bytes.Count(dumped, []byte("bbconnect\x00test")); n < 2 {
		t.Errorf("the keystore's command ran %d times under bbconnect test: %q\n%s", n, dumped, said)
	}
	for what, text := range map[string]string{"what was printed": said, "some process's arguments": string(dumped)} {
		if part, found := leaks(text, canary); found {
			t.Errorf("%q stands in %s: %s", part, what, text)
		}
	}
}
