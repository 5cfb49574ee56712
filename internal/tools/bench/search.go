package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"time"
)

// wanted is what is typed into a search: it narrows the rows with every key.
const wanted = "srv4217"

// searcher is a program that searches the same rows, and what was measured.
type searcher struct {
	onScreen
	peer string
	// slow is a program that takes seconds for a key of many rows: it runs once.
	slow bool
	// found is the screen after the last single key, which a burst must end at.
	found string
	// onScreen.keys is until the screen stays as it is after one key, burst until it
	// is what it must be after the last of all of them, typed burstGap apart.
	burst []time.Duration
}

// slowFrom is the number of rows from which on a slow program runs only once.
const slowFrom = 50_000

// burstGap is the time between two keys of someone who types fast.
const burstGap = 30 * time.Millisecond

func (b *bench) search10k(ctx context.Context) ([]row, error) {
	return b.search(ctx, 10_000, max(2, b.n/6), atMost(60), atMost(15), atMost(20))
}

func (b *bench) search100k(ctx context.Context) ([]row, error) {
	return b.search(ctx, 100_000, b.few(), aim{}, atMost(45), atMost(20))
}

// search measures Home with so many rows: its first whole frame, a key to the
// repainted screen, and a burst of keys, against what else searches such rows.
func (b *bench) search(ctx context.Context, n, rounds int, frame, key, burst aim) ([]row, error) {
	home, lines, err := b.saveRows(fmt.Sprintf("search-%d", n), n)
	if err != nil {
		return nil, err
	}
	env := b.environment("HOME="+home, "BBCONNECT_HOME="+home, "ROWS="+lines, "SHELL=/bin/sh")
	// The first run builds the index.
	if _, _, err := (command{argv: []string{b.program, "list", "--json"}, env: env, dir: home}).output(ctx); err != nil {
		return nil, err
	}
	programs := []*searcher{{onScreen: onScreen{
		command: command{argv: []string{b.program}, env: env, dir: home}, ready: fmt.Sprintf("%d connectors", n), open: "/",
	}}}
	for _, peer := range []struct{ name, arguments, ready string }{
		{"fzf", "", fmt.Sprintf("%d/%d", n, n)}, {"gum", " filter", "Filter..."},
	} {
		path, err := exec.LookPath(peer.name)
		if err != nil {
			b.table.left = append(b.table.left, leftOut{fmt.Sprintf("%s over %d rows", peer.name, n), peer.name + " is not installed"})
			continue
		}
		argv := []string{"/bin/sh", "-c", `exec "$0"` + peer.arguments + ` < "$ROWS"`, path}
		programs = append(programs, &searcher{peer: peer.name + peer.arguments, slow: peer.name == "gum", onScreen: onScreen{command: command{argv: argv, env: env, dir: home}, ready: peer.ready}})
	}
	for round := range rounds + 1 {
		for _, p := range programs {
			if n > slowFrom && p.slow && round != 1 {
				continue
			}
			if err := p.searchOnce(ctx, round > 0); err != nil {
				return nil, err
			}
		}
	}
	return searchRows(n, programs, frame, key, burst), nil
}

// searchRows are our figures beside each peer's, or alone where there is none.
func searchRows(n int, programs []*searcher, frame, key, burst aim) (rows []row) {
	ours, peers := programs[0], programs[1:]
	if len(peers) == 0 {
		peers = []*searcher{{}}
	}
	for _, p := range peers {
		name := fmt.Sprintf("Home, %d connectors: ", n)
		rows = append(
			rows,
			row{name + "first frame", medianMS(ours.first), p.peer, medianMS(p.first), frame},
			row{name + "key to the repainted screen", medianMS(ours.keys), p.peer, medianMS(p.keys), key},
			row{name + "9 keys of 10 are as quick", quantileMS(ours.keys, 0.9), p.peer, quantileMS(p.keys, 0.9), aim{}},
			row{name + "settled after the last of a burst", medianMS(ours.burst), p.peer, medianMS(p.burst), burst},
		)
	}
	return rows
}

// searchOnce runs the program twice: for single keys, and for a burst of them.
func (p *searcher) searchOnce(ctx context.Context, counts bool) error {
	for _, inBurst := range []bool{false, true} {
		if err := p.run(ctx, inBurst, counts); err != nil {
			return fmt.Errorf("%s %w", p.argv[0], err)
		}
	}
	return nil
}

// run is one run of the program from its start to the last key.
func (p *searcher) run(ctx context.Context, inBurst, counts bool) error {
	s, err := startSession(ctx, p.command, true)
	if err != nil {
		return err
	}
	defer s.end()
	shown, err := s.until(p.ready)
	if err != nil {
		return err
	}
	if _, err := s.still(calm); err != nil {
		return err
	}
	if _, err := s.tty.WriteString(p.open); err != nil {
		return err
	}
	if _, err := s.still(calm); err != nil {
		return err
	}
	if counts {
		p.first = append(p.first, shown.Sub(s.began))
	}
	for i, key := range wanted {
		sent := time.Now()
		if _, err := s.tty.WriteString(string(key)); err != nil {
			return err
		}
		if inBurst && i < len(wanted)-1 {
			if err := s.pause(burstGap); err != nil {
				return err
			}
			continue
		}
		if err := p.note(s, sent, inBurst, counts); err != nil {
			return err
		}
	}
	return nil
}

// longestKey is how long a program may take to show what a key did.
const longestKey = 20 * time.Second

// note waits for the screen that the keys lead to and keeps how long that took.
func (p *searcher) note(s *session, sent time.Time, inBurst, counts bool) error {
	var last time.Time
	var err error
	if inBurst {
		// Frames of the keys before may still come, some with a long time between them.
		last, err = s.until(p.found)
	} else {
		last, err = s.still(longestKey)
		p.found = s.screen.String()
	}
	switch {
	case err != nil:
		return err
	case last.IsZero():
		return errors.New("shows nothing after a key:\n" + s.screen.String())
	case counts && inBurst:
		p.burst = append(p.burst, last.Sub(sent))
	case counts:
		p.keys = append(p.keys, last.Sub(sent))
	}
	return nil
}
