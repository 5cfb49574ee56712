//go:build race

package probe

// raceDetector is on: everything takes about ten times as long and more memory
// than the program itself would.
const raceDetector = true
