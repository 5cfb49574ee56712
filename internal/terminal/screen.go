//go:build !windows

package terminal

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"
)

// Screen is the text on the screen now, line by line, without colours, blanks at
// line ends and blank lines at the end.
func (s *Session) Screen() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text()
}

// Lines is Screen in lines.
func (s *Session) Lines() []string { return strings.Split(s.Screen(), "\n") }

// Styled is the screen with its colours as escape sequences.
func (s *Session) Styled() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.screen.Render()
}

// Cursor is where the cursor stands, column and row from 0.
func (s *Session) Cursor() (col, row int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := s.screen.CursorPosition()
	return at.X, at.Y
}

// Raw is every byte the program has written so far: what to search for secrets
// that must not be there and for queries that must not be sent.
func (s *Session) Raw() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return bytes.Clone(s.raw)
}

// text is Screen for who holds the lock already.
func (s *Session) text() string {
	lines := strings.Split(ansi.Strip(s.screen.Render()), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " \r")
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

// WaitFor waits until every one of the texts is on the screen, and returns the
// screen.
func (s *Session) WaitFor(texts ...string) string {
	s.tb.Helper()
	return s.WaitUntil(fmt.Sprintf("%q on the screen", texts), func(screen string) bool {
		for _, text := range texts {
			if !strings.Contains(screen, text) {
				return false
			}
		}
		return true
	})
}

// WaitGone waits until the text is not on the screen any more, and returns the
// screen.
func (s *Session) WaitGone(text string) string {
	s.tb.Helper()
	return s.WaitUntil(fmt.Sprintf("%q to leave the screen", text), func(screen string) bool {
		return !strings.Contains(screen, text)
	})
}

// WaitUntil waits until ok holds for the screen, and returns that screen. ok is
// tried at once, each time the program writes, and when it ends; it may read
// Raw, Cursor and the other accessors too. what names the condition in the
// failure.
func (s *Session) WaitUntil(what string, ok func(screen string) bool) string {
	s.tb.Helper()
	deadline := time.NewTimer(s.cfg.Patience)
	defer deadline.Stop()
	exited := s.exited
	for {
		// ended is asked first: what it saw as the end stays the end, so a screen
		// read after it is the last one.
		over := s.ended()
		s.mu.Lock()
		screen, changed := s.text(), s.changed
		s.mu.Unlock()
		if ok(screen) {
			return screen
		}
		if over {
			s.fail("the program ended (%v) while waiting for %s", s.cmd.ProcessState, what)
		}
		select {
		case <-changed:
		case <-exited:
			exited = nil // wakes once; what is left to read wakes through changed
		case <-deadline.C:
			s.fail("no sign within %v of %s", s.cfg.Patience, what)
		}
	}
}

// fail ends the test with the last screen in the message.
func (s *Session) fail(format string, args ...any) {
	s.tb.Helper()
	s.mu.Lock()
	screen := s.text()
	s.mu.Unlock()
	var framed strings.Builder
	for line := range strings.Lines(screen) {
		framed.WriteString("\n  | " + strings.TrimRight(line, "\n"))
	}
	s.tb.Fatalf("%s\nthe last screen:%s", fmt.Sprintf(format, args...), framed.String())
}
