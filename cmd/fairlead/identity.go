package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/fairlead/fairlead/internal/store"
)

func newCandidatesCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "candidates",
		Short: "Decide on parties that may be the same",
		Long: `Decide on parties that may be the same: look-alikes that an import met and was
not certain about.`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error { return command.Help() },
	}
	command.AddCommand(newCandidatesListCommand(), newAcceptCommand(), newRejectCommand())
	return command
}

func newCandidatesListCommand() *cobra.Command {
	options := &storeOptions{}
	var output string
	var limit int
	var after int64
	command := &cobra.Command{
		Use:   "list",
		Short: "List pairs that wait for a decision",
		Example: `  fairlead customer candidates list --store sqlite:///tmp/crm.db
  fairlead customer candidates list --after 100 --limit 20 -o json \
    --store sqlite:///tmp/crm.db`,
		Args: cobra.NoArgs,
		PreRunE: func(*cobra.Command, []string) error {
			if limit < 1 {
				return usageError{errors.New("--limit must be at least 1")}
			}
			return nil
		},
	}
	registerOutput(command.Flags(), &output)
	command.Flags().IntVar(&limit, "limit", 50, "how many to list at most")
	command.Flags().Int64Var(&after, "after", 0, "list from behind this number on")
	return onStore(command, options, func(ctx context.Context, s opened, _ []string, out io.Writer) error {
		candidates, total, err := s.Candidates(ctx, after, limit)
		if err != nil {
			return err
		}
		if output == "json" {
			return writeJSON(out, struct {
				Total      int64             `json:"total"`
				Candidates []store.Candidate `json:"candidates"`
			}{total, append([]store.Candidate{}, candidates...)})
		}
		if len(candidates) == 0 {
			fmt.Fprintf(out, "No pair waits for a decision here (%d in all).\n", total)
			return nil
		}
		table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
		fmt.Fprintln(table, "ID\tWHY\tCODE\tNAME\tCOUNTRY\tOTHER CODE\tOTHER NAME\tCOUNTRY\tDISAGREE ON")
		for _, c := range candidates {
			fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", c.ID, c.Reason, oneLine(c.Party.Code), oneLine(c.Party.Name), c.Party.Country,
				oneLine(c.Other.Code), oneLine(c.Other.Name), c.Other.Country, strings.Join(c.Conflicts, ", "))
		}
		if err := table.Flush(); err != nil {
			return err
		}
		if total > int64(len(candidates)) {
			fmt.Fprintf(out, "%d pairs wait in all; see more by --after %d.\n", total, candidates[len(candidates)-1].ID)
		}
		return nil
	})
}

// numberArgument takes the number of a candidate or a merge.
func numberArgument(args []string) (int64, error) {
	number, err := strconv.ParseInt(args[0], 10, 64)
	if err != nil || number < 1 {
		return 0, usageError{fmt.Errorf("%q is not a number from the list", args[0])}
	}
	return number, nil
}

func newAcceptCommand() *cobra.Command {
	options, actor := &storeOptions{}, &actorOptions{}
	var output string
	command := &cobra.Command{
		Use:     "accept ID",
		Short:   "Say that a pair is one: merge the younger party into the older",
		Example: `  fairlead customer candidates accept 17 --store sqlite:///tmp/crm.db`,
		Args:    cobra.ExactArgs(1),
	}
	actor.register(command.Flags())
	registerOutput(command.Flags(), &output)
	return onStore(command, options, func(ctx context.Context, s opened, args []string, out io.Writer) error {
		id, err := numberArgument(args)
		if err != nil {
			return err
		}
		merge, err := s.AcceptCandidate(ctx, id, actor.actor)
		if err != nil {
			return err
		}
		return tellMerge(out, output, merge)
	})
}

// tellMerge says by which number a merge can be undone.
func tellMerge(out io.Writer, format string, merge int64) error {
	return tell(out, format, map[string]int64{"merge": merge}, fmt.Sprintf("Merged. To undo it: fairlead customer undo %d", merge))
}

func newRejectCommand() *cobra.Command {
	options, actor := &storeOptions{}, &actorOptions{}
	var output string
	command := &cobra.Command{
		Use:     "reject ID",
		Short:   "Say that a pair is not one; it is not put up again",
		Example: `  fairlead customer candidates reject 18 --store sqlite:///tmp/crm.db`,
		Args:    cobra.ExactArgs(1),
	}
	actor.register(command.Flags())
	registerOutput(command.Flags(), &output)
	return onStore(command, options, func(ctx context.Context, s opened, args []string, out io.Writer) error {
		id, err := numberArgument(args)
		if err != nil {
			return err
		}
		if err := s.RejectCandidate(ctx, id, actor.actor); err != nil {
			return err
		}
		return tell(out, output, map[string]int64{"rejected": id}, "Rejected: they stay apart.")
	})
}

func newMergeCommand() *cobra.Command {
	options, actor := &storeOptions{}, &actorOptions{}
	var reason, output string
	command := &cobra.Command{
		Use:   "merge SURVIVOR LOSER --reason TEXT",
		Short: "Say that two parties are one",
		Long: `Say that two parties are one: everything recorded of LOSER belongs to SURVIVOR
from now on. Of every field the newest value of the most trusted source stands.`,
		Example: `  fairlead customer merge FL-0000042 FL-0000107 --reason "renamed in 2024" \
    --store sqlite:///tmp/crm.db`,
		Args: cobra.ExactArgs(2),
		PreRunE: func(*cobra.Command, []string) error {
			if reason == "" {
				return usageError{errors.New("--reason is missing: it stands in the log of merges")}
			}
			return nil
		},
	}
	command.Flags().StringVar(&reason, "reason", "", "why, for the log of merges")
	actor.register(command.Flags())
	registerOutput(command.Flags(), &output)
	return onStore(command, options, func(ctx context.Context, s opened, args []string, out io.Writer) error {
		merge, err := s.Merge(ctx, args[0], args[1], reason, actor.actor)
		if err != nil {
			return err
		}
		return tellMerge(out, output, merge)
	})
}

func newMergesCommand() *cobra.Command {
	options := &storeOptions{}
	var output string
	var limit int
	command := &cobra.Command{
		Use:     "merges",
		Short:   "Show the log of merges, newest first",
		Example: `  fairlead customer merges --store sqlite:///tmp/crm.db`,
		Args:    cobra.NoArgs,
		PreRunE: func(*cobra.Command, []string) error {
			if limit < 1 {
				return usageError{errors.New("--limit must be at least 1")}
			}
			return nil
		},
	}
	registerOutput(command.Flags(), &output)
	command.Flags().IntVar(&limit, "limit", 50, "how many to show at most")
	return onStore(command, options, func(ctx context.Context, s opened, _ []string, out io.Writer) error {
		merges, err := s.Merges(ctx, limit)
		if err != nil {
			return err
		}
		if output == "json" {
			return writeJSON(out, append([]store.MergeEntry{}, merges...))
		}
		table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
		fmt.Fprintln(table, "MERGE\tSURVIVOR\tLOSER\tWHEN\tBY\tWHY\tUNDONE")
		for _, m := range merges {
			undone := ""
			if m.UndoneAt != 0 {
				undone = moment(m.UndoneAt)
			}
			fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\t%s\t%s\n", m.ID, oneLine(m.Survivor), oneLine(m.Loser), moment(m.At), oneLine(m.Actor), oneLine(m.Reason), undone)
		}
		return table.Flush()
	})
}

// moment writes milliseconds since 1970 as people read them.
func moment(millis int64) string { return time.UnixMilli(millis).UTC().Format("2006-01-02 15:04:05Z") }

func newUndoCommand() *cobra.Command {
	options, actor := &storeOptions{}, &actorOptions{}
	var output string
	command := &cobra.Command{
		Use:   "undo MERGE",
		Short: "Undo a merge: every fact goes back to the party it came from",
		Long: `Undo a merge: every fact goes back to the party it came from, also those that
were recorded since. MERGE is a number of the log of merges.`,
		Example: `  fairlead customer undo 3 --store sqlite:///tmp/crm.db`,
		Args:    cobra.ExactArgs(1),
	}
	actor.register(command.Flags())
	registerOutput(command.Flags(), &output)
	return onStore(command, options, func(ctx context.Context, s opened, args []string, out io.Writer) error {
		id, err := numberArgument(args)
		if err != nil {
			return err
		}
		if err := s.Unmerge(ctx, id, actor.actor); err != nil {
			return err
		}
		return tell(out, output, map[string]int64{"undone": id}, fmt.Sprintf("Merge %d is undone.", id))
	})
}
