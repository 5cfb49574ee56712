//go:build !windows

package terminal

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"sync"
	"syscall"
	"testing"

	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
)

// Session is a program running on a terminal of its own. Its methods that act
// or wait fail the test when they cannot, with the last screen in the message;
// call those from the test's goroutine.
type Session struct {
	tb  testing.TB
	cfg Config
	cmd *exec.Cmd
	tty *os.File // our end of the pseudo terminal

	// afterEsc is the number of reads there had been when esc was pressed last.
	afterEsc int
	escapes  bool

	mu      sync.Mutex // guards what follows, and every call to the emulator
	screen  *vt.Emulator
	raw     []byte
	reads   int
	changed chan struct{} // closed and replaced at each read
	closed  bool          // the program's end of the terminal is closed

	exited   chan struct{} // closed when the program has ended
	exitErr  error         // set before exited is closed
	finished sync.WaitGroup
}

// Start runs a program until it ends or the test does; what is still running
// then is killed.
func Start(tb testing.TB, cfg Config) *Session {
	tb.Helper()
	cfg = cfg.withDefaults(tb.TempDir(), tb.TempDir())
	s := &Session{
		tb: tb, cfg: cfg,
		screen:  vt.NewEmulator(cfg.Cols, cfg.Rows),
		changed: make(chan struct{}),
		exited:  make(chan struct{}),
	}
	s.cmd = exec.Command(cfg.Program, cfg.Args...)
	s.cmd.Dir = cfg.Dir
	s.cmd.Env = cfg.environment()
	tty, err := s.start()
	if err != nil {
		tb.Fatalf("start %s on a terminal: %v", cfg.Program, err)
	}
	s.tty = tty
	s.finished.Go(s.read)
	s.finished.Go(s.answer)
	s.finished.Go(s.await)
	tb.Cleanup(s.close)
	return s
}

// start starts the program with the signals of a terminal at their defaults, as a
// shell on one does. A test run that is itself started with nohup or in the
// background has them ignored, and a program inherits what is ignored, but not what
// is listened to.
func (s *Session) start() (*os.File, error) {
	ofTerminal := make(chan os.Signal, 1)
	signal.Notify(ofTerminal, syscall.SIGHUP, os.Interrupt)
	defer signal.Stop(ofTerminal)
	return pty.StartWithSize(s.cmd, s.size(s.cfg.Cols, s.cfg.Rows))
}

// size bounds the cells to what the kernel's structure holds.
func (s *Session) size(cols, rows int) *pty.Winsize {
	return &pty.Winsize{Cols: uint16(min(cols, 1<<16-1)), Rows: uint16(min(rows, 1<<16-1))}
}

// read feeds what the program writes to the emulator and wakes who waits. It
// ends when nothing holds the program's end open any more: Linux reports that
// as an I/O error, other systems as the end of the file.
func (s *Session) read() {
	buf := make([]byte, 32<<10)
	for {
		n, err := s.tty.Read(buf)
		s.mu.Lock()
		if n > 0 {
			s.raw = append(s.raw, buf[:n]...)
			s.reads++
			_, _ = s.screen.Write(buf[:n])
		}
		s.closed = err != nil
		close(s.changed)
		s.changed = make(chan struct{})
		s.mu.Unlock()
		if err != nil {
			// The pipe's end is closed rather than the emulator, which would race
			// with answer's Read.
			if pipe, ok := s.screen.InputPipe().(io.Closer); ok {
				_ = pipe.Close()
			}
			return
		}
	}
}

// answer carries the emulator's replies to the program. It goes on reading once
// the program is gone, since the emulator waits for each reply to be taken.
func (s *Session) answer() {
	buf := make([]byte, 4<<10)
	for {
		n, err := s.screen.Read(buf)
		if n > 0 && !s.cfg.Silent {
			_, _ = s.tty.Write(buf[:n])
		}
		if err != nil {
			return
		}
	}
}

func (s *Session) await() {
	s.exitErr = s.cmd.Wait()
	close(s.exited)
}

// close ends what is left of the program, with everything it started, and the
// goroutines of the session.
func (s *Session) close() {
	s.mu.Lock()
	closed := s.closed
	s.mu.Unlock()
	if !closed {
		// The program leads its own process group, since it leads a session.
		_ = syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL)
	}
	<-s.exited
	_ = s.tty.Close()
	s.finished.Wait()
}

// Home is the program's home folder.
func (s *Session) Home() string { return s.cfg.Home }

// Temp is the folder of the program's temporary files.
func (s *Session) Temp() string { return s.cfg.temp }

// Signal sends a signal to the program.
func (s *Session) Signal(sig os.Signal) {
	s.tb.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.fail("send %v: %v", sig, err)
	}
}

// Resize changes the size of the terminal, which tells the program.
func (s *Session) Resize(cols, rows int) {
	s.tb.Helper()
	s.mu.Lock()
	s.screen.Resize(cols, rows)
	s.mu.Unlock()
	if err := pty.Setsize(s.tty, s.size(cols, rows)); err != nil {
		s.fail("resize to %d by %d: %v", cols, rows, err)
	}
}

// Wait waits for the program to end and for all of its output to be read, and
// returns its exit code; -1 where a signal ended it.
func (s *Session) Wait() int {
	s.tb.Helper()
	s.WaitUntil("the program to end", func(string) bool { return s.ended() })
	var exit *exec.ExitError
	if s.exitErr != nil && !errors.As(s.exitErr, &exit) {
		s.fail("wait for the program: %v", s.exitErr)
	}
	return s.cmd.ProcessState.ExitCode()
}

// ended reports whether the program has ended and everything it wrote was read.
func (s *Session) ended() bool {
	select {
	case <-s.exited:
	default:
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}
