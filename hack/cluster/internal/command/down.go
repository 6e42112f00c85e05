package command

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fairlead/fairlead/hack/cluster/internal/cluster"
	"github.com/fairlead/fairlead/hack/cluster/internal/layout"
)

func newDown() *cobra.Command {
	return &cobra.Command{
		Use:   "down",
		Short: "Stop the cluster and remove every trace of it",
		Long: `Stop the cluster and remove every trace of it: processes, mounts, network
devices and namespaces, nftables tables, cgroups and files. The cluster's data
is lost; folders of the machine that pods used are kept. Built programs stay in
the cache.

It works on whole clusters and on what a start that was killed left behind, and
may be repeated. At the end it looks again, and fails with a list when
something is left.`,
		Example: `  sudo bin/cluster down`,
		Args:    arguments(0, 0, ""),
		RunE: func(command *cobra.Command, _ []string) error {
			return down(command.Context(), command.OutOrStdout(), command.ErrOrStderr())
		},
	}
}

func down(ctx context.Context, stdout, stderr io.Writer) error {
	_, where, release, err := claim(ctx, "removing the cluster", stdout, stderr)
	if err != nil {
		return err
	}
	defer release()
	return remove(ctx, where, stdout)
}

// remove removes everything and looks whether it is gone.
func remove(ctx context.Context, where layout.Layout, out io.Writer) error {
	one := cluster.New(where, out)
	found, stopError := one.Stop(ctx)
	left, err := one.Leftovers(ctx)
	if err != nil {
		return fmt.Errorf("looking for what is left: %w", err)
	}
	if len(left) > 0 {
		return fmt.Errorf("some things could not be removed:\n  - %s\nwhat went wrong: %w", strings.Join(left, "\n  - "), orUnknown(stopError))
	}
	if stopError != nil {
		return stopError
	}
	if !found {
		fmt.Fprintln(out, "There is no cluster; nothing to remove.")
		return nil
	}
	fmt.Fprintln(out, "The cluster is down; nothing is left of it.")
	return nil
}

func orUnknown(err error) error {
	if err == nil {
		return fmt.Errorf("no step failed; run 'cluster down' again")
	}
	return err
}
