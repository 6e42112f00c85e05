package report

import (
	"strings"

	"github.com/fairlead/fairlead/internal/measure"
)

// absent is written where nothing is known.
const absent = "-"

// cell of the table: a value and by how much the column it is compared with differs.
type cell struct {
	value  *value
	Text   string
	Change string
}

// String is the cell in one piece.
func (c cell) String() string {
	if c.Change == "" {
		return c.Text
	}
	return c.Text + " (" + c.Change + ")"
}

// line of the table.
type line struct {
	Figure Figure
	Name   string
	Cells  []cell
}

// group of lines.
type group struct {
	Name  string
	Lines []line
}

// table of all figures, by their groups.
func (w Weekly) table() []group {
	var groups []group
	for _, figure := range Figures() {
		l := w.line(figure)
		if figure.rare && l.isNothing() {
			continue
		}
		if last := len(groups) - 1; last < 0 || groups[last].Name != figure.Group {
			groups = append(groups, group{Name: figure.Group})
		}
		last := &groups[len(groups)-1]
		last.Lines = append(last.Lines, l)
	}
	return groups
}

// line of a figure.
func (w Weekly) line(figure Figure) line {
	l := line{Figure: figure, Name: figure.Name}
	switch {
	case figure.Unit == "m²":
		l.Name += ", m²"
	case figure.Unit == "reporting currency" && w.Currency != "":
		l.Name += ", " + w.Currency
	}
	for _, f := range w.Measured.Figures {
		c := cell{Text: absent}
		if f != nil {
			if v, present := figure.of(f); present {
				c = cell{value: &v, Text: figure.text(w, v)}
			}
		}
		l.Cells = append(l.Cells, c)
	}
	for at, column := range w.columns() {
		c, against := &l.Cells[at], l.Cells[column.against]
		if column.against == at || c.value == nil || against.value == nil {
			continue
		}
		// Of nothing twice there is nothing to tell.
		if c.value.number != 0 || against.value.number != 0 {
			c.Change = figure.change(w, against.value.number-c.value.number)
		}
	}
	return l
}

func (l line) isNothing() bool {
	for _, c := range l.Cells {
		if c.value != nil && c.value.number != 0 {
			return false
		}
	}
	return true
}

func (f Figure) text(w Weekly, v value) string {
	if f.show == nil {
		return decimals(v.number, f.points)
	}
	return f.show(w, v)
}

// change is a difference with its sign; of what rounds to nothing there is "=".
func (f Figure) change(w Weekly, difference float64) string {
	text := decimals(difference, f.points)
	if f.Unit == "m²" || f.Unit == "reporting currency" {
		text = f.show(w, value{number: difference})
	}
	if strings.Trim(text, "-0.") == "" {
		return "="
	}
	if difference > 0 {
		return "+" + text
	}
	return text
}

// dimension of satisfaction, with the gaps so far; absent ones are nil.
type dimension struct {
	Name          string   `json:"name"`
	SoFar         *float64 `json:"soFar"`
	LastCycle     *float64 `json:"lastCycleSoFar"`
	Customers     int64    `json:"customers"`
	LastCustomers int64    `json:"lastCustomers"`
}

// dimensions of this edition, the worst first, and after them those that only the previous
// one has.
func (w Weekly) dimensions() []dimension {
	var of []dimension
	places := map[string]int{}
	take := func(f *measure.Figures, set func(d *dimension, g measure.Gap)) {
		if f == nil {
			return
		}
		for _, g := range f.Dimensions {
			at, known := places[g.Name]
			if !known {
				at = len(of)
				places[g.Name], of = at, append(of, dimension{Name: plain(g.Name)})
			}
			set(&of[at], g)
		}
	}
	mean := func(g measure.Gap) *float64 {
		value, _ := g.Mean.Value()
		return &value
	}
	take(w.Measured.Figures[measure.SoFar], func(d *dimension, g measure.Gap) { d.SoFar, d.Customers = mean(g), g.Customers })
	take(w.Measured.Figures[measure.LastCycleSoFar], func(d *dimension, g measure.Gap) { d.LastCycle, d.LastCustomers = mean(g), g.Customers })
	return of
}
