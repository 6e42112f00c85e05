// Package report renders what was measured for people to read: as text, as Markdown, as a
// page for a browser or paper, and for programs. It holds counts only, and nobody's name.
package report

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/fairlead/fairlead/internal/measure"
)

// Weekly is the report of a week of an edition (map row K3).
type Weekly struct {
	// Title, Series and Edition say which edition; Venue where it is, "" if nothing is said.
	Title, Series, Edition, Venue string
	// Currency of amounts, an ISO 4217 code with so many digits after the point; "" if the
	// store reports in none.
	Currency string
	Digits   int
	// Measured of the week.
	Measured *measure.Weekly
}

// Formats in which a report is written, the one for a terminal first.
var Formats = []string{"text", "markdown", "html", "json"}

// Write writes the report in one of Formats.
func (w Weekly) Write(out io.Writer, format string) error {
	switch format {
	case "html":
		return w.HTML(out)
	case "json":
		return w.JSON(out)
	case "markdown":
		_, err := io.WriteString(out, w.Markdown())
		return err
	}
	_, err := io.WriteString(out, w.Text())
	return err
}

// column of the table.
type column struct {
	name, key, dates string
	// against is the column that it is compared with; itself if with none.
	against int
}

func (w Weekly) columns() []column {
	m := w.Measured
	until := func(at int) string { return "to " + day(w.last(at)) }
	of := []column{
		measure.ThisWeek:       {"This week", "thisWeek", w.days(measure.ThisWeek), measure.ThisWeek},
		measure.WeekBefore:     {"Week before", "weekBefore", w.days(measure.WeekBefore), measure.ThisWeek},
		measure.LastCycle:      {"Last cycle", "lastCycle", w.days(measure.LastCycle), measure.ThisWeek},
		measure.SoFar:          {"So far", "soFar", until(measure.SoFar), measure.SoFar},
		measure.LastCycleSoFar: {"Last cycle so far", "lastCycleSoFar", until(measure.LastCycleSoFar), measure.SoFar},
	}
	if _, cycle := m.Shift(); !cycle {
		of[measure.LastCycle].dates, of[measure.LastCycleSoFar].dates = "none", "none"
	}
	return of
}

// last is the last day of a column.
func (w Weekly) last(at int) time.Time { return w.Measured.UntilOf(at).Add(-time.Millisecond) }

// days of a week, without what both have in common.
func (w Weekly) days(at int) string {
	first, last := w.Measured.At(at).Begins(), w.last(at)
	switch {
	case first.Year() != last.Year():
		return day(first) + " to " + day(last)
	case first.Month() != last.Month():
		return first.Format("2 Jan") + " to " + day(last)
	case first.Day() != last.Day():
		return first.Format("2") + " to " + day(last)
	}
	return day(last)
}

func day(at time.Time) string { return at.Format("2 Jan 2006") }

// Heading is what the report is called.
func (w Weekly) Heading() string {
	return fmt.Sprintf("%s: week %s", plain(w.Title), w.Measured.Week)
}

// about are lines that say what the figures are of.
func (w Weekly) about() []string {
	m := w.Measured
	var lines []string
	edition := plain(w.Series) + " " + plain(w.Edition)
	if edition == plain(w.Title) {
		edition = ""
	}
	if parts := strings.Trim(edition+", "+plain(w.Venue), ", "); parts != "" {
		lines = append(lines, parts)
	}
	zone := m.Week.Begins().Location().String()
	week := fmt.Sprintf("%s, %s (%s), %s", m.Week, w.days(measure.ThisWeek), zone, distance(m))
	if m.Until.Before(m.Week.Ends()) {
		week += fmt.Sprintf("; not over yet: up to %s", m.Until.Format("Monday 15:04"))
	}
	lines = append(lines, week)
	shift, cycle := m.Shift()
	if !cycle {
		return append(lines, "Last cycle: none, since no previous edition with its dates is known.")
	}
	return append(lines, fmt.Sprintf("Last cycle: %s, at the same distance from the opening of %s, %d weeks earlier.", m.At(measure.LastCycle), plain(m.Previous), shift))
}

// distance is how far the opening is.
func distance(m *measure.Weekly) string {
	switch weeks := m.WeeksToOpening(); {
	case weeks == 0:
		return "the opening week"
	case weeks > 0:
		return counted(int64(weeks), "week", "weeks") + " before the opening week"
	default:
		return counted(int64(-weeks), "week", "weeks") + " after the opening week"
	}
}

// notes say what a reader must know of the figures.
func (w Weekly) notes() []string {
	m := w.Measured
	notes := []string{
		`"-" is what nothing is known of. In brackets: by how much this week, or this edition so far, differs from the column.`,
		"Praise: who recommends the show by 9 or 10, or found something above what they expected, of all who answered.",
		"The net promoter score has its margin at 95 %: two scores whose margins overlap may be the same.",
	}
	if w.Currency != "" {
		notes = append(notes, fmt.Sprintf("Amounts are in whole %s, at the rate of the day; revenue is after discount.", w.Currency))
	}
	if m.Undated > 0 {
		notes = append(notes, counted(m.Undated, "participation of a list says", "participations of lists say")+" no day of booking: in no figure here.")
	}
	if m.Unconverted > 0 {
		notes = append(notes, counted(m.Unconverted, "price or invoice has", "prices and invoices have")+" no exchange rate: in no sum here.")
	}
	return notes
}

func counted(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return grouped(n) + " " + many
}

// plain keeps a text from breaking a line, steering a terminal or turning the direction of
// what stands beside it.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp) {
			return ' '
		}
		return r
	}, text)
}
