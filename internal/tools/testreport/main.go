// Command testreport reads the events of "go test -json" on its standard input
// and prints what "go test" prints, followed by what go test does not say: how
// many tests ran, and, by name and reason, each one that was skipped. What was
// not tested on a machine should be the last thing its owner reads.
//
//	go test -json ./... | testreport
//
// It exits 1 where a test or a build failed, where no test ran at all, and,
// with -no-skips, where any was skipped.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	noSkips := flag.Bool("no-skips", false, "fail when a test was skipped")
	flag.Parse()
	r := newReport(os.Stdout)
	if err := r.read(os.Stdin); err != nil {
		fmt.Fprintf(os.Stderr, "testreport: %v\n", err)
		os.Exit(1)
	}
	if !r.finish(*noSkips) {
		os.Exit(1)
	}
}
