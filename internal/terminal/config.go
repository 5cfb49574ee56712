//go:build !windows

package terminal

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Config says what to run and on what kind of terminal. Only Program is
// required.
type Config struct {
	// Program is the executable, a path or a name found in PATH.
	Program string
	Args    []string
	// Env changes the clean environment: "NAME=value" sets, "NAME" alone removes.
	Env []string
	// Home is the program's HOME, and $BBCONNECT_HOME is a folder in it. Default:
	// a fresh temporary folder.
	Home string
	// Dir is the working directory. Default: Home.
	Dir string
	// Cols and Rows are the size in cells. Default: 80 by 24.
	Cols, Rows int
	// Silent is a terminal that answers no query, as in a git hook or behind a
	// slow connection.
	Silent bool
	// Patience bounds every wait. Default: a minute, room enough for a race
	// build on a busy machine.
	Patience time.Duration

	temp string // the program's TMPDIR, so that a killed one leaves nothing on the machine
}

func (c Config) withDefaults(home, temp string) Config {
	if c.Home == "" {
		c.Home = home
	}
	c.temp = temp
	if c.Dir == "" {
		c.Dir = c.Home
	}
	if c.Cols == 0 {
		c.Cols = 80
	}
	if c.Rows == 0 {
		c.Rows = 24
	}
	if c.Patience == 0 {
		c.Patience = time.Minute
	}
	return c
}

// environment is what the program sees: enough to run, nothing of the person or
// the CI that runs the tests, and a session bus address that no keyring answers.
func (c Config) environment() []string {
	values := map[string]string{
		"PATH":                     os.Getenv("PATH"),
		"HOME":                     c.Home,
		"BBCONNECT_HOME":           filepath.Join(c.Home, "bbconnect"),
		"TMPDIR":                   c.temp,
		"TERM":                     "xterm-256color",
		"LANG":                     "C.UTF-8",
		"TZ":                       "UTC",
		"DBUS_SESSION_BUS_ADDRESS": "disabled",
	}
	if dir := os.Getenv("GOCOVERDIR"); dir != "" {
		values["GOCOVERDIR"] = dir
	}
	for _, change := range c.Env {
		name, value, set := strings.Cut(change, "=")
		if set {
			values[name] = value
		} else {
			delete(values, name)
		}
	}
	env := make([]string, 0, len(values))
	for name, value := range values {
		env = append(env, name+"="+value)
	}
	return env
}

// Build compiles a package of this module into dir and returns the executable's
// path. pkg is an import path ("bbconnect") or a folder relative to the test's
// ("./testdata/guarded"); flags are those of go build ("-race"). The error holds
// what the compiler said.
func Build(ctx context.Context, dir, pkg string, flags ...string) (string, error) {
	bin := filepath.Join(dir, filepath.Base(pkg))
	args := append([]string{"build", "-buildvcs=false", "-o", bin}, flags...)
	out, err := exec.CommandContext(ctx, "go", append(args, pkg)...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build %s: %w\n%s", pkg, err, out)
	}
	return bin, nil
}
