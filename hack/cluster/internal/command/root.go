// Package command is the command line of the program cluster.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/fairlead/fairlead/hack/cluster/internal/binaries"
	"github.com/fairlead/fairlead/hack/cluster/internal/cluster"
	"github.com/fairlead/fairlead/hack/cluster/internal/exclusive"
	"github.com/fairlead/fairlead/hack/cluster/internal/layout"
	"github.com/fairlead/fairlead/hack/cluster/internal/preflight"
)

// Exit codes of the program.
const (
	codeFailed   = 1
	codeUsage    = 2
	codeDown     = 3
	codeDegraded = 4
)

// errUsage marks mistakes on the command line.
var errUsage = errors.New("wrong usage")

// exit ends the program with a code of its own and without a message.
type exit struct{ code int }

func (e *exit) Error() string { return fmt.Sprintf("exit code %d", e.code) }

// Run runs the command line and returns the exit code.
func Run(ctx context.Context, arguments []string, stdout, stderr io.Writer) int {
	root := newRoot() //nolint:contextcheck // cobra hands the context to the commands
	root.SetArgs(arguments)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	var wanted *exit
	switch {
	case err == nil:
		return 0
	case errors.As(err, &wanted):
		return wanted.code
	case errors.Is(err, errUsage):
		fmt.Fprintf(stderr, "cluster: %v\nRun 'cluster --help' for how to use it.\n", err)
		return codeUsage
	default:
		fmt.Fprintf(stderr, "cluster: %v\n", err)
		return codeFailed
	}
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "cluster",
		Short: "A real one-node Kubernetes on this machine, built from Go modules",
		Long: `A real one-node Kubernetes on this machine, built from Go modules.

'build' and 'assets' need Go alone. The other commands work on the one cluster
of this machine: 'up' needs root and Linux, and 'down' leaves nothing behind.

Environment:
  FAIRLEAD_CACHE           where built programs are kept (default: fairlead in
                           XDG_CACHE_HOME or ~/.cache)
  FAIRLEAD_CLUSTER_DIR     where the running cluster keeps its state (default:
                           ` + layout.DefaultFolder + `)
  FAIRLEAD_CLUSTER_SOURCE  the folder hack/cluster/binaries, when the program
                           runs outside of a checkout

Exit codes:
  0  done; for status: up
  1  failed
  2  wrong usage
  3  status: down
  4  status: something is there, but not all of it works`,
		Example: `  bin/cluster up                       # some seconds, once everything is built
  eval "$(bin/cluster env)"            # sets KUBECONFIG and PATH
  kubectl get nodes
  bin/cluster load dist/fairlead.tar   # images come from archives
  bin/cluster down                     # leaves nothing behind

  export KUBEBUILDER_ASSETS="$(bin/cluster assets)"   # for tests with envtest`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args: func(_ *cobra.Command, given []string) error {
			if len(given) > 0 {
				return fmt.Errorf("%w: there is no command %q", errUsage, given[0])
			}
			return nil
		},
		RunE: func(command *cobra.Command, _ []string) error { return command.Help() },
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return fmt.Errorf("%w: %w", errUsage, err) })
	root.CompletionOptions.DisableDefaultCmd = true
	root.AddCommand(newBuild(), newAssets(), newUp(), newStart(), newDown(), newStatus(), newLoad(), newKubeconfig(), newEnv(), newLogs())
	return root
}

// arguments checks how many there are; most is -1 for any number.
func arguments(least, most int, what string) cobra.PositionalArgs {
	return func(command *cobra.Command, given []string) error {
		if len(given) < least {
			return fmt.Errorf("%w: '%s' wants %s", errUsage, command.CommandPath(), what)
		}
		if most >= 0 && len(given) > most {
			return fmt.Errorf("%w: '%s' does not take %q", errUsage, command.CommandPath(), given[most])
		}
		return nil
	}
}

// newBuilder finds the cache and the sources.
func newBuilder(progress io.Writer) (binaries.Builder, error) {
	cache, err := binaries.CacheFolder(os.Getenv)
	if err != nil {
		return binaries.Builder{}, err
	}
	var from []string
	if folder, err := os.Getwd(); err == nil {
		from = append(from, folder)
	}
	if path, err := os.Executable(); err == nil {
		from = append(from, filepath.Dir(path))
	}
	source, err := binaries.FindSource(os.Getenv("FAIRLEAD_CLUSTER_SOURCE"), from...)
	if err != nil {
		return binaries.Builder{}, err
	}
	return binaries.Builder{Source: source, Cache: binaries.Cache{Folder: cache}, Progress: binaries.NewProgress(progress)}, nil
}

// newCluster is the cluster of this machine.
func newCluster(out io.Writer) (*cluster.Cluster, layout.Layout, error) {
	where, err := layout.New(os.Getenv)
	if err != nil {
		return nil, layout.Layout{}, err
	}
	return cluster.New(where, out), where, nil
}

// claim is the cluster of this machine together with the right to change it,
// which one program has at a time.
func claim(ctx context.Context, what string, stdout, stderr io.Writer) (*cluster.Cluster, layout.Layout, func(), error) {
	one, where, err := newCluster(stdout)
	if err != nil {
		return nil, where, nil, err
	}
	if err := preflight.Rights(preflight.System(), what); err != nil {
		return nil, where, nil, err
	}
	release, err := exclusive.Acquire(ctx, func(pid int) {
		fmt.Fprintf(stderr, "waiting for another 'cluster up' or 'cluster down' to end (process %d)\n", pid)
	})
	if err != nil {
		return nil, where, nil, err
	}
	if err := one.CheckOther(); err != nil {
		release()
		return nil, where, nil, err
	}
	return one, where, release, nil
}
