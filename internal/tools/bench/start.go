package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"time"
)

// command is a program to be run as a whole process.
type command struct {
	argv []string
	env  []string
	dir  string
	// stdin is the file it reads, none where it is empty.
	stdin string
}

// longest is how long any command may take.
const longest = time.Minute

// timed is what can be run and timed.
type timed interface {
	once(ctx context.Context) (time.Duration, error)
}

// once runs the command and returns how long it took from its start to its end.
// The error holds what it said.
func (c command) once(ctx context.Context) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	cmd := exec.CommandContext(ctx, c.argv[0], c.argv[1:]...)
	cmd.Env, cmd.Dir = c.env, c.dir
	if c.stdin != "" {
		file, err := os.Open(c.stdin)
		if err != nil {
			return 0, err
		}
		defer file.Close()
		cmd.Stdin = file
	}
	var said bytes.Buffer
	cmd.Stderr = &said
	began := time.Now()
	err := cmd.Run()
	took := time.Since(began)
	if err != nil {
		return 0, fmt.Errorf("%s: %w\n%s", c.argv[0], err, said.Bytes())
	}
	return took, nil
}

// inTurn runs the commands one after another, n times, after one round that does
// not count, and returns the times of each.
func inTurn(ctx context.Context, n int, commands ...timed) ([][]time.Duration, error) {
	times := make([][]time.Duration, len(commands))
	for round := range n + 1 {
		for i, c := range commands {
			took, err := c.once(ctx)
			if err != nil {
				return nil, err
			}
			if round > 0 {
				times[i] = append(times[i], took)
			}
		}
	}
	return times, nil
}

// environment is what every program here sees: enough to run, nothing of the
// person's settings, and a session bus that no keyring answers.
func (b *bench) environment(more ...string) []string {
	return append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + b.dir, "BBCONNECT_HOME=" + b.dir + "/bbconnect",
		"TERM=xterm-256color", "COLORTERM=truecolor", "LANG=C.UTF-8", "TZ=UTC",
		"DBUS_SESSION_BUS_ADDRESS=disabled", "GIT_CONFIG_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0",
	}, more...)
}

// starts measures a whole process that only says its version.
func (b *bench) starts(ctx context.Context) ([]row, error) {
	commands := []timed{command{argv: []string{b.program, "--version"}, env: b.environment()}}
	var peers []string
	for _, peer := range []string{"fzf", "git"} {
		path, err := exec.LookPath(peer)
		if err != nil {
			b.table.left = append(b.table.left, leftOut{peer + " --version", peer + " is not installed"})
			continue
		}
		peers = append(peers, peer)
		commands = append(commands, command{argv: []string{path, "--version"}, env: b.environment()})
	}
	times, err := inTurn(ctx, b.n, commands...)
	if err != nil {
		return nil, err
	}
	r := row{name: "bbconnect --version", ours: medianMS(times[0]), aim: atMost(6)}
	if len(peers) == 0 {
		return []row{r}, nil
	}
	var rows []row
	for i, peer := range peers {
		r.peer, r.theirs, r.aim = peer+" --version", medianMS(times[i+1]), atMost(6)
		if peer == "fzf" {
			// 6 ms is meant for a machine where this peer, a program of the same
			// language, takes 3.
			r.aim = atMostTimes(2)
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// silentVersion fails where the program asks its terminal something before it
// says its version: a terminal that does not answer would hold it up, and one
// that does would write into whatever reads next.
func (b *bench) silentVersion(ctx context.Context) ([]row, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	s, err := startSession(ctx, command{argv: []string{b.program, "--version"}, env: b.environment()}, false)
	if err != nil {
		return nil, err
	}
	defer s.end()
	said, err := s.drain()
	if err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(said, []byte("bbconnect ")) {
		return nil, fmt.Errorf("it says %q", said)
	}
	for name, query := range map[string]string{"its background colour": "\x1b]11;?", "the cursor's place": "\x1b[6n", "what it is": "\x1b[c"} {
		if bytes.Contains(said, []byte(query)) {
			return nil, fmt.Errorf("the terminal is asked for %s: %q", name, said)
		}
	}
	return nil, nil
}

// size is what is downloaded.
func (b *bench) size(context.Context) ([]row, error) {
	info, err := os.Stat(b.program)
	if err != nil {
		return nil, err
	}
	return []row{{name: "size of the program", ours: quantity{float64(info.Size()) / 1e6, "MB"}, aim: atMost(15)}}, nil
}
