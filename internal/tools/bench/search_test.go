package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// echoes is a program that says ready, and then shows what is typed.
const echoes = `stty -echo -icanon; printf 'ready'; cat`

func TestAStillScreenIsTimedByItsLastChange(t *testing.T) {
	t.Parallel()
	// What repeats the screen as it is, as hiding the cursor does, is no change.
	c := command{argv: []string{script(t, t.TempDir(), "show", `printf one; printf '\033[?25l'; cat > /dev/null`)}, env: os.Environ()}
	s, err := startSession(t.Context(), c, true)
	if err != nil {
		t.Fatal(err)
	}
	defer s.end()
	if _, err := s.until("one"); err != nil {
		t.Fatal(err)
	}
	sent := time.Now()
	if _, err := s.tty.WriteString("x"); err != nil {
		t.Fatal(err)
	}
	last, err := s.still(longestKey)
	if err != nil || !last.After(sent) {
		t.Errorf("the key's echo was there at %v, sent at %v, %v", last, sent, err)
	}
	if again, err := s.still(calm); err != nil || !again.IsZero() {
		t.Errorf("nothing changed, yet a change is told at %v, %v", again, err)
	}
}

func TestASearchTimesEachKeyAndTheEndOfABurst(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("stty"); err != nil {
		t.Skip("stty is not installed")
	}
	p := &searcher{onScreen: onScreen{command: command{argv: []string{script(t, t.TempDir(), "echoes", echoes)}, env: os.Environ()}, ready: "ready"}}
	if err := p.searchOnce(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	if len(p.keys) != len(wanted) || len(p.burst) != 1 || len(p.first) != 2 {
		t.Errorf("timed %d keys, %d bursts, %d first frames", len(p.keys), len(p.burst), len(p.first))
	}
	for _, took := range append(p.keys, p.burst...) {
		if took <= 0 || took > longestKey {
			t.Errorf("a key took %s", took)
		}
	}
	if !strings.Contains(p.found, "ready"+wanted) {
		t.Errorf("the keys lead to\n%s", p.found)
	}
}

func TestASearchThatEndsTellsWhatItShowed(t *testing.T) {
	t.Parallel()
	p := &searcher{onScreen: onScreen{command: command{argv: []string{script(t, t.TempDir(), "ends", "printf 'no rows'")}, env: os.Environ()}, ready: "ready"}}
	if err := p.searchOnce(t.Context(), true); err == nil || !strings.Contains(err.Error(), "no rows") || !strings.Contains(err.Error(), "ends") {
		t.Errorf("the error is %v", err)
	}
}

func TestTheSearchIsSetAgainstEachPeerOrStandsAlone(t *testing.T) {
	t.Parallel()
	ours := &searcher{onScreen: onScreen{first: []time.Duration{50e6}, keys: []time.Duration{10e6, 12e6, 20e6}}, burst: []time.Duration{15e6}}
	fzf := &searcher{peer: "fzf", onScreen: onScreen{first: []time.Duration{25e6}, keys: []time.Duration{6e6}}, burst: []time.Duration{5e6}}
	gum := &searcher{peer: "gum filter", onScreen: onScreen{first: []time.Duration{100e6}, keys: []time.Duration{24e6}}, burst: []time.Duration{30e6}}
	both := searchRows(10, []*searcher{ours, fzf, gum}, atMost(60), atMost(11), atMost(20))
	var got []string
	for _, r := range both {
		got = append(got, strings.Join(r.cells(), "|"))
	}
	want := []string{
		"Home, 10 connectors: first frame|50.0 ms|fzf 25.0 ms|2.00|≤ 60 ms, met",
		"Home, 10 connectors: key to the repainted screen|12.0 ms|fzf 6.00 ms|2.00|≤ 11 ms, MISSED",
		"Home, 10 connectors: 9 keys of 10 are as quick|20.0 ms|fzf 6.00 ms|3.33|-",
		"Home, 10 connectors: settled after the last of a burst|15.0 ms|fzf 5.00 ms|3.00|≤ 20 ms, met",
		"Home, 10 connectors: first frame|50.0 ms|gum filter 100.0 ms|0.50|≤ 60 ms, met",
	}
	if len(got) != 8 || strings.Join(got[:5], "\n") != strings.Join(want, "\n") {
		t.Errorf("the rows are\n%s", strings.Join(got, "\n"))
	}
	alone := searchRows(10, []*searcher{ours}, aim{}, aim{}, aim{})
	if len(alone) != 4 || alone[0].peer != "" {
		t.Errorf("alone it is %+v", alone)
	}
}

func TestThePeakOfAProgramIsTold(t *testing.T) {
	t.Parallel()
	out, most, err := (command{argv: []string{script(t, t.TempDir(), "says", "echo said")}, env: os.Environ()}).output(t.Context())
	if err != nil || string(out) != "said\n" {
		t.Fatal(string(out), err)
	}
	if runtime.GOOS == "linux" && peak(os.Getpid()) < 1 {
		t.Errorf("this test holds %.1f MB", peak(os.Getpid()))
	}
	if most < 0 || most > 100 {
		t.Errorf("a shell held %.1f MB", most)
	}
	for status, want := range map[string]float64{
		"Name:\tx\nVmPeak:\t  900 kB\nVmHWM:\t    2000 kB\nVmRSS:\t 1000 kB\n": 2.048, "Name:\tx\n": 0, "": 0, "VmHWM:\tmuch\n": 0,
	} {
		if got := highWater(status); got != want {
			t.Errorf("%q says %g MB, want %g", status, got, want)
		}
	}
}

func TestTheRowsToSearchAreTheConnectorsThatWereSaved(t *testing.T) {
	t.Parallel()
	b := &bench{dir: t.TempDir()}
	home, lines, err := b.saveRows("few", 3)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(lines)
	if err != nil || strings.Count(string(text), "\n") != 3 || !strings.HasPrefix(string(text), "Service 0000 service0000 https://") {
		t.Errorf("the rows are %q, %v", text, err)
	}
	saved, err := os.ReadFile(filepath.Join(home, "data", "connectors", "service0002.yaml"))
	if err != nil || !strings.Contains(string(saved), "name: Service 0002\n") || !strings.Contains(string(saved), "identifier: service0002\n") {
		t.Errorf("the last one is %q, %v", saved, err)
	}
}
