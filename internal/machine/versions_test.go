package machine

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// writeScript writes a shell script that can be run at once. No other test may
// fork meanwhile: its child would hold the file open for writing, and Linux runs
// no such file.
func writeScript(t *testing.T, path, text string) {
	t.Helper()
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o700); err != nil {
		t.Fatal(err)
	}
}

func TestAProgramSaysItsVersionInOneBoundedLine(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("LEFT OUT: the programs of this test are shell scripts")
	}
	dir := t.TempDir()
	script := func(name, text string) string {
		path := filepath.Join(dir, name)
		writeScript(t, path, text)
		return path
	}
	for name, c := range map[string]struct{ text, want string }{
		"usual":   {"echo 'git version 2.50.1'\n", "git version 2.50.1"},
		"stderr":  {"echo 'OpenSSH_9.9p1' >&2\n", "OpenSSH_9.9p1"},
		"lines":   {"printf 'one\\ntwo\\n'\n", "one"},
		"hostile": {"printf 'a\\033[2Jb\\007\\377\\n'\n", "a[2Jb"},
		"long":    {"head -c 100000 /dev/zero | tr '\\0' x\n", strings.Repeat("x", maxVersion) + "…"},
		"nothing": {"exit 1\n", ""},
		"failing": {"echo half; exit 1\n", "half"},
	} {
		if got := Version(t.Context(), script(name, c.text), "--version"); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if got := Version(t.Context(), filepath.Join(dir, "nosuch")); got != "" {
		t.Errorf("a missing program says %q", got)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if got := Version(ended, script("late", "echo x\n")); got != "" {
		t.Errorf("after the end it says %q", got)
	}
}
