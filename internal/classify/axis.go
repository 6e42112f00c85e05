package classify

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/store"
)

// axis is one thing that members are placed by: an integer for each of them.
type axis struct {
	// measure is its name, as profiles have it where it is one of theirs.
	measure string
	// title says it in words.
	title string
	// value over rows p of customer_profile.
	value string
	// digits after the point that the integer holds; of an amount those of the currency.
	digits int
	// unit that it is stated in.
	unit string
	// isDay says that it is an instant, stated as a day.
	isDay bool
}

// The axes that several models have.
var (
	repeatRate = axis{
		measure: "repeatRate", title: "repeat rate", digits: ratioDigits,
		value: "CASE WHEN p.window_eligible_editions > 0 THEN p.window_participations * 1000000 / p.window_eligible_editions END",
	}
	netProfit      = axis{measure: "netProfit", title: "net profit", value: "p.net_profit"}
	relationship   = axis{measure: "relationshipMonths", title: "relationship", value: store.Computed("relationshipMonths"), unit: "months"}
	participations = axis{measure: "participations", title: "participations", value: "p.participations", unit: "editions"}
)

// ratioDigits are the digits after the point of ratios.
const ratioDigits = 6

// column adds an axis to the model, and gives its place.
func (m *Model) column(a axis) int {
	m.prepared.Axes = append(m.prepared.Axes, store.Axis{Name: a.measure, Value: a.value})
	return len(m.prepared.Axes) - 1
}

// on is the column of an axis in a row x.
func on(place int) string { return fmt.Sprintf("x.axis%d", place) }

// amounts says that an axis is in the reporting currency.
func (m *Model) amounts(a axis) axis {
	a.unit = m.currency
	if digits, known := customer.MinorDigits(m.currency); known {
		a.digits = digits
	}
	return a
}

// shown is a value of an axis for people.
func (a axis) shown(value int64) string {
	if a.isDay {
		return time.UnixMilli(value).UTC().Format(time.DateOnly)
	}
	text := customer.Field{Kind: customer.Decimal, Scale: a.digits}.Format(customer.Number(value), "")
	if a.digits == ratioDigits {
		text = strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
	}
	return strings.TrimSpace(text + " " + a.unit)
}

// sides are the words for what is at a cut and above, and for what is below.
type sides struct{ above, below string }

var (
	highOrLow   = sides{"high", "low"}
	longOrShort = sides{"long", "short"}
	manyOrFew   = sides{"many", "few"}
	isOrNot     = sides{"yes", "no"}
)

// cutAt cuts an axis at a value, and gives the condition that a member is there or above.
func (m *Model) cutAt(a axis, value int64, words sides) string {
	return m.cut(a, m.parameter(value), "", words)
}

// cutAtQuantile cuts an axis at a quantile: at the value above which, as nearly as values
// allow, the rest of those members are who have one.
func (m *Model) cutAtQuantile(a axis, quantile crm.Ratio, words sides) string {
	m.prepared.Ranked = true
	place := len(m.prepared.Axes)
	column := fmt.Sprintf("s.axis%d", place)
	before := fmt.Sprintf("count(%s) * %s / 1000000", column, m.parameter(m.scaled("", crm.Decimal(quantile), ratioDigits)))
	if m.prepared.Ranks != "" {
		m.prepared.Ranks += ", "
	}
	m.prepared.Ranks += fmt.Sprintf("(SELECT %[1]s FROM segment_axis s WHERE %[1]s IS NOT NULL ORDER BY %[1]s LIMIT 1 OFFSET (SELECT CASE WHEN %[2]s < count(%[1]s) THEN %[2]s ELSE count(%[1]s) - (CASE WHEN count(%[1]s) > 0 THEN 1 ELSE 0 END) END FROM segment_axis s)) AS cut%[3]d",
		column, before, place)
	return m.cut(a, fmt.Sprintf("x.cut%d", place), string(quantile), words)
}

func (m *Model) cut(a axis, at, quantile string, words sides) string {
	place := m.column(a)
	m.read([]string{on(place), at}, func(values []*int64) Reading {
		r := Reading{Axis: a.title}
		switch value, cut := values[0], values[1]; {
		case value == nil:
			r.Missing = a.measure
		case *value >= *cut:
			r.Value, r.Side, r.Cut = a.shown(*value), words.above, "from "+a.shown(*cut)+" on"
		default:
			r.Value, r.Side, r.Cut = a.shown(*value), words.below, "below "+a.shown(*cut)
		}
		if quantile != "" && r.Cut != "" {
			r.Cut += ", quantile " + quantile + " of the members"
		}
		return r
	})
	return on(place) + " >= " + at
}

// Reading says how one customer stands on an axis.
type Reading struct {
	// Axis in words.
	Axis string `json:"axis"`
	// Value of the customer; "" where it is absent.
	Value string `json:"value,omitempty"`
	// Side of the cut, such as high; "" where the axis has none.
	Side string `json:"side,omitempty"`
	// Cut in words.
	Cut string `json:"cut,omitempty"`
	// Missing is the measure that is absent; "" if it is not.
	Missing string `json:"missing,omitempty"`
}

// reading is what a Reading is made of.
type reading struct {
	selected []string
	tell     func(values []*int64) Reading
}

// read adds a reading of integers over a row x.
func (m *Model) read(selected []string, tell func(values []*int64) Reading) {
	m.readings = append(m.readings, reading{selected, tell})
}

// Selected are the values to ask of the store for Readings, in this order.
func (m *Model) Selected() []string {
	var selected []string
	for _, r := range m.readings {
		selected = append(selected, r.selected...)
	}
	return selected
}

// Readings says how a customer stands by the values of Selected.
func (m *Model) Readings(values []any) ([]Reading, error) {
	var readings []Reading
	for _, r := range m.readings {
		numbers := make([]*int64, len(r.selected))
		for i := range numbers {
			if values[i] == nil {
				continue
			}
			number, err := strconv.ParseInt(fmt.Sprint(values[i]), 10, 64)
			if err != nil {
				return nil, fmt.Errorf("reading %s: %w", r.selected[i], err)
			}
			numbers[i] = &number
		}
		values = values[len(numbers):]
		readings = append(readings, r.tell(numbers))
	}
	return readings, nil
}
