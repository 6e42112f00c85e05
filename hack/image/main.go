// Command image packs static binaries into a container image archive.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/fairlead/fairlead/hack/image/archive"
)

// errUsage marks mistakes on the command line; they end with code 2.
var errUsage = errors.New("usage")

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

func run(arguments []string, stdout, stderr io.Writer) int {
	command := newCommand()
	command.SetArgs(arguments)
	command.SetOut(stdout)
	command.SetErr(stderr)
	err := command.Execute()
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errUsage):
		fmt.Fprintf(stderr, "image: %v\nRun 'image --help' for how to use it.\n", err)
		return 2
	default:
		fmt.Fprintf(stderr, "image: %v\n", err)
		return 1
	}
}

func newCommand() *cobra.Command {
	var spec archive.Spec
	var output string
	command := &cobra.Command{
		Use:   "image --name NAME --output FILE --binary FILE [--binary FILE ...]",
		Short: "Pack static binaries into a container image archive",
		Long: `Pack static binaries into a container image archive, without a container engine.

The image is one layer over an empty root and runs as user ` + archive.User + `.
The first binary is the entry point. The same binaries always give the same
digest. The platform is read from the binaries.

Exit codes: 0 written, 1 failed, 2 wrong usage.`,
		Example: `  bin/image --name fairlead:dev --output dist/fairlead.tar --binary dist/fairlead

  # then, with any one of
  bin/cluster load dist/fairlead.tar
  docker load --input dist/fairlead.tar
  ctr --namespace k8s.io images import dist/fairlead.tar`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args: func(_ *cobra.Command, arguments []string) error {
			if len(arguments) > 0 {
				return fmt.Errorf("%w: unexpected argument %q; binaries are named with --binary", errUsage, arguments[0])
			}
			return nil
		},
		RunE: func(command *cobra.Command, _ []string) error {
			if spec.Name == "" || output == "" || len(spec.Binaries) == 0 {
				return fmt.Errorf("%w: --name, --output and at least one --binary are needed", errUsage)
			}
			result, err := archive.Write(spec, output)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(command.OutOrStdout(), "%s (linux/%s)\n%s\n%s, %.1f MB\n",
				result.Name, result.Architecture, result.Digest, output, float64(result.Bytes)/1e6)
			return err
		},
	}
	command.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		return fmt.Errorf("%w: %w", errUsage, err)
	})
	flags := command.Flags()
	flags.StringVar(&spec.Name, "name", "", "name of the image, with its tag")
	flags.StringVar(&output, "output", "", "where to write the archive")
	flags.StringArrayVar(&spec.Binaries, "binary", nil, "a static Linux binary; may be given several times, the first is the entry point")
	flags.StringVar(&spec.Labels.Title, "title", "Fairlead", "label: title of the image")
	flags.StringVar(&spec.Labels.Version, "version", "dev", "label: version of what is in the image")
	flags.StringVar(&spec.Labels.Source, "source", "https://github.com/fairlead/fairlead", "label: where the source code is")
	flags.StringVar(&spec.Labels.Licenses, "licenses", "", "label: licences as an SPDX expression, such as Apache-2.0")
	return command
}
