package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/fairlead/fairlead/internal/store"
)

func newStoreCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "store",
		Short: "Refresh, rebuild and check profiles, and see which attributes are used",
		Long: `Refresh, rebuild and check what follows from facts, and see which attributes are
used.

In a cluster the manager refreshes profiles by itself, within seconds of a change.
Of a store that no manager holds, refresh them after an import.`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error { return command.Help() },
	}
	command.AddCommand(newRefreshCommand(), newRebuildCommand(), newCheckCommand(), newAttributesCommand())
	return command
}

// refreshedJSON is what a refresh or a rebuild did.
type refreshedJSON struct {
	Looked     int64 `json:"looked"`
	Changed    int64 `json:"changed"`
	Generation int64 `json:"generation,omitempty"`
}

func newRefreshCommand() *cobra.Command {
	options := &storeOptions{}
	var output string
	command := &cobra.Command{
		Use:   "refresh",
		Short: "Compute the profiles of customers whose facts or figures changed",
		Long: `Compute the profiles of customers whose facts changed, or whose figures the
passing of time changed, until nobody waits. Without a change it does nothing.`,
		Example: `  fairlead store refresh --store sqlite:///tmp/crm.db`,
		Args:    cobra.NoArgs,
	}
	registerOutput(command.Flags(), &output)
	return onStore(command, options, func(ctx context.Context, s opened, _ []string, out io.Writer) error {
		freshness, err := s.Freshness(ctx)
		if err != nil {
			return err
		}
		bar := newPortions("refreshing")
		var done refreshedJSON
		for more := true; more; {
			step, err := s.Refresh(ctx)
			if err != nil {
				return err
			}
			more = step.More
			done.Looked += step.Looked
			done.Changed += step.Changed
			done.Generation = max(done.Generation, step.Generation)
			bar.show(done.Looked, max(done.Looked, freshness.Waiting+freshness.Due))
		}
		bar.end()
		line := fmt.Sprintf("%d parties were looked at; %d profiles changed.", done.Looked, done.Changed)
		if done.Looked == 0 {
			line = "Nobody waits: all profiles are fresh."
		}
		return tell(out, output, done, line)
	})
}

func newRebuildCommand() *cobra.Command {
	options := &storeOptions{}
	var output string
	command := &cobra.Command{
		Use:   "rebuild",
		Short: "Compute all profiles anew",
		Long: `Compute all profiles anew, from the facts alone. It works in portions, so that
imports and the manager go on; broken off, it can be begun again. Profiles that come
out as they are stored are not written.`,
		Example: `  fairlead store rebuild -n expo --store-name crm`,
		Args:    cobra.NoArgs,
	}
	registerOutput(command.Flags(), &output)
	return onStore(command, options, func(ctx context.Context, s opened, _ []string, out io.Writer) error {
		bar := newPortions("rebuilding")
		step, err := s.Rebuild(ctx, bar.show)
		if err != nil {
			return err
		}
		bar.end()
		done := refreshedJSON{step.Looked, step.Changed, step.Generation}
		return tell(out, output, done, fmt.Sprintf("%d parties were looked at; %d profiles were otherwise than stored.", done.Looked, done.Changed))
	})
}

func newCheckCommand() *cobra.Command {
	options := &storeOptions{}
	var output string
	var limit int
	command := &cobra.Command{
		Use:   "check",
		Short: "Compare profiles with what the facts say, and name what differs",
		Long: `Compute all profiles anew, change nothing, and name every figure that is stored
otherwise. Customers who wait for a refresh are left out and counted.

Exit code 1 says that something differs: please report it, and mend it by
fairlead store rebuild.`,
		Example: `  fairlead store check --store sqlite:///tmp/crm.db`,
		Args:    cobra.NoArgs,
		PreRunE: func(*cobra.Command, []string) error {
			if limit < 0 {
				return usageError{fmt.Errorf("--limit must not be negative")}
			}
			return nil
		},
	}
	registerOutput(command.Flags(), &output)
	command.Flags().IntVar(&limit, "limit", 20, "how many differences to name in full")
	return onStore(command, options, func(ctx context.Context, s opened, _ []string, out io.Writer) error {
		bar := newPortions("checking")
		checked, err := s.Check(ctx, limit, bar.show)
		if err != nil {
			return err
		}
		bar.end()
		if err := tellChecked(out, output, checked); err != nil {
			return err
		}
		if checked.Differences > 0 {
			return fmt.Errorf("%d figures are stored otherwise than the facts say: mend them by fairlead store rebuild", checked.Differences)
		}
		return nil
	})
}

func tellChecked(out io.Writer, output string, checked store.Checked) error {
	if output == "json" {
		return writeJSON(out, checked)
	}
	if len(checked.Found) > 0 {
		table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
		fmt.Fprintln(table, "CUSTOMER\tTABLE\tOF\tMEASURE\tSTORED\tCOMPUTED")
		for _, d := range checked.Found {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", oneLine(d.Code), d.Table, oneLine(joined(d.Key)), d.Measure, oneLine(orNone(d.Stored)), oneLine(orNone(d.Computed)))
		}
		if err := table.Flush(); err != nil {
			return err
		}
		fmt.Fprintln(out)
		var measures []string
		for measure := range checked.ByMeasure {
			measures = append(measures, measure)
		}
		slices.Sort(measures)
		for _, measure := range measures {
			fmt.Fprintf(out, "%s: %d\n", measure, checked.ByMeasure[measure])
		}
	}
	_, err := fmt.Fprintf(out, "%d parties were compared, %d differences found. %d wait for a refresh.\n", checked.Compared, checked.Differences, checked.Waiting)
	return err
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

func joined(key []string) string {
	text := ""
	for i, part := range key {
		if i > 0 {
			text += ", "
		}
		text += part
	}
	return text
}

// portions shows how far long work on a store is, where a person watches.
type portions struct {
	doing   string
	watched bool
	shown   bool
}

func newPortions(doing string) *portions {
	return &portions{doing: doing, watched: term.IsTerminal(int(os.Stderr.Fd()))}
}

func (p *portions) show(done, total int64) {
	if p.watched && total > 0 {
		p.shown = true
		fmt.Fprintf(os.Stderr, "\r%s: %d of %d parties (%d %%)", p.doing, done, total, done*100/total)
	}
}

func (p *portions) end() {
	if p.shown {
		fmt.Fprintln(os.Stderr)
	}
}
