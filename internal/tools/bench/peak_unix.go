//go:build unix

package main

import (
	"os"
	"runtime"
	"syscall"
)

// peak is the most memory an ended process held, in MB; 0 where it is not told.
// It counts the moment before the process became its program, so it is never
// less than what this bench holds.
func peak(state *os.ProcessState) float64 {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	unit := 1024.0
	if runtime.GOOS == "darwin" {
		unit = 1
	}
	return float64(usage.Maxrss) * unit / 1e6
}
