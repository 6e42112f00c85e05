package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/fairlead/fairlead/hack/cluster/internal/binaries"
	"github.com/fairlead/fairlead/hack/cluster/internal/cluster"
	"github.com/fairlead/fairlead/hack/cluster/internal/layout"
	"github.com/fairlead/fairlead/hack/cluster/internal/preflight"
	"github.com/fairlead/fairlead/hack/cluster/internal/shell"
)

func newUp() *cobra.Command {
	var timeout time.Duration
	command := &cobra.Command{
		Use:   "up",
		Short: "Start the cluster, or tell that it is up",
		Long: `Start the cluster, or tell that it is up.

Checks the machine first, builds what is missing, and returns when the node is
ready, Services are reached and names are resolved. What an earlier start left
behind is removed first. When the start fails or is interrupted, everything is
removed again. The time limit does not count building.`,
		Example: `  sudo bin/cluster up
  sudo bin/cluster up --timeout 5m   # on a slow machine`,
		Args: arguments(0, 0, ""),
		RunE: func(command *cobra.Command, _ []string) error {
			if timeout <= 0 {
				return fmt.Errorf("%w: --timeout must be more than zero", errUsage)
			}
			return up(command.Context(), command.OutOrStdout(), command.ErrOrStderr(), timeout)
		},
	}
	command.Flags().DurationVar(&timeout, "timeout", 2*time.Minute, "how long the start may take")
	return command
}

func up(ctx context.Context, stdout, stderr io.Writer, timeout time.Duration) error {
	one, where, release, err := claim(ctx, "starting the cluster", stdout, stderr)
	if err != nil {
		return err
	}
	defer release()
	status, err := one.Status(ctx)
	if err != nil {
		fmt.Fprintf(stderr, "cluster: %v; it counts as a cluster that is down\n", err)
	}
	if status.State == cluster.StateUp {
		fmt.Fprintln(stdout, "The cluster is up already.")
		printUse(stdout, preflight.System().Program, where)
		return nil
	}
	machine := preflight.System()
	if err := preflight.Programs(machine); err != nil {
		return err
	}
	if status.Problem != "" {
		fmt.Fprintf(stdout, "Removing what is left of an earlier cluster (%s)\n", status.Problem)
	}
	if _, err := one.Stop(ctx); err != nil {
		return fmt.Errorf("removing what is left of an earlier cluster: %w", err)
	}
	if err := preflight.All(one.CheckFolder(), preflight.Free(machine), cluster.ForeignTable(ctx)); err != nil {
		return err
	}
	set, err := build(ctx, stderr, binaries.All(), true)
	if err != nil {
		return err
	}
	return start(ctx, where, set, stdout, stderr, timeout)
}

// start starts the cluster and removes it again when that fails.
func start(ctx context.Context, where layout.Layout, set binaries.Set, stdout, stderr io.Writer, timeout time.Duration) error {
	one := cluster.New(where, stdout)
	one.Use(set)
	limited, cancel := context.WithTimeoutCause(ctx, timeout, fmt.Errorf("the time limit of %s is over; --timeout gives more", timeout))
	defer cancel()
	began := time.Now()
	err := one.Start(limited)
	if err == nil {
		fmt.Fprintf(stdout, "\nThe cluster is up after %.1f s.\n", time.Since(began).Seconds())
		warnOfFirewall(ctx, stderr)
		printUse(stdout, preflight.System().Program, where)
		return nil
	}
	fmt.Fprintf(stderr, "cluster: the start failed: %v\n", err)
	var failure *cluster.Failure
	if errors.As(err, &failure) {
		printTail(stderr, where.Log(failure.Component), failure.Component)
	}
	// Whoever interrupted it knows why it ended.
	if ctx.Err() == nil {
		if kept, err := keepLogs(where); err != nil {
			fmt.Fprintf(stderr, "The logs could not be kept: %v\n", err)
		} else {
			fmt.Fprintf(stderr, "All logs of this start are kept in %s\n", kept)
		}
	}
	// Removing must work although the start was interrupted.
	removal, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	fmt.Fprintln(stderr, "Removing what was started")
	if err := remove(removal, where, stderr); err != nil {
		return err
	}
	return &exit{code: codeFailed}
}

// printUse tells how to go on, in lines for a shell.
func printUse(out io.Writer, program string, where layout.Layout) {
	fmt.Fprintf(out, `
  eval "$(%[1]s env)"     sets KUBECONFIG and PATH; then: kubectl get nodes
  %[1]s status            what runs
  %[1]s logs COMPONENT    what it says
  %[1]s load IMAGE.tar    images come from archives (imagePullPolicy: IfNotPresent)
  %[1]s down              removes everything

State and logs are in %[2]s
`, shell.Quote(program), where.Folder)
}

// warnOfFirewall tells what pods will not be able to do. The cluster works
// without it, so it is no reason to fail.
func warnOfFirewall(ctx context.Context, stderr io.Writer) {
	if !cluster.ForwardingDropped(ctx) {
		return
	}
	fmt.Fprintf(stderr, `
Warning: this machine's firewall (Docker sets it up so) drops what passes from
pod to pod. To let it pass until the next reboot:
  nft insert rule ip filter FORWARD ip saddr %[1]s accept
  nft insert rule ip filter FORWARD ip daddr %[1]s accept
`, layout.PodRange)
}
