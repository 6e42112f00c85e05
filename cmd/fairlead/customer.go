package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/fairlead/fairlead/internal/customer/sensitive"
	"github.com/fairlead/fairlead/internal/store"
)

func newCustomerCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "customer",
		Short: "Look customers up, decide on look-alikes, merge, export and erase",
		Long: `Look customers up, decide on look-alikes, merge, export and erase.

A customer is named by its code. Everything that changes something is on record
with its actor.`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error { return command.Help() },
	}
	command.AddCommand(newShowCommand(), newSearchCommand(), newExportCommand(), newEraseCommand(), newErasuresCommand(),
		newCandidatesCommand(), newMergeCommand(), newMergesCommand(), newUndoCommand())
	return command
}

// onStore makes a command that works on a store whose schema it knows.
func onStore(command *cobra.Command, options *storeOptions, work func(ctx context.Context, s opened, args []string, out io.Writer) error) *cobra.Command {
	options.register(command.Flags())
	check := command.PreRunE
	command.PreRunE = func(command *cobra.Command, args []string) error {
		if check != nil {
			if err := check(command, args); err != nil {
				return err
			}
		}
		if err := checkActor(command.Flags()); err != nil {
			return err
		}
		if err := checkOutput(command.Flags()); err != nil {
			return err
		}
		return options.check()
	}
	command.RunE = func(command *cobra.Command, args []string) error {
		s, err := options.openChecked(command.Context())
		if err != nil {
			return err
		}
		defer s.Close()
		return work(command.Context(), s, args, command.OutOrStdout())
	}
	return command
}

func newShowCommand() *cobra.Command {
	options, actor := &storeOptions{}, &actorOptions{}
	var output, purpose, named string
	var reveal bool
	var limit int
	command := &cobra.Command{
		Use:   "show CODE",
		Short: "Show the whole record of one party",
		Long: `Show the whole record of one party: its fields as they stand, the profile that
follows from the facts, what each source says, and everything that happened.
--measure explains one figure of the profile: what it means, and the facts that it
follows from.

Sensitive fields are masked. --reveal shows them, and that is written to the
access log with actor and purpose.`,
		Example: `  fairlead customer show FL-0000042 --store sqlite:///tmp/crm.db
  fairlead customer show C1001 --measure netProfit --store sqlite:///tmp/crm.db
  fairlead customer show C1001 --reveal --purpose "refund of booking 4711" \
    --keyset-file keyset.json --store sqlite:///tmp/crm.db`,
		Args: cobra.ExactArgs(1),
		PreRunE: func(*cobra.Command, []string) error {
			if reveal && purpose == "" {
				return usageError{errors.New("--reveal needs --purpose: it stands in the access log")}
			}
			if limit < 0 {
				return usageError{errors.New("--facts must not be negative")}
			}
			if named != "" {
				_, err := measureNamed(named)
				return err
			}
			return nil
		},
	}
	flags := command.Flags()
	registerOutput(flags, &output)
	flags.BoolVar(&reveal, "reveal", false, "show sensitive fields, on record")
	flags.StringVar(&purpose, "purpose", "", "why sensitive fields are revealed")
	flags.StringVar(&named, "measure", "", "explain one measure of the profile, such as netProfit")
	flags.IntVar(&limit, "facts", 20, "how many facts of each kind to show; 0 for all")
	actor.register(flags)
	return onStore(command, options, func(ctx context.Context, s opened, args []string, out io.Writer) error {
		show := store.ShowOptions{FactsAtMost: limit, Keys: s.sealer(), Mask: sensitive.Mask, Actor: actor.actor, Purpose: purpose}
		if reveal {
			if s.keys == nil {
				return usageError{errors.New("--reveal needs the keyset: pass --keyset-file")}
			}
			show.Mask = nil
		}
		party, err := s.Show(ctx, args[0], show)
		if err != nil {
			return err
		}
		if output == "json" {
			return writeJSON(out, party)
		}
		if party.AskedFor != "" {
			fmt.Fprintf(out, "%s was merged into %s.\n\n", oneLine(party.AskedFor), oneLine(party.Code))
		}
		if named != "" {
			measure, err := measureNamed(named)
			if err != nil {
				return err
			}
			return printMeasure(out, party, measure)
		}
		return printParty(out, party)
	})
}

func newSearchCommand() *cobra.Command {
	options := &storeOptions{}
	var output string
	var limit int
	command := &cobra.Command{
		Use:   "search TEXT",
		Short: "Find parties by code, key, e-mail address or name",
		Long: `Find parties by code, by the key of any source, by e-mail address, or by name
or its beginning, whatever the spelling: "ACME Ltd." finds "Acmé Limited".`,
		Example: `  fairlead customer search "rolls royce" --store sqlite:///tmp/crm.db`,
		Args:    cobra.ExactArgs(1),
		PreRunE: func(*cobra.Command, []string) error {
			if limit < 1 {
				return usageError{errors.New("--limit must be at least 1")}
			}
			return nil
		},
	}
	registerOutput(command.Flags(), &output)
	command.Flags().IntVar(&limit, "limit", 50, "how many to show at most")
	return onStore(command, options, func(ctx context.Context, s opened, args []string, out io.Writer) error {
		found, err := s.Search(ctx, args[0], limit)
		if err != nil {
			return err
		}
		if output == "json" {
			return writeJSON(out, append([]store.Found{}, found...))
		}
		if len(found) == 0 {
			fmt.Fprintln(out, "Nobody was found.")
			return nil
		}
		table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
		fmt.Fprintln(table, "CODE\tKIND\tNAME\tCOUNTRY\tCITY\tROLES\tFOUND BY")
		for _, f := range found {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", oneLine(f.Code), f.Kind, oneLine(f.Name), f.Country, oneLine(f.City), f.Roles, f.By)
		}
		return table.Flush()
	})
}

func newExportCommand() *cobra.Command {
	options, actor := &storeOptions{}, &actorOptions{}
	var purpose, file string
	command := &cobra.Command{
		Use:   "export CODE",
		Short: "Export everything that is held of one party, as JSON",
		Long: `Export everything that is held of one party, as JSON: what a person may ask for
(GDPR, article 15). With a keyset, sensitive fields stand in clear, and that is
written to the access log.`,
		Example: `  fairlead customer export C1001 --output-file c1001.json \
    --store sqlite:///tmp/crm.db`,
		Args: cobra.ExactArgs(1),
	}
	flags := command.Flags()
	flags.StringVar(&file, "output-file", "-", `file to write, readable by its owner only; "-" for the standard output`)
	flags.StringVar(&purpose, "purpose", "subject access request", "why it is exported, for the access log")
	actor.register(flags)
	return onStore(command, options, func(ctx context.Context, s opened, args []string, out io.Writer) error {
		party, err := s.Show(ctx, args[0], store.ShowOptions{Keys: s.sealer(), Past: true, Actor: actor.actor, Purpose: purpose})
		if err != nil {
			return err
		}
		if file == "-" {
			return writeJSON(out, party)
		}
		into, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
		if err != nil {
			return usageError{fmt.Errorf("--output-file: %w", err)}
		}
		// A file that was there before keeps its mode otherwise.
		if err := errors.Join(into.Chmod(0o600), writeJSON(into, party), into.Close()); err != nil {
			return fmt.Errorf("writing %s: %w", file, err)
		}
		fmt.Fprintf(out, "Everything held of %s was written to %s.\n", oneLine(party.Code), file)
		return nil
	})
}

func newEraseCommand() *cobra.Command {
	options, actor := &storeOptions{}, &actorOptions{}
	var output, reason string
	var confirmed bool
	command := &cobra.Command{
		Use:   "erase CODE --yes",
		Short: "Erase a person, with evidence table by table",
		Long: `Erase a person, or any other party, and all that was merged into it.

Facts that must stay for the books lose their person. The addresses stay kept out
and the keys of all sources stay known, both as keyed hashes: no later import
brings the person back, and nobody writes to the address again. This cannot be
undone. What was done is printed, table by table, and kept in the store.`,
		Example: `  fairlead customer erase C1001 --reason "request of 2026-03-02" --yes \
    --store sqlite:///tmp/crm.db`,
		Args: cobra.ExactArgs(1),
		PreRunE: func(*cobra.Command, []string) error {
			if !confirmed {
				return usageError{errors.New("an erasure cannot be undone: confirm it by --yes")}
			}
			return nil
		},
	}
	flags := command.Flags()
	registerOutput(flags, &output)
	flags.StringVar(&reason, "reason", "", "why, for the record; without anything personal")
	flags.BoolVar(&confirmed, "yes", false, "confirm that it cannot be undone")
	actor.register(flags)
	return onStore(command, options, func(ctx context.Context, s opened, args []string, out io.Writer) error {
		evidence, err := s.Erase(ctx, args[0], reason, actor.actor)
		if err != nil {
			return err
		}
		if output == "json" {
			return writeJSON(out, evidence)
		}
		table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
		fmt.Fprintln(table, "TABLE\tDONE\tROWS")
		for _, line := range evidence {
			fmt.Fprintf(table, "%s\t%s\t%d\n", line.Table, line.Action, line.Rows)
		}
		return table.Flush()
	})
}

func newErasuresCommand() *cobra.Command {
	options := &storeOptions{}
	var output string
	var limit int
	command := &cobra.Command{
		Use:   "erasures",
		Short: "Show the log of erasures, newest first",
		Long: `Show the log of erasures, newest first: when, by whom, why, and how many rows of
how many tables. With -o json the evidence stands there table by table.`,
		Example: `  fairlead customer erasures -o json --store sqlite:///tmp/crm.db`,
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
		erasures, err := s.Erasures(ctx, limit)
		if err != nil {
			return err
		}
		if output == "json" {
			return writeJSON(out, append([]store.Erasure{}, erasures...))
		}
		table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
		fmt.Fprintln(table, "ERASURE\tWHAT IS LEFT\tWHEN\tBY\tWHY\tROWS\tTABLES")
		for _, e := range erasures {
			var evidence []store.Evidence
			if err := json.Unmarshal(e.Evidence, &evidence); err != nil {
				return fmt.Errorf("reading the evidence of erasure %d: %w", e.ID, err)
			}
			rows, tables := int64(0), map[string]bool{}
			for _, line := range evidence {
				rows += line.Rows
				tables[line.Table] = true
			}
			fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\t%d\t%d\n", e.ID, oneLine(e.Code), moment(e.At), oneLine(e.Actor), oneLine(e.Reason), rows, len(tables))
		}
		return table.Flush()
	})
}
