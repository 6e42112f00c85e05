package classify

import (
	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/customer"
)

// satisfaction splits by the last answers to surveys (map row D20): whether the customer
// would recommend the show, perceived - expected as a mean over the dimensions that have
// both, or the last score in one dimension, each cut at two values. Unknown is who never
// answered, or answered longer than maxAgeMonths ago: old praise says nothing of today.
//
// Being satisfied is not being loyal (map row E2): to find satisfied leavers, ask for
// this class and for missed editions in another segment.
func (m *Model) satisfaction(spec crm.Satisfaction) {
	m.begin("satisfaction", "satisfaction by the last answers", crm.ClassSatisfied, crm.ClassIndifferent, crm.ClassDissatisfied)
	m.mean("is satisfied", "is neither satisfied nor dissatisfied", "is dissatisfied: find out why")
	m.prepared.ByDay = true

	cut := "@today - " + m.parameter(int64(spec.MaxAgeMonths)*customer.MonthMillis)
	a := axis{measure: "netPromoterScore", title: "would recommend the show", digits: 2, unit: "of 10"}
	switch spec.Measure {
	case crm.SatisfactionByGap:
		a = axis{measure: "satisfactionGap", title: "perceived above expected", digits: ratioDigits, unit: "points"}
		a.value = "SELECT total(g.perceived - g.expected) * 10000 / nullif(count(g.perceived - g.expected), 0) FROM customer_dimension_profile g WHERE g.customer_id = p.customer_id AND g.at >= " + cut
	case crm.SatisfactionByDimension:
		d := m.dimension(spec.Dimension)
		a = axis{measure: d.measure, title: d.title, digits: 2, unit: "points", value: "CASE WHEN " + d.at + " >= " + cut + " THEN " + d.score + " END"}
	default:
		// Whatever else is recorded in this dimension is no answer to the question.
		d := m.dimension(customer.DimensionOfRecommendation)
		a.value = "CASE WHEN " + d.at + " >= " + cut + " AND " + d.score + " BETWEEN 0 AND 1000 THEN " + d.score + " END"
	}

	column := on(m.column(a))
	from, below := m.scaled(".satisfiedFrom", spec.SatisfiedFrom, a.digits), m.scaled(".dissatisfiedBelow", spec.DissatisfiedBelow, a.digits)
	if below > from {
		// The API server lets none in; a file that is only read may have it.
		m.refuse(".dissatisfiedBelow", crm.ReasonInvalidAmount, "dissatisfiedBelow must not be above satisfiedFrom")
	}
	m.read([]string{column}, func(values []*int64) Reading {
		r := Reading{Axis: a.title, Cut: "satisfied from " + a.shown(from) + " on, dissatisfied below " + a.shown(below)}
		switch value := values[0]; {
		case value == nil:
			r.Missing = a.measure
		case *value >= from:
			r.Value, r.Side = a.shown(*value), "high"
		case *value < below:
			r.Value, r.Side = a.shown(*value), "low"
		default:
			r.Value, r.Side = a.shown(*value), "between"
		}
		return r
	})
	m.caseOf(
		when{column + " >= " + m.parameter(from), crm.ClassSatisfied},
		when{column + " < " + m.parameter(below), crm.ClassDissatisfied},
		when{column + " IS NOT NULL", crm.ClassIndifferent},
	)
}
