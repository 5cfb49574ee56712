//go:build !windows

package main_test

import (
	"bytes"
	"strings"
	"testing"

	"bbconnect/internal/terminal"
)

func TestTheVersionIsPrintedWithoutAskingTheTerminal(t *testing.T) {
	t.Parallel()
	bin, err := terminal.Build(t.Context(), t.TempDir(), "bbconnect", "-ldflags=-X bbconnect/cmd.version=v0.0.0-test")
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"--version"}, {"version"}} {
		s := terminal.Start(t, terminal.Config{Program: bin, Args: args, Silent: true})
		if code := s.Wait(); code != 0 {
			t.Errorf("%v: exit code %d, screen %s", args, code, s.Screen())
		}
		if got := s.Screen(); !strings.HasPrefix(got, "bbconnect version v0.0.0-test") {
			t.Errorf("%v prints %q", args, got)
		}
		if raw := s.Raw(); bytes.ContainsRune(raw, '\x1b') {
			// A program that asks the terminal nothing has no answer to wait for.
			t.Errorf("%v writes escape sequences to the terminal: %q", args, raw)
		}
	}
}
