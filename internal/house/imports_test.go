package house_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// root is the folder of go.mod.
func root(t *testing.T) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "env", "GOMOD").Output()
	if err != nil {
		t.Fatalf("go env GOMOD: %v", err)
	}
	return filepath.Dir(strings.TrimSpace(string(out)))
}

// packages lists the module's packages as built for a system.
func packages(t *testing.T, system string) []pkg {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-e", "-json=ImportPath,Name,Imports", "./...")
	cmd.Dir = root(t)
	cmd.Env = append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0")
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list for %s: %v\n%s", system, err, complaints.Bytes())
	}
	var all []pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		switch err := dec.Decode(&p); {
		case errors.Is(err, io.EOF):
			return all
		case err != nil:
			t.Fatalf("read go list for %s: %v", system, err)
		}
		all = append(all, p)
	}
}

func TestEveryImportKeepsToTheTableOfRooms(t *testing.T) {
	t.Parallel()
	for _, system := range []string{"linux", "darwin", "windows"} {
		t.Run(system, func(t *testing.T) {
			t.Parallel()
			all := packages(t, system)
			if len(all) < 5 {
				t.Fatalf("go list found %d packages only", len(all))
			}
			for _, p := range all {
				for _, broken := range brokenImports(p) {
					t.Error(broken)
				}
			}
		})
	}
}

func TestEveryRoomOfTheTableIsInTheMap(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(root(t), "ARCHITECTURE.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rooms() {
		if r.path != "main" && !bytes.Contains(text, []byte("| `"+r.path+"` |")) {
			t.Errorf("ARCHITECTURE.md has no row for the room %s", r.path)
		}
	}
}

func TestNoPackageIsADrawerForOddsAndEnds(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t, "linux") {
		if slices.Contains([]string{"utils", "util", "common", "helpers", "helper", "types", "misc", "base", "shared", "lib"}, p.Name) {
			t.Errorf("package %s says nothing about what it holds. Name it after its job, or move each thing to the room it serves.", p.ImportPath)
		}
	}
}

// The rules themselves, on imports that break them and imports that do not.
func TestTheTableOfRoomsCatchesWhatBreaksIt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from, imports string
		allowed       bool
	}{
		{"model", "strings", true},
		{"model", "net/url", true},
		{"model", "net", false},
		{"model", "os", false},
		{"model", "net/http", false},
		{"model", "golang.org/x/text/width", false},
		{"model", "bbconnect/ui", false},
		{"keystore", "bbconnect/model", true},
		{"keystore", "bbconnect/internal/disk", true},
		{"keystore", "bbconnect/internal/store", false},
		{"keystore", "filippo.io/age/armor", true},
		{"internal/store", "filippo.io/age", false},
		{"internal/probe", "net/http", true},
		{"internal/probe", "golang.org/x/crypto/ssh/knownhosts", true},
		{"internal/machine", "net/http", false},
		{"internal/machine", "net/http/httptrace", false},
		{"internal/sandbox", "bbconnect/model", false},
		{"internal/sandbox/seeds", "bbconnect/internal/sandbox", true},
		{"internal/termguard", "os", true},
		{"internal/termguard", "strings", false},
		{"internal/flow", "github.com/charmbracelet/bubbletea", false},
		{"ui", "github.com/charmbracelet/lipgloss", true},
		{"ui", "bbconnect/model", false},
		{"steps", "bbconnect/internal/flow", true},
		{"steps", "bbconnect/keystore", false},
		{"steps", "github.com/charmbracelet/bubbles/key", true},
		{"steps", "github.com/charmbracelet/lipgloss", false},
		{"cmd", "bbconnect/internal/store", true},
		{"cmd", "bbconnect/internal/terminal", false},
		{"cmd", "github.com/spf13/cobra", true},
		{"cmd", "github.com/spf13/pflag", false},
		{"cmd", "github.com/spf13/cobraplus", false},
		{"", "bbconnect/cmd", true},
		{"", "bbconnect/model", false},
		{"extras", "strings", false},
	} {
		path := strings.TrimSuffix(module+"/"+c.from, "/")
		broken := brokenImports(pkg{ImportPath: path, Imports: []string{c.imports}})
		if allowed := len(broken) == 0; allowed != c.allowed {
			t.Errorf("%s importing %s: allowed is %t, want %t (%v)", path, c.imports, allowed, c.allowed, broken)
		}
	}
}
