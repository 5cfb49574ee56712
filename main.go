// Command bbconnect sets up, tests, stores and migrates the Bitbucket
// connectors of Harness from a terminal.
package main

import (
	"os"

	"bbconnect/cmd"
	"bbconnect/internal/termguard"
)

func main() {
	termguard.Restore()
	os.Exit(cmd.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
