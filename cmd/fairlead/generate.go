package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/fairlead/fairlead/internal/generate"
)

// generateOptions are the flags of generate.
type generateOptions struct {
	seed      uint64
	customers int
	until     string
	store     string
	output    string

	lastDay time.Time
}

func newGenerateCommand() *cobra.Command {
	options := &generateOptions{}
	command := &cobra.Command{
		Use:   "generate --customers N (--store URL | --output DIR)",
		Short: "Make up customers, for load, tests and demonstrations",
		Long: `Make up customers, for load, tests and demonstrations: organizations with
persons, bookings, visits, invoices, interactions, feedback, complaints and
consents over several series of exhibitions, about a hundred rows a customer.

Nobody in it is real. Every party has the attribute "synthetic", every key begins
with "syn-", and every address ends in .example. The same seed gives the same
rows, and fewer customers are the first ones of more, so that running it again
into the same store changes nothing, or adds to it.

--store imports the rows into a store; --output writes them into a folder, a file
of JSON lines for every entity with the mapping to import it by.

Exit codes: 0 done, 1 failed, 2 called wrongly (nothing was done), 3 some rows
were rejected.`,
		Example: `  # a thousand customers in a store of their own
  fairlead migrate --store sqlite:///tmp/crm.db
  fairlead generate --seed 1 --customers 1000 --store sqlite:///tmp/crm.db

  # the same as files
  fairlead generate --seed 1 --customers 1000 --output /tmp/made-up
  fairlead import -f /tmp/made-up/party.yaml --store sqlite:///tmp/crm.db \
    /tmp/made-up/party.jsonl`,
		Args: cobra.NoArgs,
		// It is for who develops or tries Fairlead, not for whose customers are real.
		Hidden:  true,
		PreRunE: func(*cobra.Command, []string) error { return options.check() },
		RunE: func(command *cobra.Command, _ []string) error {
			return options.run(command.Context(), command.OutOrStdout(), command.ErrOrStderr())
		},
	}
	flags := command.Flags()
	flags.Uint64Var(&options.seed, "seed", 1, "what everything follows from")
	flags.IntVar(&options.customers, "customers", 0, "how many organizations (required)")
	flags.StringVar(&options.until, "until", "", "day on which the last edition closes, such as 2026-06-26 (default: the same day always)")
	// A store is never taken from the environment here: made-up customers are
	// easily put where the real ones are.
	flags.StringVar(&options.store, "store", "", "URL of the store to import into: postgres://USER@HOST/DATABASE or sqlite:///PATH/TO/FILE.db; - for that in $"+storeVariable)
	flags.StringVar(&options.output, "output", "", "folder to write files into; made if it is not there")
	return command
}

// check refuses wrong flags before anything is done.
func (o *generateOptions) check() error {
	if o.customers < 1 {
		return usageError{errors.New("--customers is missing, or less than 1")}
	}
	if (o.store == "") == (o.output == "") {
		return usageError{errors.New("where to? Pass either --store URL or --output DIR")}
	}
	if o.store == "-" {
		if o.store = os.Getenv(storeVariable); o.store == "" {
			return usageError{errors.New("--store - takes the URL that is in " + storeVariable + ", and that is empty")}
		}
	}
	if o.until != "" {
		var err error
		if o.lastDay, err = time.Parse(time.DateOnly, o.until); err != nil {
			return usageError{fmt.Errorf("--until %q: want a day, such as 2026-06-26", o.until)}
		}
	}
	if o.output != "" {
		if info, err := os.Stat(o.output); err == nil && !info.IsDir() {
			return usageError{fmt.Errorf("--output %s is a file: want a folder", o.output)}
		}
	}
	return nil
}

// run makes the rows. The table of what was done goes to out, progress to notes.
func (o *generateOptions) run(ctx context.Context, out, notes io.Writer) error {
	options := generate.Options{Seed: o.seed, Customers: o.customers, Until: o.lastDay}
	if o.output != "" {
		return o.toFolder(ctx, options, out, notes)
	}
	target := storeOptions{url: o.store}
	s, err := target.openChecked(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	watched := watcher(notes)
	counts, err := generate.Into(ctx, s.Store, options, func(count generate.Count) { watched(count.Entity, count.Read) })
	watched("", 0)
	if err != nil {
		return fmt.Errorf("%w (what was imported before stays; run the same again)", err)
	}
	var read, rejected int64
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "entity\tnew\tchanged\tunchanged\trejected\t")
	for _, count := range counts {
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%d\t\n", count.Entity, count.New, count.Changed, count.Unchanged, count.Rejected)
		if count.Rejection != "" {
			fmt.Fprintf(notes, "rejected: %s\n", count.Rejection)
		}
		read, rejected = read+count.Read, rejected+count.Rejected
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if rejected > 0 {
		return rejectedError{fmt.Errorf("%d of %d rows were rejected", rejected, read)}
	}
	return nil
}

// toFolder writes the rows as files.
func (o *generateOptions) toFolder(ctx context.Context, options generate.Options, out, notes io.Writer) error {
	watched := watcher(notes)
	counts, err := generate.Files(ctx, options, o.output, watched)
	watched("", 0)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "entity\trows\t")
	for _, count := range counts {
		fmt.Fprintf(table, "%s\t%d\t\n", count.Entity, count.Read)
	}
	return table.Flush()
}

// watcher tells on a terminal how far an entity is, in one line that is written
// again; an entity without a name takes it away. Elsewhere it says nothing.
func watcher(notes io.Writer) func(entity string, rows int64) {
	file, is := notes.(*os.File)
	if !is || !term.IsTerminal(int(file.Fd())) {
		return func(string, int64) {}
	}
	const clearLine = "\r\x1b[K"
	return func(entity string, rows int64) {
		fmt.Fprint(notes, clearLine)
		if entity != "" {
			fmt.Fprintf(notes, "%s: %d rows", entity, rows)
		}
	}
}
