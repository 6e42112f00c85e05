package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/audience"
	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/loyalty"
	"github.com/fairlead/fairlead/internal/store"
)

// simulatedSays is what a changed program would do.
type simulatedSays struct {
	Program string `json:"program"`
	// Before is nil where the program was never carried out.
	Before *sideSays  `json:"before,omitempty"`
	After  sideSays   `json:"after"`
	Moves  []moveSays `json:"moves"`
	// Currency of discounts and liabilities.
	Currency string `json:"currency"`
}

type sideSays struct {
	Members     int64      `json:"members"`
	Tiers       []tierSays `json:"tiers"`
	Issued      string     `json:"issued"`
	Outstanding string     `json:"outstanding"`
	// Discount is what tiers take off the prices of the last editions.
	Discount  string `json:"discount"`
	Liability string `json:"liability,omitempty"`
}

type tierSays struct {
	Name    string `json:"name"`
	Members int64  `json:"members"`
}

type moveSays struct {
	From    string `json:"from,omitempty"`
	To      string `json:"to,omitempty"`
	Members int64  `json:"members"`
}

func newSimulateCommand() *cobra.Command {
	o := &loyaltyOptions{}
	var files []string
	var program *crm.LoyaltyProgram
	command := &cobra.Command{
		Use:   "simulate -f FILE",
		Short: "Tell what a changed program would do",
		Long: `Tell what a changed program would do: the recorded facts are reckoned anew under the
program of the manifest, beside the program of the same name as it stands. Members by
tier, points issued, what discounts would have cost at the prices of the last edition of
each series, and the liability. Nothing is kept of it.

It takes as long as the first pass of a program does, and meanwhile no program or segment
of the store is evaluated. --program names one of several in the files.`,
		Example: `  fairlead loyalty simulate -f exhibitor-club.yaml --store-name crm -n expo

  # on a copy, in a pipeline
  fairlead loyalty simulate -f exhibitor-club.yaml --store sqlite:///tmp/snapshot.db -o json`,
		Args: cobra.NoArgs,
		PreRunE: func(command *cobra.Command, _ []string) error {
			if len(files) == 0 {
				return usageError{errors.New("which program? Pass its manifest by -f FILE")}
			}
			stdin := command.InOrStdin()
			if slices.Contains(files, "-") {
				stdin = interruptible(command.Context(), stdin)
			}
			var err error
			program, err = o.programOf(files, stdin)
			return err
		},
	}
	registerOutput(command.Flags(), &o.output)
	command.Flags().StringVar(&o.program, "program", "", "name of the LoyaltyProgram, where the files have several")
	command.Flags().StringArrayVarP(&files, "filename", "f", nil, `manifest of the LoyaltyProgram: a file, a folder with all below it, or "-" for the standard input; may be repeated`)
	return onStore(command, &o.storeOptions, func(ctx context.Context, s opened, _ []string, out io.Writer) error {
		says, err := simulate(ctx, s, program)
		if err != nil {
			return err
		}
		if o.output == "json" {
			return writeJSON(out, says)
		}
		return says.print(out)
	})
}

// programOf finds the one program that is meant.
func (o *loyaltyOptions) programOf(files []string, stdin io.Reader) (*crm.LoyaltyProgram, error) {
	objects, err := readManifests(files, []string{"LoyaltyProgram"}, stdin)
	if err != nil {
		return nil, usageError{fmt.Errorf("-f: %w", err)}
	}
	var found []*crm.LoyaltyProgram
	for _, object := range objects {
		if program, is := object.(*crm.LoyaltyProgram); is && (o.program == "" || program.Name == o.program) {
			found = append(found, program)
		}
	}
	switch {
	case len(found) == 0 && o.program != "":
		return nil, usageError{fmt.Errorf("-f: there is no LoyaltyProgram called %s", o.program)}
	case len(found) == 0:
		return nil, usageError{errors.New("-f: there is no LoyaltyProgram: pass the manifest of one")}
	case len(found) > 1:
		return nil, usageError{errors.New("-f: there are several LoyaltyPrograms: say which by --program NAME")}
	}
	return found[0], nil
}

func simulate(ctx context.Context, s opened, program *crm.LoyaltyProgram) (simulatedSays, error) {
	mark, err := s.Mark(ctx)
	if err != nil {
		return simulatedSays{}, err
	}
	kinds, err := s.AttributeKinds(ctx)
	if err != nil {
		return simulatedSays{}, err
	}
	digits, _ := customer.MinorDigits(mark.ReportingCurrency)
	prepared, err := loyalty.Compile(program.Name, program.Spec, audience.Catalog{Attributes: kinds, CurrencyDigits: digits}, mark.ReportingCurrency)
	if err != nil {
		return simulatedSays{}, usageError{fmt.Errorf("-f: LoyaltyProgram %s: %w", program.Name, err)}
	}
	simulated, err := s.Simulate(ctx, *prepared)
	if err != nil {
		return simulatedSays{}, err
	}
	says := simulatedSays{Program: program.Name, Currency: simulated.Currency, After: sideOf(simulated.After, prepared.Terms, simulated.PricesAfter, simulated.Currency), Moves: []moveSays{}}
	if terms := simulated.BeforeTerms; terms != nil {
		side := sideOf(simulated.Before, *terms, simulated.PricesBefore, simulated.Currency)
		says.Before = &side
		for _, move := range simulated.Moves {
			name := func(tier *string) string {
				if tier == nil {
					return ""
				}
				return cmp.Or(*tier, noTier)
			}
			says.Moves = append(says.Moves, moveSays{name(move.From), name(move.To), move.Members})
		}
	}
	return says, nil
}

// noTier is how members in none are called.
const noTier = "none"

func sideOf(f store.LoyaltyFigures, terms store.Terms, prices map[string]int64, currency string) sideSays {
	side := sideSays{Members: f.Members, Issued: store.PointsText(f.Earned + f.Adjusted), Outstanding: store.PointsText(f.Outstanding), Tiers: []tierSays{}}
	if none := f.Tiers[""]; none > 0 {
		side.Tiers = append(side.Tiers, tierSays{noTier, none})
	}
	for _, tier := range terms.Tiers {
		side.Tiers = append(side.Tiers, tierSays{tier.Name, f.Tiers[tier.Name]})
	}
	side.Discount = customer.Field{Kind: customer.Money}.Format(customer.Value{Present: true, Number: loyalty.Discounts(prices, &terms)}, currency)
	if terms.PointValue != "" {
		digits, _ := customer.MinorDigits(currency)
		side.Liability = loyalty.Worth(f.Outstanding, terms.PointValue, digits)
	}
	return side
}

func (s simulatedSays) print(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	before := s.Before
	if before == nil {
		fmt.Fprintf(out, "%s was not carried out yet: there is nothing to compare with.\n\n", s.Program)
		before = &sideSays{Issued: "-", Outstanding: "-", Discount: "-"}
	}
	fmt.Fprintln(table, "\tBEFORE\tAFTER")
	fmt.Fprintf(table, "members\t%d\t%d\n", before.Members, s.After.Members)
	names := []string{}
	for _, tier := range slices.Concat(before.Tiers, s.After.Tiers) {
		if !slices.Contains(names, tier.Name) {
			names = append(names, tier.Name)
		}
	}
	for _, name := range names {
		fmt.Fprintf(table, "  %s\t%s\t%s\n", name, membersOf(before.Tiers, name), membersOf(s.After.Tiers, name))
	}
	fmt.Fprintf(table, "points issued\t%s\t%s\n", before.Issued, s.After.Issued)
	fmt.Fprintf(table, "points outstanding\t%s\t%s\n", before.Outstanding, s.After.Outstanding)
	fmt.Fprintf(table, "discounts at the last editions' prices, %s\t%s\t%s\n", cmp.Or(s.Currency, "no currency"), before.Discount, s.After.Discount)
	if before.Liability != "" || s.After.Liability != "" {
		fmt.Fprintf(table, "liability, %s\t%s\t%s\n", s.Currency, cmp.Or(before.Liability, "-"), cmp.Or(s.After.Liability, "-"))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if len(s.Moves) == 0 {
		return nil
	}
	fmt.Fprintln(table, "\nWho would move\n  FROM\tTO\tMEMBERS")
	for _, move := range s.Moves {
		fmt.Fprintf(table, "  %s\t%s\t%d\n", cmp.Or(move.From, "no member"), cmp.Or(move.To, "no member"), move.Members)
	}
	return table.Flush()
}

// membersOf is how many members a tier has; "-" where there is no such tier.
func membersOf(tiers []tierSays, name string) string {
	for _, tier := range tiers {
		if tier.Name == name {
			return fmt.Sprint(tier.Members)
		}
	}
	return "-"
}
