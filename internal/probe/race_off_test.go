//go:build !race

package probe

// raceDetector is off: times and memory are those of the program.
const raceDetector = false
