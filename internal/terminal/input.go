//go:build !windows

package terminal

import (
	"errors"
	"os"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"
)

// escGrace bounds how long input waits behind an esc. Terminals send esc and
// alt+key with the same first byte, so programs take an esc with something
// right behind it for alt. A busy machine lets a program wait for its turn.
const escGrace = 10 * time.Second

// Type sends text as if it were typed, one write for all of it.
func (s *Session) Type(text string) {
	s.tb.Helper()
	s.send(text)
}

// Press sends keys one after another: "enter", "tab", "shift+tab", "esc",
// "ctrl+y", "alt+b", "up", "f1", "pgdown" or a single character. Whatever
// follows an esc waits until the program has drawn something, ten seconds at
// most.
func (s *Session) Press(keys ...string) {
	s.tb.Helper()
	for _, name := range keys {
		seq, err := keyBytes(name)
		if err != nil {
			s.fail("%v", err)
		}
		s.send(seq)
		if seq == esc {
			s.mu.Lock()
			s.afterEsc, s.escapes = s.reads, true
			s.mu.Unlock()
		}
	}
}

// Paste sends text as a terminal pastes it: between the marks of a bracketed
// paste where the program has asked for them, as typed text otherwise. Line ends
// become carriage returns, as terminals do.
func (s *Session) Paste(text string) {
	s.tb.Helper()
	text = strings.NewReplacer("\r\n", "\r", "\n", "\r").Replace(text)
	if s.asksForPasteMarks() {
		text = ansi.BracketedPasteStart + text + ansi.BracketedPasteEnd
	}
	s.send(text)
}

// asksForPasteMarks reads the program's last word on bracketed paste.
func (s *Session) asksForPasteMarks() bool {
	raw := string(s.Raw())
	return strings.LastIndex(raw, ansi.SetModeBracketedPaste) > strings.LastIndex(raw, ansi.ResetModeBracketedPaste)
}

func (s *Session) send(text string) {
	s.tb.Helper()
	if s.escapes {
		s.escapes = false
		s.waitReads(s.afterEsc, escGrace)
	}
	// A program that has stopped reading must not hold the test for ever.
	if err := s.tty.SetWriteDeadline(time.Now().Add(s.cfg.Patience)); err != nil && !errors.Is(err, os.ErrNoDeadline) {
		s.fail("type: %v", err)
	}
	if _, err := s.tty.WriteString(text); err != nil {
		s.fail("type %q: %v", text, err)
	}
}

// waitReads waits until more than n reads have happened, or the time is up.
func (s *Session) waitReads(n int, atMost time.Duration) {
	deadline := time.NewTimer(atMost)
	defer deadline.Stop()
	for {
		s.mu.Lock()
		done, changed := s.reads > n || s.closed, s.changed
		s.mu.Unlock()
		if done {
			return
		}
		select {
		case <-changed:
		case <-deadline.C:
			return
		}
	}
}
