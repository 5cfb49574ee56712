// Package cmd is the command line: it wires the rooms together, and turns what
// they answer into text, JSON and exit codes.
package cmd

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// Exit codes, which scripts rely on: they change only by addition.
const (
	exitDone  = 0
	exitUsage = 2
)

// Main runs one command line and returns the exit code of the process.
func Main(args []string, in io.Reader, out, errOut io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errOut)
	if err := root.Execute(); err != nil {
		_, _ = fmt.Fprintf(errOut, "bbconnect: %v\n", err)
		return exitUsage
	}
	return exitDone
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "bbconnect",
		Short:         "Set up, test and migrate Bitbucket connectors for Harness",
		Version:       buildVersion(),
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetVersionTemplate("bbconnect {{.Version}}\n")
	root.AddCommand(newVersion())
	return root
}
