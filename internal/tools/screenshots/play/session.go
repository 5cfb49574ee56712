package play

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"

	"bbconnect/internal/tools/screenshots/picture"
)

const (
	// patience bounds every wait.
	patience = 45 * time.Second
	// usualQuiet is how long a screen must have been left alone to be whole: a
	// program writes it in one go, which may arrive in pieces.
	usualQuiet = 120 * time.Millisecond
)

// session is a program on a terminal of its own.
type session struct {
	cmd  *exec.Cmd
	tty  *os.File
	look Look
	// quiet is how long the screen must have been left alone to be whole.
	quiet time.Duration

	mu      sync.Mutex // guards what follows, and every call to the emulator
	screen  *vt.Emulator
	raw     []byte
	changed chan struct{} // closed and replaced at each read
	last    time.Time     // of the last read, or of the last key
	ended   bool

	running sync.WaitGroup
}

// start runs a command until it ends or the session does.
func start(ctx context.Context, cmd *exec.Cmd, stage Stage) (*session, error) {
	s := &session{
		cmd: cmd, look: stage.Look, quiet: cmp.Or(stage.quiet, usualQuiet),
		screen: vt.NewEmulator(stage.Cols, stage.Rows), changed: make(chan struct{}), last: time.Now(),
	}
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: uint16(stage.Cols), Rows: uint16(stage.Rows)})
	if err != nil {
		return nil, fmt.Errorf("start %s on a terminal: %w", cmd.Path, err)
	}
	s.tty = tty
	s.running.Go(s.read)
	s.running.Go(s.answer)
	return s, ctx.Err()
}

// read feeds what the program writes to the emulator, until nothing holds its end
// of the terminal open.
func (s *session) read() {
	buf := make([]byte, 64<<10)
	for {
		n, err := s.tty.Read(buf)
		s.mu.Lock()
		if n > 0 {
			s.raw = append(s.raw, buf[:n]...)
			_, _ = s.screen.Write(buf[:n])
			s.last = time.Now()
		}
		s.ended = err != nil
		close(s.changed)
		s.changed = make(chan struct{})
		s.mu.Unlock()
		if err != nil {
			// The pipe is closed rather than the emulator, which would race with answer.
			if pipe, ok := s.screen.InputPipe().(io.Closer); ok {
				_ = pipe.Close()
			}
			return
		}
	}
}

// answer carries the emulator's replies to the program.
func (s *session) answer() {
	buf := make([]byte, 4<<10)
	for {
		n, err := s.screen.Read(buf)
		if n > 0 {
			_, _ = s.tty.Write(buf[:n])
		}
		if err != nil {
			return
		}
	}
}

// end kills what is left of the program.
func (s *session) end() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
	_ = s.tty.Close()
	s.running.Wait()
}

// stop asks the program to end, so that it can tidy up, and kills it where it
// does not.
func (s *session) stop(ctx context.Context) {
	_ = s.cmd.Process.Signal(os.Interrupt)
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	_ = s.until(ctx, "the program to end", func(string, bool) bool { return s.over() })
	s.end()
}

func (s *session) over() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ended
}

// send writes to the program as a keyboard does.
func (s *session) send(text string) error {
	s.mu.Lock()
	s.last = time.Now()
	s.mu.Unlock()
	if err := s.tty.SetWriteDeadline(time.Now().Add(patience)); err != nil && !strings.Contains(err.Error(), "deadline") {
		return err
	}
	_, err := s.tty.WriteString(text)
	return err
}

// paste writes as a clipboard does: between marks, which the program asked for.
func (s *session) paste(text string) error {
	text = strings.ReplaceAll(text, "\n", "\r")
	return s.send(ansi.BracketedPasteStart + text + ansi.BracketedPasteEnd)
}

// output is everything the program has written.
func (s *session) output() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return string(s.raw)
}

// shown is the screen as it is now.
func (s *session) shown() picture.Screen {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.look.screen(s.screen)
}

// until waits until ok holds of the screen's text, which it is also asked when
// the screen has been left alone for a while (still).
func (s *session) until(ctx context.Context, what string, ok func(text string, still bool) bool) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		s.mu.Lock()
		text, changed, idle, ended := s.look.screen(s.screen).String(), s.changed, time.Since(s.last), s.ended
		s.mu.Unlock()
		if ok(text, ended || idle >= s.quiet) {
			return nil
		}
		if ended {
			return fmt.Errorf("the program ended while waiting for %s. The last screen:\n%s", what, text)
		}
		pause := time.NewTimer(max(s.quiet-idle, s.quiet/4))
		select {
		case <-changed:
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return fmt.Errorf("%w waiting for %s. The last screen:\n%s", ctx.Err(), what, text)
		}
		pause.Stop()
	}
}

// settled waits until the screen has been left alone for a while.
func (s *session) settled(ctx context.Context) error {
	return s.until(ctx, "the screen to settle", func(_ string, still bool) bool { return still })
}
