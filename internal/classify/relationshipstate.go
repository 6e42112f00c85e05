package classify

import (
	"fmt"
	"strings"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

// relationshipState crosses the share of wallet with the strength of the bond (map rows
// D23, D24). The source names what the state of a relationship is judged by and the
// four conclusions; it states neither weights nor thresholds, so that they are declared.
//
// The share of wallet is spendLastYear / (spendLastYear + rivalSpendLastYear); nothing
// recorded with us is 0, nothing known of rivals is absent. The bond is the mean of its
// components by their weights, each from 0 at noneAt to 100 points at fullAt and in
// proportion between. Unknown is whose share is not known, or whose absent components
// could make the difference.
func (m *Model) relationshipState(spec crm.RelationshipState) {
	m.begin("relationshipState", "state of the relationship: share of wallet by strength of the bond",
		crm.ClassLoyal, crm.ClassConvertible, crm.ClassCompetitive, crm.ClassRivalLoyal)
	m.mean(
		"spends most with us, by a strong bond",
		"spends most with rivals, and the bond with us is strong: it can be won",
		"spends most with us, by a weak bond: rivals can win it",
		"spends most with rivals, and little binds it to us",
	)
	share := axis{measure: "walletShare", title: "share of wallet", digits: ratioDigits, value: walletShare("p.spend_last_year", "p.rival_spend_last_year")}
	high := m.cutRatio(share, ".walletShare", spec.WalletShare)

	var least, most []string
	weights := int64(0)
	for i, component := range spec.Bond.Components {
		field := fmt.Sprintf(".bond.components[%d]", i)
		weights += int64(component.Weight)
		points := m.points(field, component)
		least = append(least, fmt.Sprintf("coalesce(%s, 0) * %d", points, component.Weight))
		most = append(most, fmt.Sprintf("coalesce(%s, %d) * %d", points, fullPoints, component.Weight))
	}
	// The points of a component are cut off at a whole number, so that all together may be
	// short of their mean by less than their weights.
	strong := between(strings.Join(least, " + "), strings.Join(most, " + "), m.parameter(int64(spec.Bond.StrongFrom)*weights*fullPoints/100-weights))
	m.crossed(high, strong, crm.ClassLoyal, crm.ClassCompetitive, crm.ClassConvertible, crm.ClassRivalLoyal)
}

// fullPoints are all that a component can add, so that a hundredth of a hundredth point
// is a whole number.
const fullPoints = 1_000_000

// walletShare is spend with us of all spend, in millionths. Amounts too large to be
// multiplied are divided before.
func walletShare(own, rivals string) string {
	spent := "(CASE WHEN coalesce(" + own + ", 0) > 0 THEN " + own + " ELSE 0 END)"
	both := "(" + spent + " + " + rivals + ")"
	return fmt.Sprintf("CASE WHEN %[2]s >= 9000000000000 THEN %[1]s / (%[2]s / 1000000) WHEN %[2]s > 0 THEN %[1]s * 1000000 / %[2]s END", spent, both)
}

// componentDigits are the digits after the point that components are compared with.
const componentDigits = 4

// mostOfComponent bounds what a component is compared with, so that points fit an integer.
const mostOfComponent = 1_000_000

// points are what a component adds, from 0 to fullPoints; NULL where it is absent.
func (m *Model) points(field string, component crm.BondComponent) string {
	a := m.component(component)
	none := m.scaled(field+".noneAt", component.NoneAt, componentDigits)
	full := m.scaled(field+".fullAt", component.FullAt, componentDigits)
	for _, end := range []struct {
		name  string
		value int64
	}{{".noneAt", none}, {".fullAt", full}} {
		if end.value > mostOfComponent*10_000 || end.value < -mostOfComponent*10_000 {
			m.refuse(field+end.name, crm.ReasonInvalidAmount, "the value must be between -%d and %[1]d", mostOfComponent)
			return "0"
		}
	}
	if none == full {
		// The API server lets none in; a file that is only read may have it.
		m.refuse(field, crm.ReasonInvalidAmount, "noneAt and fullAt must differ")
		return "0"
	}
	place := m.column(a)
	x, from, to := on(place), m.parameter(none), m.parameter(full)
	inside := fmt.Sprintf("(%s - %s) * %d / (%s - %[2]s)", x, from, fullPoints, to)
	points := fmt.Sprintf("(CASE WHEN %[1]s <= %[2]s THEN 0 WHEN %[1]s >= %[3]s THEN %[4]d ELSE %[5]s END)", x, from, to, fullPoints, inside)
	if none > full {
		points = fmt.Sprintf("(CASE WHEN %[1]s >= %[2]s THEN 0 WHEN %[1]s <= %[3]s THEN %[4]d ELSE %[5]s END)", x, from, to, fullPoints, inside)
	}
	// What is absent is neither below nor above.
	points = "(CASE WHEN " + x + " IS NOT NULL THEN " + points + " END)"
	m.read([]string{x, points}, func(values []*int64) Reading {
		r := Reading{Axis: a.title}
		if values[0] == nil {
			r.Missing = a.measure
			return r
		}
		r.Value = a.shown(*values[0])
		r.Cut = fmt.Sprintf("%d of 100 points, weight %d: none at %s, all at %s", *values[1]*100/fullPoints, component.Weight, component.NoneAt, component.FullAt)
		return r
	})
	return points
}

// component is the axis of a component, with componentDigits after the point.
func (m *Model) component(c crm.BondComponent) axis {
	whole := func(measure, title, column, unit string) axis {
		return axis{measure: measure, title: title, value: column + " * 10000", digits: componentDigits, unit: unit}
	}
	switch c.Measure {
	case crm.BondWalletShareTrend:
		return axis{
			measure: "walletShareTrend", title: "trend of the share of wallet", digits: componentDigits, unit: "percentage points a year",
			value: "((" + walletShare("p.spend_last_year", "p.rival_spend_last_year") + ") - (" + walletShare("p.spend_three_years_ago", "p.rival_spend_three_years_ago") + ")) / 2",
		}
	case crm.BondContactsYear:
		return whole("contactsYear", "contacts within 365 days", "p.contacts_year", "contacts")
	case crm.BondContactPersons:
		return whole("contactPersons", "contact persons", "p.contact_persons", "persons")
	case crm.BondContactDepartments:
		return whole("contactDepartments", "departments of contact persons", "p.contact_departments", "departments")
	case crm.BondRelationshipMonths:
		m.prepared.ByDay = true
		return whole("relationshipMonths", relationship.title, relationship.value, relationship.unit)
	case crm.BondRepeatRate:
		return axis{measure: repeatRate.measure, title: repeatRate.title, value: repeatRate.value, digits: componentDigits, unit: "percent"}
	case crm.BondConsecutiveEditions:
		return whole("consecutiveEditions", "editions without a miss", "p.consecutive_editions", "editions")
	case crm.BondNetPromoterScore:
		return whole("netPromoterScore", "would recommend the show", "p.net_promoter_score", "of 10")
	default:
		d := m.dimension(c.Dimension)
		return axis{measure: d.measure, title: d.title, value: d.score + " * 100", digits: componentDigits, unit: "points"}
	}
}

// dimension is what a customer answered last in one.
type dimension struct {
	measure, title string
	// score in hundredths, and the instant of the answer.
	score, at string
}

// dimension joins the last answer in a dimension of the surveys.
func (m *Model) dimension(name string) dimension {
	alias := fmt.Sprintf("dimension%d", strings.Count(m.prepared.Joins, "LEFT JOIN"))
	m.prepared.Joins += fmt.Sprintf(" LEFT JOIN customer_dimension_profile %[1]s ON %[1]s.customer_id = p.customer_id AND %[1]s.dimension = %[2]s", alias, m.parameter(name))
	return dimension{"score of " + name, "score of " + name, alias + ".score", alias + ".at"}
}
