package termguard

import "os"

// inherited is TERM as the program was started with it, and whether it was set.
var inherited, wasSet = os.LookupEnv("TERM")

func init() { _ = os.Setenv("TERM", "dumb") }

// Restore gives TERM the value the program was started with, or removes it
// where there was none. It is main's first statement; calling it again does
// nothing more.
func Restore() {
	if wasSet {
		_ = os.Setenv("TERM", inherited)
		return
	}
	_ = os.Unsetenv("TERM")
}
