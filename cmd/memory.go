package cmd

import "runtime/debug"

// How far the heap may grow before it is cleaned, in percent of what stays. Many
// tests at a time make and drop buffers quickly while next to nothing stays, so that
// cleaning as often as usual takes a fifth of the processor's time. A short run that
// reads ten thousand connectors ends before cleaning could gain anything: at first it
// comes at some forty megabytes, which such a run does not reach.
const (
	roomForTests = 400
	roomForARun  = 1000
)

// heapRoom lets the heap grow further before it is cleaned, until the function that
// comes back is called. It is a setting of the whole process, so only an app that
// has the process to itself touches it; whoever set GOGC has decided.
func (a *app) heapRoom(percent int) (restore func()) {
	if !a.alone || a.getenv("GOGC") != "" {
		return func() {}
	}
	before := debug.SetGCPercent(percent)
	return func() { debug.SetGCPercent(before) }
}
