//go:build !windows

package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"bbconnect/internal/terminal"
)

// clickOn sends what a terminal sends for a click on a text of the screen.
func clickOn(t *testing.T, s *terminal.Session, text string) (row int) {
	t.Helper()
	for y, l := range s.Lines() {
		if before, _, ok := strings.Cut(l, text); ok {
			at := fmt.Sprintf("%d;%d", len([]rune(before))+1, y+1)
			s.Type("\x1b[<0;" + at + "M")
			s.Type("\x1b[<0;" + at + "m")
			return y
		}
	}
	t.Fatalf("%q is not on the screen:\n%s", text, s.Screen())
	return 0
}

func TestOnATerminalAClickGoesToAFieldAndPressesAKey(t *testing.T) {
	t.Parallel()
	s := terminal.Start(t, terminal.Config{Program: program, Cols: 100, Rows: 30})
	s.WaitFor("Welcome", "Name")
	s.Type("Ledger")
	s.WaitFor("Ledger")
	clickOn(t, s, "Description")
	s.Type("Payments")
	s.WaitFor("Payments")
	clickOn(t, s, "Name")
	s.Type(" two")
	s.WaitFor("Ledger two", "Payments")
	clickOn(t, s, "help")
	s.WaitFor("esc close")
	clickOn(t, s, "close")
	s.WaitFor("Ledger two")
	if !bytes.Contains(s.Raw(), []byte("\x1b[?1002h")) {
		t.Error("the terminal was not asked for the mouse")
	}
}

func TestOnATerminalTheMouseIsLeftAloneWhenItIsSwitchedOff(t *testing.T) {
	t.Parallel()
	s := terminal.Start(t, terminal.Config{Program: program, Env: []string{"BBCONNECT_MOUSE=off", "BBCONNECT_THEME=contrast"}})
	s.WaitFor("Welcome", "Name")
	if raw := s.Raw(); bytes.Contains(raw, []byte("\x1b[?1002h")) || bytes.Contains(raw, []byte("\x1b[?1003h")) {
		t.Error("the mouse was taken from the terminal")
	}
}
