package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"
)

// version of this build, set by the linker.
var version = "dev"

func newVersionCommand() *cobra.Command {
	var output string
	command := &cobra.Command{
		Use:   "version",
		Short: "Print the version of this program",
		Example: `  fairlead version
  fairlead version -o json`,
		Args:    cobra.NoArgs,
		PreRunE: func(command *cobra.Command, _ []string) error { return checkOutput(command.Flags()) },
		RunE: func(command *cobra.Command, _ []string) error {
			platform := runtime.GOOS + "/" + runtime.GOARCH
			return tell(command.OutOrStdout(), output,
				map[string]string{"version": version, "goVersion": runtime.Version(), "platform": platform},
				fmt.Sprintf("fairlead %s (%s, %s)", version, runtime.Version(), platform))
		},
	}
	registerOutput(command.Flags(), &output)
	return command
}
