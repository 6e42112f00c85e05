package report

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/fairlead/fairlead/internal/measure"
	"github.com/fairlead/fairlead/internal/scorecard"
)

// Scorecard is the report of a CampaignRule (map row I7).
type Scorecard struct {
	// Rule and Objective of the campaign.
	Rule, Objective string
	// Digits after the point of amounts in the reporting currency.
	Digits int
	// Card of the rule.
	Card scorecard.Card
}

// ScorecardFormats in which a scorecard is written, the one for a terminal first.
var ScorecardFormats = []string{"text", "json"}

// Write writes the scorecard in one of ScorecardFormats.
func (s Scorecard) Write(out io.Writer, format string) error {
	if format == "json" {
		return s.JSON(out)
	}
	_, err := io.WriteString(out, s.Text())
	return err
}

// compared is what two groups did, and how far it is apart. Amounts are in whole and parts of the
// reporting currency, shares between 0 and 1.
type compared struct {
	Treated    float64  `json:"treated"`
	HeldOut    float64  `json:"heldOut"`
	Difference *float64 `json:"difference"`
	Low        *float64 `json:"low"`
	High       *float64 `json:"high"`
}

func (c *compared) put(d measure.Difference, present bool, scale float64) *compared {
	if present {
		value, low, high := d.Value/scale, d.Low/scale, d.High/scale
		c.Difference, c.Low, c.High = &value, &low, &high
	}
	return c
}

func shares(treated, heldOut measure.Ratio) *compared {
	a, first := treated.Value()
	b, second := heldOut.Value()
	if !first || !second {
		return nil
	}
	difference, present := measure.DifferenceOfShares(treated, heldOut)
	return (&compared{Treated: a, HeldOut: b}).put(difference, present, 1)
}

func (s Scorecard) revenue() *compared {
	treated, heldOut := s.Card.Revenue()
	a, first := treated.Mean()
	b, second := heldOut.Mean()
	if !first || !second {
		return nil
	}
	scale := math.Pow10(s.Digits)
	difference, present := measure.DifferenceOfMeans(treated, heldOut)
	return (&compared{Treated: a / scale, HeldOut: b / scale}).put(difference, present, scale)
}

// Text is the scorecard for a terminal or a mail without markup.
func (s Scorecard) Text() string {
	c := s.Card
	var out strings.Builder
	fmt.Fprintf(&out, "%s: scorecard\nObjective %s\n", plain(s.Rule), s.Objective)
	if c.Runs == 0 {
		fmt.Fprintln(&out, "\nThe rule has had no run yet.")
		return out.String()
	}
	fmt.Fprintf(&out, "%s, %s\n\n", counted(int64(c.Runs), "run", "runs"), fromTo(c.First, c.Last))
	rows := [][]string{{"REACH"}, {"  Customers who matched", grouped(c.Matched)}, {"  Recipients", grouped(c.Recipients)}}
	for _, reason := range slices.Sorted(maps.Keys(c.Dropped)) {
		rows = append(rows, []string{"    not: " + plain(reason), grouped(c.Dropped[reason])})
	}
	rows = append(rows, nil, []string{"DELIVERY"}, []string{"  Sent", grouped(c.Sent)}, []string{"  Failed", grouped(c.Failed)}, []string{"  Skipped", grouped(c.Skipped)}, []string{"  Unknown", grouped(c.Unknown)},
		nil, []string{"RESPONSE"}, []string{"  Unsubscribed", grouped(c.Unsubscribed)}, nil, []string{"COST"})
	for _, cost := range c.Costs {
		rows = append(rows, []string{"  " + cost.Currency, cost.Amount})
	}
	if len(c.Costs) == 0 {
		rows = append(rows, []string{"  Nothing declared", absent})
	}
	align(&out, rows)
	fmt.Fprintln(&out)
	s.effect(&out)
	return out.String()
}

func fromTo(first, last time.Time) string {
	if day(first) == day(last) {
		return day(first)
	}
	return day(first) + " to " + day(last)
}

// effect writes what two groups did, and what is to be known of it.
func (s Scorecard) effect(out *strings.Builder) {
	c := s.Card
	heading := fmt.Sprintf("EFFECT WITHIN %d DAYS", c.Days)
	switch {
	case c.Compared > 0:
		rows := [][]string{{heading, "WRITTEN TO", "HELD OUT", "DIFFERENCE", "95 % INTERVAL"}, {"  Customers", grouped(c.Effect.Treated.Customers), grouped(c.Effect.HeldOut.Customers)}}
		percent := func(v float64) string { return decimals(100*v, 1) + " %" }
		points := func(v float64) string { return signed(100*v, 1) }
		rows = append(rows, compare("  Booked, points apart", shares(c.Booked()), percent, points), compare("  Took part, points apart", shares(c.TookPart()), percent, points))
		name := "  Revenue per customer"
		if c.Effect.Currency != "" {
			name += ", " + c.Effect.Currency
		}
		rows = append(rows, compare(name, s.revenue(), func(v float64) string { return decimals(v, s.Digits) }, func(v float64) string { return signed(v, s.Digits) }))
		align(out, rows)
	default:
		fmt.Fprintf(out, "%s\n  Nothing can be compared yet.\n", heading)
	}
	fmt.Fprintln(out)
	for _, note := range s.notes() {
		fmt.Fprintln(out, note)
	}
}

// compare is a line of two groups.
func compare(name string, c *compared, show, apart func(float64) string) []string {
	if c == nil {
		return []string{name, absent, absent, absent, absent}
	}
	row := []string{name, show(c.Treated), show(c.HeldOut), absent, absent}
	if c.Difference != nil {
		row[3], row[4] = apart(*c.Difference), apart(*c.Low)+" to "+apart(*c.High)
	}
	return row
}

// signed is a number with its sign; what rounds to nothing has none.
func signed(v float64, points int) string {
	text := decimals(v, points)
	if strings.Trim(text, "-0.") == "" {
		return strings.TrimPrefix(text, "-")
	}
	if v > 0 {
		return "+" + text
	}
	return text
}

// notes say what a reader must know of the figures.
func (s Scorecard) notes() []string {
	c := s.Card
	var notes []string
	if c.Compared > 0 {
		notes = append(notes, fmt.Sprintf("Compared: %s. An interval that holds 0 does not tell the two apart.", counted(int64(c.Compared), "run", "runs")))
	}
	if c.Early > 0 {
		notes = append(notes, fmt.Sprintf("Too early for %s: %d days have not passed since. The next can be compared from %s on.", counted(int64(c.Early), "run", "runs"), c.Days, day(c.NextAt)))
	}
	if c.Incomparable > 0 {
		notes = append(notes, fmt.Sprintf("Left out: %s that held out nobody, wrote to nobody, or sent nothing to customers.", counted(int64(c.Incomparable), "run", "runs")))
	}
	if c.Effect.Unconverted > 0 {
		notes = append(notes, counted(c.Effect.Unconverted, "price or invoice has", "prices and invoices have")+" no exchange rate: in no sum here.")
	}
	return notes
}

// JSON is the scorecard for programs; null is what nothing is known of.
func (s Scorecard) JSON(out io.Writer) error {
	c := s.Card
	type reach struct {
		Matched    int64            `json:"matched"`
		Recipients int64            `json:"recipients"`
		Dropped    map[string]int64 `json:"dropped"`
	}
	type delivery struct {
		Sent    int64 `json:"sent"`
		Failed  int64 `json:"failed"`
		Skipped int64 `json:"skipped"`
		Unknown int64 `json:"unknown"`
	}
	type response struct {
		Unsubscribed int64 `json:"unsubscribed"`
	}
	type effect struct {
		Days         int        `json:"days"`
		Compared     int        `json:"comparedRuns"`
		Early        int        `json:"earlyRuns"`
		Incomparable int        `json:"incomparableRuns"`
		NextAt       *time.Time `json:"nextAt"`
		Treated      int64      `json:"treated"`
		HeldOut      int64      `json:"heldOut"`
		Booked       *compared  `json:"booked"`
		TookPart     *compared  `json:"tookPart"`
		Revenue      *compared  `json:"revenue"`
		Currency     string     `json:"currency,omitempty"`
		Unconverted  int64      `json:"unconverted"`
	}
	all := struct {
		Rule      string           `json:"rule"`
		Objective string           `json:"objective"`
		Runs      int              `json:"runs"`
		Reach     reach            `json:"reach"`
		Delivery  delivery         `json:"delivery"`
		Response  response         `json:"response"`
		Costs     []scorecard.Cost `json:"costs"`
		Effect    effect           `json:"effect"`
	}{
		s.Rule, s.Objective, c.Runs, reach{c.Matched, c.Recipients, c.Dropped}, delivery{c.Sent, c.Failed, c.Skipped, c.Unknown}, response{c.Unsubscribed}, append([]scorecard.Cost{}, c.Costs...),
		effect{
			Days: c.Days, Compared: c.Compared, Early: c.Early, Incomparable: c.Incomparable, Treated: c.Effect.Treated.Customers, HeldOut: c.Effect.HeldOut.Customers,
			Booked: shares(c.Booked()), TookPart: shares(c.TookPart()), Revenue: s.revenue(), Currency: c.Effect.Currency, Unconverted: c.Effect.Unconverted,
		},
	}
	if !c.NextAt.IsZero() {
		all.Effect.NextAt = &c.NextAt
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(all)
}
