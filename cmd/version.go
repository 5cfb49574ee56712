package cmd

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is set by the linker: -X bbconnect/cmd.version=v1.2.3.
var version string

// buildVersion is the version the build was given, else the one Go recorded for
// "go install", else "devel".
func buildVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}

func newVersion(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Long:  "Print the version. bbconnect --version does the same.",
		Args:  cobra.NoArgs, Example: "  bbconnect version\n  bbconnect version --json",
		RunE: func(c *cobra.Command, _ []string) error {
			if a.json {
				return a.writeJSON(map[string]string{"version": buildVersion()})
			}
			_, err := fmt.Fprintf(c.OutOrStdout(), "bbconnect version %s\n", buildVersion())
			return err
		},
	}
}
