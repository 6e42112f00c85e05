package command

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/fairlead/fairlead/hack/cluster/internal/cluster"
)

func newStatus() *cobra.Command {
	var output string
	command := &cobra.Command{
		Use:   "status",
		Short: "Show what runs, since when and in which version",
		Long: `Show what runs, since when and in which version.

Exit codes: 0 up, 3 down, 4 when something is there but not all of it works.`,
		Example: `  bin/cluster status
  bin/cluster status --output json`,
		Args: arguments(0, 0, ""),
		RunE: func(command *cobra.Command, _ []string) error {
			if output != "" && output != "json" {
				return fmt.Errorf("%w: --output knows json, not %q", errUsage, output)
			}
			one, _, err := newCluster(io.Discard)
			if err != nil {
				return err
			}
			status, err := one.Status(command.Context())
			if err != nil {
				return unreadable(err)
			}
			out := command.OutOrStdout()
			if output == "json" {
				encoder := json.NewEncoder(out)
				encoder.SetIndent("", "  ")
				err = encoder.Encode(status)
			} else {
				err = printStatus(out, status, time.Now())
			}
			if err != nil {
				return fmt.Errorf("printing the status: %w", err)
			}
			switch status.State {
			case cluster.StateUp:
				return nil
			case cluster.StateDown:
				return &exit{code: codeDown}
			default:
				return &exit{code: codeDegraded}
			}
		},
	}
	command.Flags().StringVarP(&output, "output", "o", "", "json for programs; a table otherwise")
	return command
}

func printStatus(out io.Writer, status cluster.Status, now time.Time) error {
	fmt.Fprintf(out, "The cluster is %s.\n", status.State)
	if status.Problem != "" {
		fmt.Fprintf(out, "Problem: %s\n", status.Problem)
	}
	if status.State == cluster.StateDown {
		return nil
	}
	table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table, "\nCOMPONENT\tSTATE\tPID\tSINCE\tVERSION")
	for _, one := range status.Components {
		state, pid, since := "down", "-", "-"
		if one.Up {
			state, pid = "up", fmt.Sprint(one.PID)
		}
		if one.Up && one.Since != nil {
			since = now.Sub(*one.Since).Round(time.Second).String()
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", one.Name, state, pid, since, one.Version)
	}
	if status.Node != nil {
		ready := "Ready"
		if !status.Node.Ready {
			ready = "NotReady"
		}
		fmt.Fprintln(table, "\nNODE\tSTATE\tVERSION\tRUNTIME\tSERVER")
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", status.Node.Name, ready, status.Node.Version, status.Node.Runtime, status.Server)
	}
	return table.Flush()
}
