//go:build !windows

package termguard_test

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"

	"bbconnect/internal/terminal"
)

// The queries the terminal library sends before main: the background colour, and
// the cursor's position, which every terminal answers.
var queries = [][]byte{[]byte("\x1b]11;?"), []byte("\x1b[6n")}

func build(t *testing.T, pkg string) string {
	t.Helper()
	bin, err := terminal.Build(t.Context(), t.TempDir(), pkg)
	if err != nil {
		t.Fatal(err)
	}
	return bin
}

func TestAGuardedProgramAsksTheTerminalNothing(t *testing.T) {
	t.Parallel()
	bin := build(t, "./testdata/guarded")
	for _, c := range []struct{ name, change, want string }{
		{"a capable terminal", "TERM=xterm-256color", `TERM="xterm-256color" set=true`},
		{"a dumb terminal stays dumb", "TERM=dumb", `TERM="dumb" set=true`},
		{"an empty type stays empty", "TERM=", `TERM="" set=true`},
		{"no type stays none", "TERM", `TERM="" set=false`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := terminal.Start(t, terminal.Config{Program: bin, Env: []string{c.change}, Silent: true})
			if code := s.Wait(); code != 0 {
				t.Fatalf("exit code %d", code)
			}
			if got := s.Screen(); !strings.HasPrefix(got, c.want) {
				t.Errorf("main sees %s, want %s", got, c.want)
			}
			for _, query := range queries {
				if bytes.Contains(s.Raw(), query) {
					t.Errorf("the program asks the terminal: %q", s.Raw())
				}
			}
		})
	}
}

// Without this test the one above could pass because the library has stopped
// asking, and the guard with it be needless.
func TestTheSameLibraryAsksWithoutTheGuard(t *testing.T) {
	t.Parallel()
	s := terminal.Start(t, terminal.Config{Program: build(t, "./testdata/bare"), Silent: true})
	s.WaitUntil("the query for the background colour", func(string) bool {
		return bytes.Contains(s.Raw(), queries[0])
	})
}

func TestTheGuardImportsOnlyOs(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", "{{.Imports}}", ".").CombinedOutput()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, out)
	}
	if got := strings.TrimSpace(string(out)); got != "[os]" {
		t.Errorf("termguard imports %s; each import beyond os delays its init behind that package's", got)
	}
}
