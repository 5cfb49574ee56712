package main

import (
	"fmt"
	"os"
)

// peak is the most memory a running process has held since it became its program,
// in MB; 0 where it has ended. What wait tells of an ended one will not do: it counts
// the moment before, when the process was still a copy of this one.
func peak(pid int) float64 {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	return highWater(string(data))
}
