package cmd

import "runtime/debug"

// roomForMany lets the heap grow further before it is cleaned, until the
// function that comes back is called. Many tests at a time make and drop
// buffers quickly while next to nothing stays, so that cleaning as often as usual
// takes a fifth of the processor's time; so it is with a short run that reads ten
// thousand connectors to save one. Whoever set GOGC has decided.
func roomForMany(getenv func(string) string) (restore func()) {
	const percent = 400
	if getenv("GOGC") != "" {
		return func() {}
	}
	before := debug.SetGCPercent(percent)
	return func() { debug.SetGCPercent(before) }
}
