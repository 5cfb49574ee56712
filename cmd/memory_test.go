package cmd

import (
	"runtime/debug"
	"testing"
)

// percent is how far the heap may grow at this moment.
func percent() int {
	now := debug.SetGCPercent(100)
	debug.SetGCPercent(now)
	return now
}

// Not parallel: the setting is the whole process's.
func TestTheHeapHasRoomWhileManyAreTestedAndNoLonger(t *testing.T) {
	before := percent()
	a := &app{alone: true, getenv: func(string) string { return "" }}
	restore := a.heapRoom(roomForTests)
	if got := percent(); got != 400 {
		t.Errorf("while testing it is %d", got)
	}
	restore()
	if got := percent(); got != before {
		t.Errorf("afterwards it is %d, before it was %d", got, before)
	}
	a.getenv = func(name string) string { return map[string]string{"GOGC": "50"}[name] }
	restore = a.heapRoom(roomForARun)
	if got := percent(); got != before {
		t.Errorf("with GOGC set it is %d, want %d as before", got, before)
	}
	restore()
}

// Two apps that put back what they found leave the first one's setting behind: the
// tests of this package once grew to 20 GB so.
func TestAnAppThatSharesItsProcessLeavesTheHeapAlone(t *testing.T) {
	before := percent()
	a := newTestApp(nil, nil, nil)
	a.getenv = func(string) string { return "" }
	restore := a.heapRoom(roomForARun)
	if got := percent(); got != before {
		t.Errorf("it is %d, want %d as before", got, before)
	}
	restore()
}
