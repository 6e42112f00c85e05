package classify

import (
	"fmt"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/store"
)

// byRank puts the greatest first; of equals who has been known for longer.
const byRank = "ORDER BY s.axis0 DESC NULLS LAST, s.customer_id"

// windowed is the axis of a measure over the last months, and has all members laid out.
func (m *Model) windowed(measure crm.ValueMeasure, months int32) axis {
	over := fmt.Sprintf(" within %d months", months)
	var a axis
	var sum store.WindowedMeasure
	switch measure {
	case crm.MeasureRevenue:
		a, sum = m.amounts(axis{measure: "revenue", title: "revenue after discount" + over}), store.WindowedRevenue
	case crm.MeasureNetProfit:
		a, sum = m.amounts(axis{measure: "netProfit", title: "net profit" + over}), store.WindowedNetProfit
	case crm.MeasureParticipations:
		a, sum = axis{measure: "participations", title: "participations" + over, unit: "editions"}, store.WindowedParticipations
	default:
		a, sum = axis{measure: "boothArea", title: "booth area" + over, digits: 2, unit: "square metres"}, store.WindowedBoothArea
	}
	m.prepared.Windowed = &store.Windowed{Measure: sum, Millis: int64(months) * customer.MonthMillis}
	m.prepared.Ranked, m.prepared.ByDay = true, true
	m.column(a)
	return a
}

// names of classes.
func names(classes []crm.PercentClass) []string {
	all := make([]string, len(classes))
	for i, class := range classes {
		all[i] = string(class.Name)
	}
	return all
}

// pyramid ranks members by a measure over a span of time, and cuts at cumulative shares of
// those members that have it (map rows D10, D11; Curry and Curry, "The Customer Marketing
// Method", 2000). The first so many percent, rounded up to a whole member, are the first
// class. Unknown is who lacks the measure.
func (m *Model) pyramid(spec crm.Pyramid) {
	m.begin("pyramid", "customer pyramid", names(spec.Classes)...)
	for _, class := range spec.Classes {
		m.meanings[string(class.Name)] = fmt.Sprintf("among the first %d percent of the members", class.UpToPercent)
	}
	a := m.windowed(spec.Measure, spec.WindowMonths)
	m.prepared.Ranks = "row_number() OVER (" + byRank + ") AS place, count(s.axis0) OVER () AS known"
	whens := []when{{"x.axis0 IS NULL", crm.ClassUnknown}}
	for _, class := range spec.Classes {
		whens = append(whens, when{fmt.Sprintf("(x.place - 1) * 100 < %s * x.known", m.parameter(int64(class.UpToPercent))), string(class.Name)})
	}
	m.read([]string{"x.axis0", "x.place", "x.known"}, func(values []*int64) Reading {
		if values[0] == nil {
			return Reading{Axis: a.title, Missing: a.measure}
		}
		return Reading{Axis: a.title, Value: a.shown(*values[0]), Cut: fmt.Sprintf("place %d of %d", *values[1], *values[2])}
	})
	m.caseOf(whens...)
}

// abc ranks members by a measure over a span of time, and cuts at cumulative shares of its
// total (map rows D12, D13; Dickie, "ABC Inventory Analysis Shoots for Dollars, Not
// Pennies", Factory Management and Maintenance, July 1951). Whoever crosses a cut belongs
// to the class above it. Who brings nothing is in the last class; who is below zero too,
// or in a class of its own. Unknown is who lacks the measure.
func (m *Model) abc(spec crm.ABC) {
	classes := names(spec.Classes)
	last := classes[max(0, len(classes)-1):]
	if spec.BelowZero != "" {
		m.begin("abc", "ABC analysis", append(classes, string(spec.BelowZero))...)
		m.meanings[string(spec.BelowZero)] = "below zero"
	} else {
		m.begin("abc", "ABC analysis", classes...)
	}
	for _, class := range spec.Classes {
		m.meanings[string(class.Name)] = fmt.Sprintf("among those who bring the first %d percent of the total", class.UpToPercent)
	}
	a := m.windowed(spec.Measure, spec.WindowMonths)
	const counted = "CASE WHEN s.axis0 > 0 THEN s.axis0 ELSE 0 END"
	m.prepared.Ranks = "total(" + counted + ") OVER (" + byRank + " ROWS UNBOUNDED PRECEDING) - " + counted + " AS ahead, total(" + counted + ") OVER () AS whole"
	whens := []when{{"x.axis0 IS NULL", crm.ClassUnknown}}
	if spec.BelowZero != "" {
		whens = append(whens, when{"x.axis0 < 0", string(spec.BelowZero)})
	}
	for _, name := range last {
		whens = append(whens, when{"x.axis0 <= 0", name})
	}
	for _, class := range spec.Classes {
		percent := m.parameter(int64(class.UpToPercent))
		// The percentage of the total, rounded up, without a product that may not fit.
		whens = append(whens, when{fmt.Sprintf("x.ahead < x.whole / 100 * %[1]s + (x.whole %% 100 * %[1]s + 99) / 100", percent), string(class.Name)})
	}
	m.read([]string{"x.axis0", "x.ahead", "x.whole"}, func(values []*int64) Reading {
		if values[0] == nil {
			return Reading{Axis: a.title, Missing: a.measure}
		}
		return Reading{Axis: a.title, Value: a.shown(*values[0]), Cut: fmt.Sprintf("those before bring %s of %s", a.shown(*values[1]), a.shown(*values[2]))}
	})
	m.caseOf(whens...)
}
