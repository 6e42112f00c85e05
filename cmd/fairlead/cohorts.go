package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/measure"
)

func newCohortsCommand() *cobra.Command {
	options := &storeOptions{}
	var series, role, output string
	var revenue bool
	command := &cobra.Command{
		Use:   "cohorts --series NAME",
		Short: "Show who stayed with a series, by the edition that they came to first",
		Long: `Show who stayed with a series, by the edition that they came to first: of all who took
part in an edition for the first time, the share that took part in the next one, the one
after it, and so on. Editions that were not held are left out, and so are those that
nobody is known to have taken part in.

With --revenue it shows what each customer of a cohort brought so far, on average, after
discount: how value grows with the length of stay.`,
		Example: `  fairlead cohorts --series Farnborough --store sqlite:///tmp/crm.db
  fairlead cohorts --series Farnborough -n expo --store-name crm --revenue`,
		Args: cobra.NoArgs,
		PreRunE: func(*cobra.Command, []string) error {
			if series == "" {
				return usageError{errors.New("--series is missing: name the series, such as --series Farnborough")}
			}
			if !slices.Contains(customer.Roles, role) {
				return usageError{fmt.Errorf("--role %q: want one of %s", role, strings.Join(customer.Roles, ", "))}
			}
			return nil
		},
	}
	flags := command.Flags()
	flags.StringVar(&series, "series", "", "series of exhibitions")
	flags.StringVar(&role, "role", "Exhibitor", "as what they took part")
	flags.BoolVar(&revenue, "revenue", false, "show what each customer brought so far instead of who stayed")
	registerOutput(flags, &output)
	return onStore(command, options, func(ctx context.Context, s opened, _ []string, out io.Writer) error {
		found, err := measure.CohortsOf(ctx, s.Store, series, role)
		if err != nil {
			return err
		}
		if len(found.Cohorts) == 0 {
			return fmt.Errorf("nobody is known to have taken part in an edition of %q as %s that has closed: see that series and role are spelt as they were imported", series, role)
		}
		if output == "json" {
			return writeJSON(out, cohortsJSON(found))
		}
		return printCohorts(out, found, revenue)
	})
}

// cohortJSON is a cohort as programs read it.
type cohortJSON struct {
	Edition   string       `json:"edition"`
	Customers int64        `json:"customers"`
	Later     []stayedJSON `json:"later"`
}

type stayedJSON struct {
	Edition   string `json:"edition"`
	Customers int64  `json:"customers"`
	Revenue   string `json:"revenue,omitempty"`
}

func cohortsJSON(found *measure.Cohorts) any {
	cohorts := make([]cohortJSON, len(found.Cohorts))
	for i, cohort := range found.Cohorts {
		cohorts[i] = cohortJSON{Edition: found.Editions[cohort.First], Customers: cohort.Customers}
		for after, stayed := range cohort.Later {
			cohorts[i].Later = append(cohorts[i].Later, stayedJSON{found.Editions[cohort.First+after], stayed.Customers, amountIn(found.Currency, stayed.Net)})
		}
	}
	return struct {
		Currency string       `json:"currency,omitempty"`
		Cohorts  []cohortJSON `json:"cohorts"`
	}{found.Currency, cohorts}
}

// amountIn writes an amount of minor units; "" for none.
func amountIn(currency string, sum measure.Sum) string {
	digits, _ := customer.MinorDigits(currency)
	return customer.Field{Kind: customer.Decimal, Scale: digits}.Format(customer.Value{Present: sum.Valid, Number: sum.Int64}, "")
}

func printCohorts(out io.Writer, found *measure.Cohorts, revenue bool) error {
	table := tabwriter.NewWriter(out, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprint(table, "FIRST\tCUSTOMERS\t")
	first := 1
	if revenue {
		first = 0
	}
	for after := first; after < len(found.Editions); after++ {
		fmt.Fprintf(table, "+%d\t", after)
	}
	fmt.Fprintln(table)
	for _, cohort := range found.Cohorts {
		fmt.Fprintf(table, "%s\t%d\t", oneLine(found.Editions[cohort.First]), cohort.Customers)
		for after := first; after < len(cohort.Later); after++ {
			cell := "-"
			if share, present := cohort.Retention(after).Value(); present && !revenue {
				cell = fmt.Sprintf("%.1f %%", 100*share)
			}
			if sum := cohort.Earned(after); sum.Valid && revenue {
				cell = amountIn(found.Currency, measure.Sum{Valid: true, Int64: sum.Int64 / cohort.Customers})
			}
			fmt.Fprintf(table, "%s\t", cell)
		}
		fmt.Fprintln(table)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	what := "Who took part in the edition that came so many after the first one, of all who were new then."
	if revenue {
		what = "What each of them brought until then, on average, after discount"
		if found.Currency != "" {
			what += ", in " + found.Currency
		}
		what += "."
	}
	_, err := fmt.Fprintln(out, "\n"+what)
	return err
}
