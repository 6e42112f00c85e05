package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode"

	"github.com/fairlead/fairlead/internal/store"
)

// oneLine keeps a text from breaking a table or steering a terminal. What turns
// the direction of writing would turn the columns beside it too.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp) {
			return ' '
		}
		return r
	}, text)
}

// printParty writes everything held of a party for people.
func printParty(out io.Writer, party *store.Party) error {
	fmt.Fprintf(out, "%s  %s\n", oneLine(party.Code), party.Kind)
	if party.Erased {
		fmt.Fprintln(out, "This party was erased.")
	}
	fields := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, group := range []struct {
		title  string
		values []store.NamedText
	}{{"Fields", party.Fields}, {"Attributes", party.Attributes}, {"Sensitive fields", party.Sensitive}} {
		if len(group.values) == 0 {
			continue
		}
		fmt.Fprintf(fields, "\n%s\n", group.title)
		for _, v := range group.values {
			note := ""
			if v.Note != "" {
				note = "(" + v.Note + ")"
			}
			fmt.Fprintf(fields, "  %s\t%s %s\n", v.Name, oneLine(v.Value), note)
		}
	}
	if err := fields.Flush(); err != nil {
		return err
	}
	if err := printProfile(out, party.Profile); err != nil {
		return err
	}
	if err := printRecords(out, party.Records); err != nil {
		return err
	}
	for _, facts := range party.Facts {
		if err := printFacts(out, facts); err != nil {
			return err
		}
	}
	if party.Corrections > 0 {
		fmt.Fprintf(out, "\n%d of these said something else before; that is kept.\n", party.Corrections)
	}
	if len(party.Accesses) == 0 {
		return nil
	}
	table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table, "\nSensitive fields were seen\n  FIELD\tWHEN\tBY\tWHY")
	for _, a := range party.Accesses {
		fmt.Fprintf(table, "  %s\t%s\t%s\t%s\n", a.Field, moment(a.At), oneLine(a.Actor), oneLine(a.Purpose))
	}
	return table.Flush()
}

func printRecords(out io.Writer, records []store.SourceRecord) error {
	if len(records) == 0 {
		return nil
	}
	table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table, "\nWhat sources say, the most trusted first\n  SOURCE\tTRUST\tKEY\tSAID AT\tSAYS")
	for _, r := range records {
		says := map[string]any{}
		if err := json.Unmarshal(r.Content, &says); err != nil {
			return fmt.Errorf("reading what source %s says: %w", r.Source, err)
		}
		var parts []string
		if attributes, given := says["attributes"].(map[string]any); given {
			delete(says, "attributes")
			for name, value := range attributes {
				says["attributes."+name] = value
			}
		}
		for _, name := range slices.Sorted(maps.Keys(says)) {
			parts = append(parts, fmt.Sprintf("%s=%v", name, says[name]))
		}
		if r.Withdrawn {
			parts = append(parts, "(withdrawn)")
		}
		fmt.Fprintf(table, "  %s\t%d\t%s\t%s\t%s\n", r.Source, r.Trust, oneLine(r.Key), moment(r.At), oneLine(strings.Join(parts, ", ")))
	}
	return table.Flush()
}

// printFacts writes facts as a table without the columns that are empty.
func printFacts(out io.Writer, facts store.Facts) error {
	title := fmt.Sprintf("%s (%d)", facts.Entity, facts.Total)
	if int64(len(facts.Rows)) < facts.Total {
		title = fmt.Sprintf("%s (the first %d of %d)", facts.Entity, len(facts.Rows), facts.Total)
	}
	var shown []int
	for column := range facts.Columns {
		if slices.ContainsFunc(facts.Rows, func(row []string) bool { return row[column] != "" }) {
			shown = append(shown, column)
		}
	}
	table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	fmt.Fprintf(table, "\n%s\n", title)
	line := func(value func(column int) string) {
		cells := make([]string, len(shown))
		for i, column := range shown {
			cells[i] = oneLine(value(column))
		}
		fmt.Fprintf(table, "  %s\n", strings.Join(cells, "\t"))
	}
	line(func(column int) string { return strings.ToUpper(facts.Columns[column]) })
	for _, row := range facts.Rows {
		line(func(column int) string { return row[column] })
	}
	return table.Flush()
}
