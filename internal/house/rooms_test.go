package house_test

import (
	"slices"
	"strings"
)

// module is the module's path.
const module = "bbconnect"

// room is a folder with one job. ours are the rooms its code may import.
type room struct {
	path string
	ours []string
}

// rooms is the house, as in ARCHITECTURE.md. The folders inside a room belong to
// it. internal/terminal, internal/realgit, internal/house and internal/papers are
// for tests, so that no room has them among its imports.
func rooms() []room {
	all := []room{
		{"model", nil},
		{"keystore", []string{"model", "internal/disk"}},
		{"internal/disk", nil},
		{"internal/document", []string{"model"}},
		{"internal/store", []string{"model", "internal/document", "internal/disk"}},
		{"internal/sshkey", []string{"model"}},
		{"internal/probe", []string{"model"}},
		{"internal/machine", []string{"model"}},
		{"internal/flow", []string{"model"}},
		{"internal/harness", []string{"model", "internal/document"}},
		{"internal/sandbox", nil},
		{"internal/termguard", nil},
		{"ui", nil},
		{"steps", []string{"ui", "internal/flow", "model"}},
	}
	wired := make([]string, 0, len(all))
	for _, r := range all {
		wired = append(wired, r.path)
	}
	return append(all,
		room{"cmd", wired},
		room{"main", []string{"cmd", "internal/termguard"}},
		room{"internal/terminal", nil},
		room{"internal/realgit", nil},
		room{"internal/house", nil},
		room{"internal/papers", nil},
	)
}

// outside says which rooms may import a module, or a package of the standard
// library that is not for everybody. The longest path that fits decides.
func outside() map[string][]string {
	return map[string][]string{
		"net/http":                           {"internal/probe", "internal/harness", "internal/sandbox", "internal/realgit"},
		"golang.org/x/crypto/ssh":            {"internal/sshkey", "internal/probe", "internal/sandbox"},
		"github.com/youmark/pkcs8":           {"internal/sshkey"},
		"github.com/zalando/go-keyring":      {"keystore"},
		"github.com/godbus/dbus/v5":          {"keystore"},
		"filippo.io/age":                     {"keystore"},
		"github.com/gofrs/flock":             {"internal/disk"},
		"go.yaml.in/yaml/v3":                 {"internal/document", "internal/store"},
		"github.com/charmbracelet/bubbletea": {"ui", "steps", "cmd"},
		"github.com/charmbracelet/bubbles":   {"ui", "steps"},
		"github.com/charmbracelet/huh":       {"ui", "steps"},
		"github.com/charmbracelet/lipgloss":  {"ui"},
		"github.com/muesli/termenv":          {"ui"},
		"github.com/sahilm/fuzzy":            {"ui"},
		"github.com/charmbracelet/x/ansi":    {"ui", "internal/terminal"},
		"github.com/charmbracelet/x/vt":      {"internal/terminal"},
		"github.com/creack/pty":              {"internal/terminal"},
		"golang.org/x/sys":                   {"ui"},
		"github.com/spf13/cobra":             {"cmd"},
		"golang.org/x/term":                  {"cmd"},
	}
}

// pure are the packages that would give model a file, a network or a clock of
// its own.
func pure() []string {
	return []string{"net", "net/http", "os", "os/exec", "os/user", "os/signal", "syscall", "path/filepath"}
}

// roomOf finds the room a package belongs to.
func roomOf(importPath string) (room, bool) {
	path, ours := strings.CutPrefix(importPath, module+"/")
	if !ours {
		path = "main"
	}
	found, ok := room{}, false
	for _, r := range rooms() {
		if within(path, r.path) && len(r.path) > len(found.path) {
			found, ok = r, true
		}
	}
	return found, ok
}

// within reports whether path is folder or inside it.
func within(path, folder string) bool {
	return path == folder || strings.HasPrefix(path, folder+"/")
}

// listedFor finds the rooms that may import a path of the outside.
func listedFor(importPath string) (rooms []string, listed bool) {
	best := -1
	for path, who := range outside() {
		if within(importPath, path) && len(path) > best {
			rooms, listed, best = who, true, len(path)
		}
	}
	return rooms, listed
}

// pkg is what go list says of a package: Imports are those of its code without
// its tests.
type pkg struct {
	ImportPath string
	Name       string
	Imports    []string
}

// brokenImports names every import of a package that the house does not allow.
func brokenImports(p pkg) []string {
	where, known := roomOf(p.ImportPath)
	if !known {
		return []string{p.ImportPath + " is in no room of the house. Put the code into the room whose job it is, or add a room " +
			"here and in ARCHITECTURE.md by taking a job out of another one."}
	}
	var broken []string
	for _, path := range p.Imports {
		if why := brokenImport(where, path); why != "" {
			broken = append(broken, p.ImportPath+" imports "+path+". "+why)
		}
	}
	return broken
}

// brokenImport says why a room may not import a path, or nothing.
func brokenImport(from room, path string) string {
	if path == module || strings.HasPrefix(path, module+"/") {
		to, known := roomOf(path)
		if known && (to.path == from.path || slices.Contains(from.ours, to.path)) {
			return ""
		}
		return from.path + " may import of ours: " + list(from.ours) + ". Declare what is needed as a small interface in " +
			from.path + " and let cmd hand the other room in, or move the code to the room whose job it is."
	}
	if from.path == "internal/termguard" && path != "os" {
		return "It imports os alone: every other import delays its init behind that package's (see its package comment)."
	}
	if from.path == "model" && (slices.Contains(pure(), path) || strings.Contains(strings.Split(path, "/")[0], ".")) {
		return "model is pure standard library, without files, network and clock: take what is needed as an argument, or in model.World."
	}
	rooms, listed := listedFor(path)
	switch {
	case listed && slices.Contains(rooms, from.path):
		return ""
	case listed:
		return "Only " + list(rooms) + " may use it: ask that room for what is needed."
	case strings.Contains(strings.Split(path, "/")[0], "."):
		return "No room may use this module yet. A new dependency needs a reason, and a line in the table of rooms."
	}
	return ""
}

func list(names []string) string {
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, ", ")
}
