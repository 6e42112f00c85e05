package command

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/fairlead/fairlead/hack/cluster/internal/binaries"
	"github.com/fairlead/fairlead/hack/cluster/internal/preflight"
)

func newBuild() *cobra.Command {
	var only string
	command := &cobra.Command{
		Use:   "build [--only apiserver-tests]",
		Short: "Build the programs of the cluster that are not in the cache",
		Long: `Build the programs of the cluster that are not in the cache.

About ten minutes on two cores the first time. A program is built again only
when its version, its flags or the version of Go changes; other checkouts use
the same cache. Prints the folder of the programs.`,
		Example: `  bin/cluster build
  bin/cluster build --only apiserver-tests   # kube-apiserver, etcd and kubectl`,
		Args: arguments(0, 0, ""),
		RunE: func(command *cobra.Command, _ []string) error {
			wanted := binaries.All()
			switch only {
			case "":
			case "apiserver-tests":
				wanted = binaries.APIServerTests()
			default:
				return fmt.Errorf("%w: --only knows apiserver-tests, not %q", errUsage, only)
			}
			return buildAndPrint(command.Context(), command, wanted)
		},
	}
	command.Flags().StringVar(&only, "only", "", "build a part: apiserver-tests")
	return command
}

func newAssets() *cobra.Command {
	return &cobra.Command{
		Use:   "assets",
		Short: "Print a folder with kube-apiserver, etcd and kubectl, built if need be",
		Long: `Print a folder with kube-apiserver, etcd and kubectl, built if need be.

The folder is what controller-runtime's envtest looks for in
KUBEBUILDER_ASSETS. Progress goes to the error stream, so that the output is
the folder alone. Root is not needed.`,
		Example: `  export KUBEBUILDER_ASSETS="$(bin/cluster assets)"
  go test ./...`,
		Args: arguments(0, 0, ""),
		RunE: func(command *cobra.Command, _ []string) error {
			return buildAndPrint(command.Context(), command, binaries.APIServerTests())
		},
	}
}

func buildAndPrint(ctx context.Context, command *cobra.Command, wanted []binaries.Binary) error {
	set, err := build(ctx, command.ErrOrStderr(), wanted, false)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(command.OutOrStdout(), set.Folder)
	return err
}

// build builds what is missing. Quiet says nothing when nothing is.
func build(ctx context.Context, progress io.Writer, wanted []binaries.Binary, quiet bool) (binaries.Set, error) {
	builder, err := newBuilder(progress)
	if err != nil {
		return binaries.Set{}, err
	}
	missing, err := builder.Missing(ctx, wanted)
	if err != nil {
		return binaries.Set{}, err
	}
	for _, one := range missing {
		// Known before minutes of building are spent on the others.
		if one.CGO {
			if err := preflight.Building(ctx, preflight.System()); err != nil {
				return binaries.Set{}, err
			}
		}
	}
	if len(missing) == 0 && quiet {
		builder.Progress = binaries.NewProgress(io.Discard)
	}
	return builder.Build(ctx, wanted)
}
