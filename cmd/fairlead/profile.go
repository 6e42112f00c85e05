package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/store"
)

// printProfile writes what follows from the facts about a customer, with how many
// facts of which entities each figure follows from.
func printProfile(out io.Writer, profile *store.Profile) error {
	if profile == nil {
		return nil
	}
	table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	title := "Profile"
	if profile.Currency != "" {
		title += ", amounts in " + profile.Currency
	}
	if profile.Behind {
		title += ", behind: a refresh is due"
	}
	fmt.Fprintf(table, "\n%s\n  MEASURE\tVALUE\tFROM\n", title)
	for _, figure := range profile.Measures {
		printFigure(table, figure)
	}
	for _, series := range profile.Series {
		fmt.Fprintf(table, "\nProfile with %s as %s\n  MEASURE\tVALUE\tFROM\n", oneLine(series.Series), series.Role)
		for _, figure := range series.Measures {
			printFigure(table, figure)
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if len(profile.Dimensions) > 0 {
		printDimensions(table, profile.Dimensions)
	}
	if len(profile.Preferences) > 0 {
		fmt.Fprintln(table, "\nPreferences\n  NAME\tVALUE\tNOTE")
		for _, preference := range profile.Preferences {
			fmt.Fprintf(table, "  %s\t%s\t%s\n", oneLine(preference.Name), oneLine(preference.Value), preference.Note)
		}
	}
	return table.Flush()
}

func printFigure(table io.Writer, figure store.Figure) {
	from := make([]string, 0, len(figure.Facts))
	for _, facts := range figure.Facts {
		from = append(from, fmt.Sprintf("%d %s", facts.Count, facts.Entity))
	}
	fmt.Fprintf(table, "  %s\t%s\t%s\n", figure.Name, oneLine(figure.Value), strings.Join(from, ", "))
}

// printDimensions writes the last answers, a line for each dimension.
func printDimensions(table io.Writer, dimensions []store.DimensionProfile) {
	var columns []string
	for _, measure := range customer.DimensionMeasures {
		columns = append(columns, measure.Name)
	}
	fmt.Fprintf(table, "\nLast answers\n  DIMENSION\t%s\n", strings.ToUpper(strings.Join(columns, "\t")))
	for _, dimension := range dimensions {
		values := make([]string, len(columns))
		for i, column := range columns {
			for _, figure := range dimension.Measures {
				if figure.Name == column {
					values[i] = figure.Value
				}
			}
		}
		fmt.Fprintf(table, "  %s\t%s\n", oneLine(dimension.Dimension), strings.Join(values, "\t"))
	}
}

// measureNamed finds a measure of a customer by its name.
func measureNamed(name string) (customer.Measure, error) {
	var names []string
	for _, measure := range customer.CustomerMeasures {
		if measure.Name == name {
			return measure, nil
		}
		names = append(names, measure.Name)
	}
	return customer.Measure{}, usageError{fmt.Errorf("--measure %q: there is none of this name: want one of %s", name, strings.Join(names, ", "))}
}

// printMeasure writes one measure of a customer: its definition, its values, and
// the facts that it follows from.
func printMeasure(out io.Writer, party *store.Party, measure customer.Measure) error {
	if party.Profile == nil {
		return errors.New("this party has no profile: it has no role of a customer, no participation, no booking and no transaction, or waits for its first refresh")
	}
	table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	fmt.Fprintf(table, "%s\t%s\n", measure.Name, valueOf(party.Profile.Measures, measure.Name))
	for _, series := range party.Profile.Series {
		if value := valueOf(series.Measures, measure.Name); value != absent {
			fmt.Fprintf(table, "  with %s as %s\t%s\n", oneLine(series.Series), series.Role, value)
		}
	}
	fmt.Fprintf(table, "\nMeans\t%s\n", measure.Doc)
	if measure.Unit != "" {
		fmt.Fprintf(table, "Unit\t%s\n", measure.Unit)
	}
	fmt.Fprintf(table, "Absent\t%s\nMap rows\t%s\n", measure.Absent, measure.Rows)
	if err := table.Flush(); err != nil {
		return err
	}
	for _, facts := range party.Facts {
		for _, entity := range measure.From {
			if facts.Entity != entity {
				continue
			}
			if err := printFacts(out, facts); err != nil {
				return err
			}
		}
	}
	return nil
}

// absent is written where there is no value.
const absent = "absent"

func valueOf(figures []store.Figure, name string) string {
	for _, figure := range figures {
		if figure.Name == name {
			return oneLine(figure.Value)
		}
	}
	return absent
}
