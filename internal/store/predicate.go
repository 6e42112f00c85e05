package store

import "cmp"

// Predicate is a condition on customers: rows p of customer_profile, with what is
// joined to them. internal/audience makes it of an expression.
type Predicate struct {
	// Condition in the words of both databases, with parameters as @name. Beside the
	// predicate's own there is @today, the midnight in UTC that began the day.
	Condition string
	// Joins that it needs, each with at most one row for a customer.
	Joins string
	// Parameters by name: int64 or string.
	Parameters map[string]any
	// ByDay says that the answer may be another on another day.
	ByDay bool
	// Editions are what has to be laid out in segment_took.
	Editions []NamedEdition
	// Points are the loyalty programs whose points are asked for, in loyalty_member or in
	// segment_tier, sorted. Their tiers stand with what the segment asks for.
	Points []string
}

// Computed are the words for a measure that is not stored, over a row p of
// customer_profile: as of @today, so that it is the same for everybody on one day.
// @messages are counted beside. It is "" for a measure that is stored.
func Computed(measure string) string {
	const months = "((@today - p.relationship_since) / 2629746000)"
	switch measure {
	case "relationshipMonths":
		return months
	case "expectedProfit":
		return "whole_product(p.net_profit, (SELECT s.expected_relationship_months FROM store s)) / CASE WHEN " + months + " > 12 THEN " + months + " WHEN " + months + " <= 12 THEN 12 END"
	case "messages30Days":
		return "@messages"
	default:
		return ""
	}
}

// NamedEdition is an edition as an expression names it.
type NamedEdition struct{ Series, Edition string }

// Compare puts editions in order.
func (e NamedEdition) Compare(other NamedEdition) int {
	return cmp.Or(cmp.Compare(e.Series, other.Series), cmp.Compare(e.Edition, other.Edition))
}
