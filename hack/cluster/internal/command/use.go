package command

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/fairlead/fairlead/hack/cluster/internal/layout"
	"github.com/fairlead/fairlead/hack/cluster/internal/preflight"
	"github.com/fairlead/fairlead/hack/cluster/internal/process"
	"github.com/fairlead/fairlead/hack/cluster/internal/shell"
)

func newLoad() *cobra.Command {
	return &cobra.Command{
		Use:   "load IMAGE.tar...",
		Short: "Give images to the cluster",
		Long: `Give images to the cluster, from archives that hack/image or 'docker save'
made, and print their names. No registry is involved: pods name the image and
use imagePullPolicy IfNotPresent or Never.`,
		Example: `  sudo bin/cluster load dist/fairlead.tar`,
		Args:    arguments(1, -1, "at least one image archive"),
		RunE: func(command *cobra.Command, paths []string) error {
			if err := preflight.Rights(preflight.System(), "loading images"); err != nil {
				return err
			}
			one, _, err := newCluster(io.Discard)
			if err != nil {
				return err
			}
			names, err := one.Load(command.Context(), paths)
			for _, name := range names {
				fmt.Fprintln(command.OutOrStdout(), name)
			}
			return err
		},
	}
}

func newKubeconfig() *cobra.Command {
	return &cobra.Command{
		Use:     "kubeconfig",
		Short:   "Print the administrator's kubeconfig file",
		Example: `  sudo bin/cluster kubeconfig > ~/fairlead.conf`,
		Args:    arguments(0, 0, ""),
		RunE: func(command *cobra.Command, _ []string) error {
			_, where, err := newCluster(io.Discard)
			if err != nil {
				return err
			}
			content, err := os.ReadFile(where.AdminKubeconfig())
			if err != nil {
				return unreadable(err)
			}
			_, err = command.OutOrStdout().Write(content)
			return err
		},
	}
}

func newEnv() *cobra.Command {
	return &cobra.Command{
		Use:     "env",
		Short:   "Print shell commands that set KUBECONFIG and PATH",
		Example: `  eval "$(bin/cluster env)"`,
		Args:    arguments(0, 0, ""),
		RunE: func(command *cobra.Command, _ []string) error {
			_, where, err := newCluster(io.Discard)
			if err != nil {
				return err
			}
			contents, err := process.ReadLedger(where.Ledger())
			if err != nil {
				return unreadable(err)
			}
			_, err = fmt.Fprintf(command.OutOrStdout(), "export KUBECONFIG=%s\nexport PATH=%s:\"$PATH\"\n",
				shell.Quote(where.AdminKubeconfig()), shell.Quote(contents.Programs))
			return err
		},
	}
}

// unreadable explains why a file of the cluster's cannot be read.
func unreadable(err error) error {
	switch {
	case errors.Is(err, process.ErrNoLedger), errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("%w; start one with 'cluster up'", process.ErrNoLedger)
	case errors.Is(err, os.ErrPermission):
		return fmt.Errorf("%w; only root reads it, run it with sudo", err)
	default:
		return err
	}
}

// noLog tells that a component has no log.
func noLog(where layout.Layout, component string) error {
	return fmt.Errorf("there is no log of %s in %s; 'cluster up' starts it", component, where.Logs())
}
