package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// keysPerSession is how many keys are typed after each first frame. The gap
// between two keys grows by a step that shares no factor with the length of a
// frame, so that keys fall on every part of one.
const (
	keysPerSession = 6
	keyGap         = 23 * time.Millisecond
	keyStep        = 1700 * time.Microsecond
)

// onScreen is a program with a field to type in, and what was measured of it.
type onScreen struct {
	command
	// ready is on the screen when there is something to act on; open is what must
	// be pressed then to get into the field.
	ready, open string

	first []time.Duration
	keys  []time.Duration
}

// screens measures the wizard's first frame, and the way of a key to the screen,
// against the bare host at the wizard's frame rate and at the usual one.
func (b *bench) screens(ctx context.Context) ([]row, error) {
	bare, err := b.buildBare(ctx)
	if err != nil {
		return nil, err
	}
	programs := []*onScreen{
		{command: command{argv: []string{b.program, "new"}}, ready: "Name"},
		{command: command{argv: []string{bare, "-fps", "120"}}, ready: "Name"},
		{command: command{argv: []string{bare, "-fps", "60"}}, ready: "Name"},
	}
	for round := range b.half() + 1 {
		for i, p := range programs {
			home := filepath.Join(b.dir, fmt.Sprintf("screen-%d-%d", round, i))
			if err := os.Mkdir(home, 0o700); err != nil {
				return nil, err
			}
			p.dir, p.env = home, b.environment("HOME="+home, "BBCONNECT_HOME="+home+"/bbconnect")
			if err := p.session(ctx, round > 0); err != nil {
				return nil, err
			}
		}
	}
	ours, fast, usual := programs[0], programs[1], programs[2]
	return []row{
		{"first frame of the wizard", medianMS(ours.first), "bare, 120 fps", medianMS(fast.first), atMost(20)},
		{"first frame of the wizard", medianMS(ours.first), "bare, 60 fps", medianMS(usual.first), atMost(20)},
		{"key to screen in a field", medianMS(ours.keys), "bare, 120 fps", medianMS(fast.keys), atMost(7)},
		{"key to screen in a field", medianMS(ours.keys), "bare, 60 fps", medianMS(usual.keys), atMost(7)},
	}, nil
}

// buildBare builds the bare host as the program itself is built.
func (b *bench) buildBare(ctx context.Context) (string, error) {
	if _, err := exec.LookPath("go"); err != nil {
		return "", missing{"go is not installed, so the bare host cannot be built"}
	}
	path := filepath.Join(b.dir, "bare")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", path, "bbconnect/internal/tools/bench/bare")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the bare host: %w\n%s", err, out)
	}
	return path, nil
}

// session runs the program once, from its start over its first frame to a few
// keys. It is killed then: how it ends is not measured here.
func (p *onScreen) session(ctx context.Context, counts bool) error {
	s, err := startSession(ctx, p.command, true)
	if err != nil {
		return err
	}
	defer s.end()
	shown, err := s.until(p.ready)
	if err != nil {
		return err
	}
	if counts {
		p.first = append(p.first, shown.Sub(s.began))
	}
	if err := s.settle(100 * time.Millisecond); err != nil {
		return err
	}
	if p.open != "" {
		if _, err := s.tty.WriteString(p.open); err != nil {
			return err
		}
		if err := s.settle(100 * time.Millisecond); err != nil {
			return err
		}
	}
	return p.typeKeys(s, counts)
}

// typeKeys measures the way of each key from the keyboard to the screen.
func (p *onScreen) typeKeys(s *session, counts bool) error {
	typed := ""
	for i := range keysPerSession {
		// Letters of no label, so that what was typed is nowhere else on the screen.
		key := string("qzxjwv"[i%6])
		typed += key
		sent := time.Now()
		if _, err := s.tty.WriteString(key); err != nil {
			return err
		}
		seen, err := s.until(typed)
		if err != nil {
			return err
		}
		if counts {
			p.keys = append(p.keys, seen.Sub(sent))
		}
		if err := s.pause(keyGap + time.Duration(len(p.keys)%11)*keyStep); err != nil {
			return err
		}
	}
	return nil
}

// pause reads on for a time, whatever comes.
func (s *session) pause(d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	for {
		select {
		case o, open := <-s.outputs:
			if !open {
				return fmt.Errorf("the program ended:\n%s", s.screen.String())
			}
			_, _ = s.screen.Write(o.data)
		case <-t.C:
			return nil
		case <-s.ctx.Done():
			return s.ctx.Err()
		}
	}
}
