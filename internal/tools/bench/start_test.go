package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// script writes an executable shell script. No other test may fork meanwhile: its
// child would hold the file open for writing, and Linux runs no such file.
func script(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTheCommandsTakeTurnsAndTheFirstRoundDoesNotCount(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	log := filepath.Join(dir, "log")
	times, err := inTurn(t.Context(), 3,
		command{argv: []string{script(t, dir, "a", "printf a >> "+log)}},
		command{argv: []string{script(t, dir, "b", "printf b >> "+log)}},
	)
	if err != nil {
		t.Fatal(err)
	}
	order, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if string(order) != "abababab" || len(times[0]) != 3 || len(times[1]) != 3 {
		t.Errorf("they ran as %s, %d and %d times counted", order, len(times[0]), len(times[1]))
	}
}

func TestAProgramThatFailsEndsTheMeasurementWithWhatItSaid(t *testing.T) {
	t.Parallel()
	_, err := inTurn(t.Context(), 2, command{argv: []string{script(t, t.TempDir(), "a", "echo no repository >&2; exit 3")}})
	if err == nil || !strings.Contains(err.Error(), "no repository") || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("the error is %v", err)
	}
}

func TestAVersionThatAsksTheTerminalIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ script, want string }{
		"silent":            {`echo "bbconnect 1.0"`, ""},
		"asks for a colour": {`echo "bbconnect 1.0"; printf '\033]11;?\033\\'`, "background colour"},
		"asks for a place":  {`echo "bbconnect 1.0"; printf '\033[6n'`, "cursor's place"},
		"another program":   {`echo "git version 2"`, "it says"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			b := &bench{program: script(t, dir, "program", c.script), dir: dir, n: 2}
			_, err := b.silentVersion(t.Context())
			switch {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("the error is %v, want one about %s", err, c.want)
			}
		})
	}
}

func TestASessionSeesTheScreenAndTypesOnIt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := &onScreen{command: command{argv: []string{script(t, dir, "echo", `stty -icanon; printf 'Name: '; cat > /dev/null`)}, env: os.Environ()}, ready: "Name"}
	if err := p.session(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	if len(p.first) != 1 || len(p.keys) != keysPerSession || median(p.keys) <= 0 {
		t.Errorf("measured %v and %v", p.first, p.keys)
	}
	gone := &onScreen{command: command{argv: []string{script(t, dir, "gone", "echo nothing here")}}, ready: "Name"}
	if err := gone.session(t.Context(), true); err == nil || !strings.Contains(err.Error(), "nothing here") {
		t.Errorf("the error of a program that ended is %v", err)
	}
}

func TestNothingIsMeasuredWithoutAProgram(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"", filepath.Join(t.TempDir(), "nowhere")} {
		if err := run(context.Background(), program, 2, ""); err == nil {
			t.Errorf("the program %q was measured", program)
		}
	}
}
