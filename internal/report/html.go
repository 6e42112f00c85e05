package report

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"strings"

	"github.com/fairlead/fairlead/internal/measure"
)

//go:embed weekly.html.tmpl weekly.css
var page embed.FS

var pageTemplate = template.Must(template.ParseFS(page, "weekly.html.tmpl"))

// card is one of the figures at the top of the page.
type card struct{ Name, Value, Beside string }

// HTML writes the report as one file that needs no other: for a browser, a phone or paper.
func (w Weekly) HTML(out io.Writer) error {
	style, err := page.ReadFile("weekly.css")
	if err != nil {
		return fmt.Errorf("reading the style of the page: %w", err)
	}
	err = pageTemplate.Execute(out, map[string]any{
		"Week": w.Measured.Week.String(), "Title": plain(w.Title), "Heading": w.Heading(), "About": w.about(), "Cards": w.cards(),
		// The style is a file of ours.
		"Style":   template.CSS(style), //nolint:gosec // It has nothing of a user's in it.
		"Columns": w.columns(), "Groups": w.table(), "Charts": w.charts(), "Notes": w.notes(),
	})
	if err != nil {
		return fmt.Errorf("writing the page: %w", err)
	}
	return nil
}

// cards are what to look at first.
func (w Weekly) cards() []card {
	named := map[string]line{}
	for _, f := range Figures() {
		named[f.Key] = w.line(f)
	}
	beside := func(key string, columns ...int) string {
		var parts []string
		for _, at := range columns {
			c := named[key].Cells[at]
			if c.value != nil {
				parts = append(parts, fmt.Sprintf("%s %s", strings.ToLower(w.columns()[at].name), c.Text))
			}
		}
		return strings.Join(parts, ", ")
	}
	value := func(key string, at int) string { return named[key].Cells[at].Text }
	return []card{
		{"Booked this week", value("booked", measure.ThisWeek), beside("booked", measure.WeekBefore, measure.LastCycle)},
		{"Contracts standing", value("standing", measure.SoFar), beside("standing", measure.LastCycleSoFar)},
		{"Net promoter score so far", value("netPromoterScore", measure.SoFar), beside("netPromoterScore", measure.LastCycleSoFar)},
		{"Complaints open", value("complaintsOpen", measure.ThisWeek), "of them late " + value("complaintsLate", measure.ThisWeek)},
	}
}

// Name of the column.
func (c column) Name() string { return c.name }

// Dates that the column is about.
func (c column) Dates() string { return c.dates }

// IsPart tells whether a line is a part of the one above it.
func (l line) IsPart() bool { return l.Figure.part }
