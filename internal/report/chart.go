package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/measure"
)

// The charts are drawn here and not by a library: there are three small ones, and those of
// gonum.org/v1/plot have neither a title that is read aloud, nor text that follows the
// page's font, nor colours that a page for paper can set.

// chart is a drawing in its own units, of which a page has as many as it is wide on a phone.
type chart struct {
	ID string
	// Title and Desc are read to whoever does not see it.
	Title, Desc string
	// Empty says why there is nothing to draw; "" if there is.
	Empty         string
	Width, Height float64
	Rules         []rule
	Lines         []polyline
	Bars          []bar
	Dots          []dot
	Labels        []label
	// Keys explain the marks.
	Keys []key
}

type rule struct {
	X1, Y1, X2, Y2 float64
	Class          string
}

type polyline struct{ Points, Class string }

type bar struct {
	X, Y, Width, Height float64
	Class               string
}

type dot struct {
	X, Y  float64
	Class string
}

// label is a text; Anchor is where it stands at: start, middle or end.
type label struct {
	X, Y                float64
	Anchor, Class, Text string
}

type key struct{ Class, Text string }

const (
	chartWidth = 340
	// fontHeight is how far a label's lower edge is from its middle, and more.
	fontHeight = 4
)

// charts of the report.
func (w Weekly) charts() []chart { return []chart{w.contracts(), w.gaps(), w.outcomes()} }

// oldest is as many weeks before the opening as the chart of contracts goes back.
const oldest = -104

// contracts draws how many contracts stood at the end of each week, as far as this edition
// is, over the whole of the last cycle.
func (w Weekly) contracts() chart {
	m := w.Measured
	c := chart{ID: "contracts", Title: "Contracts by weeks to the opening", Width: chartWidth, Height: 230}
	this, last := since(m.Contracts, oldest), since(m.LastContracts, oldest)
	if len(this)+len(last) == 0 {
		c.Empty = "No contracts yet."
		return c
	}
	from, to, most := 0, 0, int64(1)
	for _, p := range append(append([]measure.Point{}, this...), last...) {
		from, to, most = min(from, p.Weeks), max(to, p.Weeks), max(most, p.Contracts)
	}
	const left, right, top, bottom = 40, 10, 20, 198
	step := niceStep(float64(most) / 4)
	highest := step * math.Ceil(float64(most)/step)
	x := func(week int) float64 {
		return left + (chartWidth-left-right)*float64(week-from)/float64(max(1, to-from))
	}
	y := func(contracts float64) float64 { return bottom - (bottom-top)*contracts/highest }
	for value := 0.0; value <= highest; value += step {
		c.Rules = append(c.Rules, rule{left, y(value), chartWidth - right, y(value), "grid"})
		c.Labels = append(c.Labels, label{left - 6, y(value) + fontHeight, "end", "axis", grouped(int64(value))})
	}
	weeks := int(niceStep(float64(to-from) / 5))
	for week := 0; week >= from; week -= weeks {
		text := strconv.Itoa(week)
		if week == 0 {
			text = "opening"
			c.Rules = append(c.Rules, rule{x(0), top, x(0), bottom, "opening"})
		}
		// The last label would reach over the edge.
		c.Labels = append(c.Labels, label{min(x(week), chartWidth-22), bottom + 18, "middle", "axis", text})
	}
	line := func(points []measure.Point, class string) {
		var at strings.Builder
		for _, p := range points {
			fmt.Fprintf(&at, "%.1f,%.1f ", x(p.Weeks), y(float64(p.Contracts)))
		}
		if len(points) > 0 {
			c.Lines = append(c.Lines, polyline{strings.TrimSpace(at.String()), class})
		}
	}
	line(last, "last")
	line(this, "this")
	c.Desc = "No contract of this edition stands yet."
	if len(this) > 0 {
		end := this[len(this)-1]
		c.Dots = append(c.Dots, dot{x(end.Weeks), y(float64(end.Contracts)), "this"})
		c.Desc = fmt.Sprintf("%s stand at the end of the week.", counted(end.Contracts, "contract", "contracts"))
		then, known := at(last, end.Weeks)
		if known {
			c.Desc += fmt.Sprintf(" At the same distance from the opening the last cycle had %s, and in the end %s.", grouped(then), grouped(last[len(last)-1].Contracts))
		}
		c.Labels = append(c.Labels, valueLabel(x(end.Weeks), y(float64(end.Contracts)), end.Contracts < then, grouped(end.Contracts)))
	}
	c.Keys = append(c.Keys, key{"this", "this edition"})
	if len(last) > 0 {
		c.Keys = append(c.Keys, key{"last line", "last cycle"})
	}
	return c
}

// valueLabel stands beside a dot, on the side where the other line is not.
func valueLabel(x, y float64, below bool, text string) label {
	l := label{X: x - 6, Y: y - 8, Anchor: "end", Class: "value", Text: text}
	if below {
		l.X, l.Y, l.Anchor = x+6, y+14, "start"
	}
	if l.Anchor == "end" && x < 80 {
		l.X, l.Anchor = x+6, "start"
	}
	if l.Anchor == "start" && x > chartWidth-60 {
		l.X, l.Anchor = x-6, "end"
	}
	return l
}

func since(points []measure.Point, week int) []measure.Point {
	for len(points) > 0 && points[0].Weeks < week {
		points = points[1:]
	}
	return points
}

func at(points []measure.Point, week int) (contracts int64, known bool) {
	for _, p := range points {
		if p.Weeks <= week {
			contracts, known = p.Contracts, true
		}
	}
	return contracts, known
}

// niceStep is the next of 1, 2 and 5 times a power of ten.
func niceStep(at float64) float64 {
	power := math.Pow10(int(math.Floor(math.Log10(max(1, at)))))
	for _, times := range []float64{1, 2, 5} {
		if times*power >= at {
			return times * power
		}
	}
	return 10 * power
}

// measured is a line of a chart of bars: now and then, of which either may be absent.
type measured struct {
	name      string
	now, then *float64
	text      string
	bad       bool
}

// mostLines of a chart of bars.
const mostLines = 8

// gaps draws the satisfaction gap by dimension.
func (w Weekly) gaps() chart {
	c := chart{ID: "gaps", Title: "Satisfaction gap so far", Width: chartWidth}
	var lines []measured
	for _, d := range w.dimensions() {
		text := points(d.SoFar)
		lines = append(lines, measured{d.Name, d.SoFar, d.LastCycle, text, d.SoFar != nil && *d.SoFar < 0})
	}
	if len(lines) == 0 {
		c.Empty = "Nobody has said yet both what was expected and what came of it."
		return c
	}
	c.bars(lines, "Points of the question's scale; below 0 the result was less than expected.")
	return c
}

// outcomes draws what became of complaints.
func (w Weekly) outcomes() chart {
	c := chart{ID: "outcomes", Title: "Complaints so far", Width: chartWidth}
	now, then := w.Measured.Figures[measure.SoFar], w.Measured.Figures[measure.LastCycleSoFar]
	var lines []measured
	add := func(name string, of func(*measure.Figures) int64, bad bool) {
		l := measured{name: name, bad: bad, text: absent}
		for _, one := range []struct {
			f  *measure.Figures
			to **float64
		}{{now, &l.now}, {then, &l.then}} {
			if one.f != nil {
				n := float64(of(one.f))
				*one.to = &n
			}
		}
		if l.now != nil {
			l.text = grouped(int64(*l.now))
		}
		if l.now != nil && *l.now != 0 || l.then != nil && *l.then != 0 {
			lines = append(lines, l)
		}
	}
	add("open, and late", func(f *measure.Figures) int64 { return f.Late }, true)
	add("open, not late", func(f *measure.Figures) int64 { return f.Unresolved - f.Late }, false)
	for _, outcome := range customer.Outcomes[1:] {
		add(strings.ToLower(outcome), func(f *measure.Figures) int64 { return outcomesOf(f, outcome) }, false)
	}
	add("resolved, no outcome recorded", func(f *measure.Figures) int64 { return outcomesOf(f, "") + outcomesOf(f, customer.Outcomes[0]) }, false)
	if len(lines) == 0 {
		c.Empty = "No complaints."
		return c
	}
	c.bars(lines, "")
	return c
}

// bars draws a bar for what is now, and a mark for what was then.
func (c *chart) bars(lines []measured, remark string) {
	const high, left, right, row = 12, 2, 10, 36
	if len(lines) > mostLines {
		lines = lines[:mostLines]
	}
	least, most := 0.0, 0.0
	for _, l := range lines {
		for _, v := range []*float64{l.now, l.then} {
			if v != nil {
				least, most = min(least, *v), max(most, *v)
			}
		}
	}
	scale := (chartWidth - left - right) / max(most-least, 0.01)
	x := func(v float64) float64 { return left + (v-least)*scale }
	var says []string
	compared := false
	for i, l := range lines {
		y := float64(i*row) + 14
		c.Labels = append(c.Labels, label{left, y, "start", "name", shortened(l.name)}, label{chartWidth - right, y, "end", "value", l.text})
		y += 6
		c.Rules = append(c.Rules, rule{x(0), y - 2, x(0), y + high + 2, "zero"})
		if l.now != nil && *l.now != 0 {
			class := "this"
			if l.bad {
				class = "bad"
			}
			c.Bars = append(c.Bars, bar{min(x(0), x(*l.now)), y, math.Abs(*l.now) * scale, high, class})
		}
		if l.then != nil {
			compared = true
			c.Bars = append(c.Bars, bar{min(max(x(*l.then)-1.5, 0), chartWidth-3), y - 2, 3, high + 4, "then"})
		}
		says = append(says, l.name+" "+l.text)
	}
	end := float64(len(lines)*row) + 4
	c.Height = end + 16
	c.Labels = append(c.Labels, label{min(max(x(0), left+4), chartWidth-right), end + 13, "middle", "axis", "0"})
	c.Desc = strings.Join(says, "; ") + "."
	if remark != "" {
		c.Desc += " " + remark
	}
	c.Keys = append(c.Keys, key{"this", "this edition"})
	if compared {
		c.Keys = append(c.Keys, key{"last", "last cycle"})
	}
}

// shortened keeps a name from running over the value beside it.
func shortened(name string) string {
	const most = 38
	if runes := []rune(name); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return name
}
