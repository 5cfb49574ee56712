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
	none := func(string) string { return "" }
	restore := roomFor(roomForTests, none)
	if got := percent(); got != 400 {
		t.Errorf("while testing it is %d", got)
	}
	restore()
	if got := percent(); got != before {
		t.Errorf("afterwards it is %d, before it was %d", got, before)
	}
	restore = roomFor(roomForARun, func(name string) string { return map[string]string{"GOGC": "50"}[name] })
	if got := percent(); got != before {
		t.Errorf("with GOGC set it is %d, want %d as before", got, before)
	}
	restore()
}
