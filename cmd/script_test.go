package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"bbconnect/internal/flow"
	"bbconnect/internal/probe"
	"bbconnect/internal/sandbox"
	"bbconnect/internal/termguard"
)

// seed makes the sandbox of every child process the same one.
const seed = 7

// TestMain gives TERM back first, as main does: the test program is bbconnect
// under that name, and must not ask the terminal anything either.
func TestMain(m *testing.M) {
	termguard.Restore()
	testscript.Main(m, programs())
}

// child is the program as a process of its own. Where a script names a scenario,
// its live test reaches a sandbox inside the process and nothing else.
func child() {
	scenario := os.Getenv("TEST_SCENARIO")
	if scenario == "" {
		os.Exit(newTestApp(os.Stdin, os.Stdout, os.Stderr).process(os.Args[1:]))
	}
	if scenario == "healthy" {
		scenario = "" // nothing goes wrong
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	box, err := sandbox.Start(ctx, sandbox.Options{Scenario: scenario, Seed: seed})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(99)
	}
	a := newTestApp(os.Stdin, os.Stdout, os.Stderr)
	a.tester = func(a *app, _ testFlags) flow.Tester {
		return probe.New(probe.Options{Dial: box.Dial, RootCAs: box.RootCAs(), KnownHosts: []probe.KnownHosts{{Data: box.KnownHosts()}}, Proxy: box.Proxy, Now: a.now})
	}
	code := a.run(ctx, os.Args[1:])
	_ = box.Close()
	os.Exit(code)
}

func TestScripts(t *testing.T) {
	t.Parallel()
	box, err := sandbox.Start(t.Context(), sandbox.Options{Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = box.Close() })
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			if err := os.WriteFile(e.WorkDir+"/passphrase", []byte("correct horse battery\n"), 0o600); err != nil {
				return err
			}
			e.Setenv("BBCONNECT_HOME", e.WorkDir+"/home")
			e.Setenv("DBUS_SESSION_BUS_ADDRESS", "disabled:")
			e.Setenv("HOME", e.WorkDir+"/nobody")
			e.Setenv("API_TOKEN", box.Secret(sandbox.TokenAPI))
			e.Setenv("POOR_TOKEN", box.Secret(sandbox.TokenAPINoScopes))
			e.Setenv("DC_TOKEN", box.Secret(sandbox.TokenDC))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "json": jsonField, "fields": jsonFields},
	})
}

// exits CODE ARGS… runs bbconnect and wants that exit code.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec("bbconnect", args[1:]...)
	code := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("bbconnect %s exits %d, want %s\n%s%s", strings.Join(args[1:], " "), code, args[0], ts.ReadFile("stdout"), ts.ReadFile("stderr"))
	}
}

// look finds a value in what was printed: "a.b" for fields, "0" for the first of
// a list, "" for the whole.
func look(ts *testscript.TestScript, path string) any {
	var v any
	if err := json.Unmarshal([]byte(ts.ReadFile("stdout")), &v); err != nil {
		ts.Fatalf("standard output is not one JSON value: %v\n%s", err, ts.ReadFile("stdout"))
	}
	if path == "" {
		return v
	}
	for step := range strings.SplitSeq(path, ".") {
		switch here := v.(type) {
		case map[string]any:
			v = here[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(here) {
				ts.Fatalf("there is no %s in %v", path, here)
			}
			v = here[i]
		}
	}
	return v
}

// json PATH VALUE compares one value of the JSON on standard output.
func jsonField(ts *testscript.TestScript, neg bool, args []string) {
	got := fmt.Sprint(look(ts, args[0]))
	if (got == args[1]) == neg {
		ts.Fatalf("%s is %q, want %q (negated: %v)", args[0], got, args[1], neg)
	}
}

// fields PATH NAME… wants exactly these fields there; . is the whole value.
func jsonFields(ts *testscript.TestScript, _ bool, args []string) {
	path := args[0]
	if path == "." {
		path = ""
	}
	object, ok := look(ts, path).(map[string]any)
	if !ok {
		ts.Fatalf("%s is no object", args[0])
	}
	got, want := slices.Sorted(maps.Keys(object)), slices.Sorted(slices.Values(args[1:]))
	if !slices.Equal(got, want) {
		ts.Fatalf("%s has the fields %q, want %q", args[0], got, want)
	}
}
