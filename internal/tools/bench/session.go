package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
)

// The terminal's size in cells.
const cols, rows = 100, 30

// output is what one read brought, with the moment it was there.
type output struct {
	at   time.Time
	data []byte
}

// session is a program on a terminal of its own. The emulator's answers go back
// to the program at once, as a real terminal's do, so that no program is charged
// for waiting for them.
type session struct {
	ctx     context.Context
	cmd     *exec.Cmd
	tty     *os.File
	screen  *vt.Emulator
	outputs chan output
	stopped chan struct{}
	began   time.Time
}

// startSession starts a command on a terminal that answers queries, or, with
// answers false, on one that stays silent.
func startSession(ctx context.Context, c command, answers bool) (*session, error) {
	s := &session{
		ctx: ctx, screen: vt.NewEmulator(cols, rows),
		outputs: make(chan output, 64), stopped: make(chan struct{}),
	}
	s.cmd = exec.CommandContext(ctx, c.argv[0], c.argv[1:]...)
	s.cmd.Env, s.cmd.Dir = c.env, c.dir
	s.began = time.Now()
	tty, err := pty.StartWithSize(s.cmd, &pty.Winsize{Cols: cols, Rows: rows})
	if errors.Is(err, pty.ErrUnsupported) {
		return nil, missing{"this system has no pseudo terminals"}
	}
	if err != nil {
		return nil, err
	}
	s.tty = tty
	go s.read()
	go s.reply(answers)
	return s, nil
}

// read passes on what the program writes until nothing holds its end of the
// terminal open.
func (s *session) read() {
	defer close(s.outputs)
	for {
		data := make([]byte, 32<<10)
		n, err := s.tty.Read(data)
		if n > 0 {
			select {
			case s.outputs <- output{time.Now(), data[:n]}:
			case <-s.stopped:
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// reply carries the emulator's answers to the program. It reads on where they
// are not wanted, since the emulator waits for each to be taken.
func (s *session) reply(answers bool) {
	buf := make([]byte, 4<<10)
	for {
		n, err := s.screen.Read(buf)
		if n > 0 && answers {
			_, _ = s.tty.Write(buf[:n])
		}
		if err != nil {
			return
		}
	}
}

// until waits for a text on the screen and returns the moment the output was
// there that completed it.
func (s *session) until(text string) (time.Time, error) {
	limit := time.NewTimer(20 * time.Second)
	defer limit.Stop()
	for {
		select {
		case o, open := <-s.outputs:
			if !open {
				return time.Time{}, errors.New("the program ended before the screen showed " + text + ":\n" + s.screen.String())
			}
			_, _ = s.screen.Write(o.data)
			if strings.Contains(s.screen.String(), text) {
				return o.at, nil
			}
		case <-limit.C:
			return time.Time{}, errors.New("the screen never shows " + text + ":\n" + s.screen.String())
		case <-s.ctx.Done():
			return time.Time{}, s.ctx.Err()
		}
	}
}

// settle reads until nothing has come for a while.
func (s *session) settle(quiet time.Duration) error {
	t := time.NewTimer(quiet)
	defer t.Stop()
	for {
		select {
		case o, open := <-s.outputs:
			if !open {
				return errors.New("the program ended:\n" + s.screen.String())
			}
			_, _ = s.screen.Write(o.data)
			t.Reset(quiet)
		case <-t.C:
			return nil
		case <-s.ctx.Done():
			return s.ctx.Err()
		}
	}
}

// calm is how long a screen must stay as it is to be taken for the last one.
const calm = 250 * time.Millisecond

// still reads until the screen's text has stayed the same for a while, and
// returns the moment the output was there that changed it last; the zero time
// where nothing did within patience.
func (s *session) still(patience time.Duration) (time.Time, error) {
	t := time.NewTimer(patience)
	defer t.Stop()
	var last time.Time
	shown := s.screen.String()
	for {
		select {
		case o, open := <-s.outputs:
			if !open {
				return last, errors.New("the program ended:\n" + s.screen.String())
			}
			_, _ = s.screen.Write(o.data)
			if now := s.screen.String(); now != shown {
				shown, last = now, o.at
				t.Reset(calm)
			}
		case <-t.C:
			return last, nil
		case <-s.ctx.Done():
			return last, s.ctx.Err()
		}
	}
}

// drain reads what the program writes until its end.
func (s *session) drain() ([]byte, error) {
	var all []byte
	for {
		select {
		case o, open := <-s.outputs:
			if !open {
				return all, nil
			}
			all = append(all, o.data...)
		case <-s.ctx.Done():
			return all, s.ctx.Err()
		}
	}
}

// end kills what is left of the program and frees the terminal. The pipe is
// closed rather than the emulator, which would race with its reader.
func (s *session) end() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
	close(s.stopped)
	_ = s.tty.Close()
	if pipe, ok := s.screen.InputPipe().(io.Closer); ok {
		_ = pipe.Close()
	}
}
