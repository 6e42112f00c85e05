package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/fairlead/fairlead/internal/outreach"
	"github.com/fairlead/fairlead/internal/store"
)

func newOutreachCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "outreach",
		Short: "Look at runs, and decide on messages that a crash left unknown",
		Long: `Look at runs, and decide on messages that a crash left unknown: they were in flight
when a worker died, and nobody knows whether the server took them.`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error { return command.Help() },
	}
	command.AddCommand(newUnknownCommand(), newResolveCommand())
	return command
}

// runOf finds the run of a key.
func runOf(ctx context.Context, s opened, key string) (*store.Run, error) {
	run, err := s.RunByKey(ctx, key)
	if err == nil && run == nil {
		err = usageError{fmt.Errorf("%w: %s", outreach.ErrNoRun, key)}
	}
	return run, err
}

func checkRunKey(key string) error {
	if key == "" {
		return usageError{errors.New("which run? Pass --run-key KEY")}
	}
	return nil
}

// unknownJSON is one unknown message, for programs.
type unknownJSON struct {
	Message   int64     `json:"message"`
	MessageID string    `json:"messageID,omitempty"`
	Customer  string    `json:"customer"`
	Found     time.Time `json:"found"`
}

func newUnknownCommand() *cobra.Command {
	options := &storeOptions{}
	var output, key string
	command := &cobra.Command{
		Use:   "unknown --run-key KEY",
		Short: "List messages of which nobody knows whether they were sent",
		Long: `List messages of which nobody knows whether they were sent. A mail server's log has
those that it took under their Message-ID, without the angle brackets.`,
		Example: `  fairlead outreach unknown --run-key opening-notice-2026 -n expo --store-name crm
  fairlead outreach unknown --run-key opening-notice-2026 -o json \
    --store sqlite:///tmp/crm.db`,
		Args:    cobra.NoArgs,
		PreRunE: func(*cobra.Command, []string) error { return checkRunKey(key) },
	}
	registerOutput(command.Flags(), &output)
	command.Flags().StringVar(&key, "run-key", "", "key of the run (spec.runKey of its Outreach)")
	return onStore(command, options, func(ctx context.Context, s opened, _ []string, out io.Writer) error {
		run, err := runOf(ctx, s, key)
		if err != nil {
			return err
		}
		plan, err := outreach.ParsePlan(run.Plan)
		if err != nil {
			return err
		}
		unknown, err := s.UnknownOf(ctx, run.ID)
		if err != nil {
			return err
		}
		listed := make([]unknownJSON, len(unknown))
		for i, m := range unknown {
			listed[i] = unknownJSON{m.Seq, plan.MessageID(run, m.Seq), m.Customer, time.UnixMilli(m.At).UTC()}
		}
		if output == "json" {
			return writeJSON(out, listed)
		}
		if len(listed) == 0 {
			fmt.Fprintf(out, "No message of the run %s is unknown.\n", key)
			return nil
		}
		table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
		fmt.Fprintln(table, "MESSAGE\tCUSTOMER\tFOUND\tMESSAGE-ID")
		for _, m := range listed {
			fmt.Fprintf(table, "%d\t%s\t%s\t%s\n", m.Message, m.Customer, m.Found.Format(time.DateTime), m.MessageID)
		}
		return table.Flush()
	})
}

func newResolveCommand() *cobra.Command {
	options, actor := &storeOptions{}, &actorOptions{}
	var key, how, output string
	choices := map[string]store.UnknownChoice{"resend": store.ResolveResend, "drop": store.ResolveDrop}
	command := &cobra.Command{
		Use:   "resolve --run-key KEY --unknown resend|drop",
		Short: "Decide on messages of which nobody knows whether they were sent",
		Long: `Decide on all messages of a run of which nobody knows whether they were sent:

  resend   sends them: whoever got the first one gets two
  drop     does not: whoever did not get the first one gets none

A run that was completed goes on after resend: its Outreach starts another Job within
a minute.`,
		Example: `  fairlead outreach resolve --run-key opening-notice-2026 --unknown resend \
    -n expo --store-name crm
  fairlead outreach resolve --run-key opening-notice-2026 --unknown drop \
    --store sqlite:///tmp/crm.db`,
		Args: cobra.NoArgs,
		PreRunE: func(*cobra.Command, []string) error {
			if _, is := choices[how]; !is {
				return usageError{fmt.Errorf("--unknown %q: want resend or drop", how)}
			}
			return checkRunKey(key)
		},
	}
	command.Flags().StringVar(&key, "run-key", "", "key of the run (spec.runKey of its Outreach)")
	command.Flags().StringVar(&how, "unknown", "", "what to do with them: resend or drop")
	actor.register(command.Flags())
	registerOutput(command.Flags(), &output)
	return onStore(command, options, func(ctx context.Context, s opened, _ []string, out io.Writer) error {
		run, err := runOf(ctx, s, key)
		if err != nil {
			return err
		}
		resolved, err := s.Resolve(ctx, run.ID, choices[how], actor.actor)
		var ended *store.RunEndedError
		if errors.As(err, &ended) {
			return fmt.Errorf("the run %s is %s, so nothing of it is sent any more: pass --unknown drop", key, ended.State)
		}
		if err != nil {
			return err
		}
		text := fmt.Sprintf("%d unknown messages of the run %s will be sent again.", resolved, key)
		switch {
		case resolved == 0:
			text = fmt.Sprintf("No message of the run %s is unknown.", key)
		case choices[how] == store.ResolveDrop:
			text = fmt.Sprintf("%d unknown messages of the run %s are dropped.", resolved, key)
		}
		return tell(out, output, map[string]int64{"resolved": resolved}, text)
	})
}
