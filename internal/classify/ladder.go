package classify

import (
	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

// ladder tells how far a customer has come from non-customer to advocate (map row D25;
// Payne, "Advances in Relationship Marketing", 1995, has the ladder, the source the
// rungs). From the top:
//
//   - Dormant took part and missed the last eligible editions in a row;
//   - Advocate took part twice or more and recommended us to others;
//   - LoyalBuyer takes part without a miss;
//   - RepeatBuyer took part twice or more, FirstTimeBuyer once;
//   - LikelyBuyer never took part, and met us within 365 days or has something to do with
//     us already, such as a booking or a purchase;
//   - Prospect never took part, and was in contact with us;
//   - NonCustomer is all others.
//
// Unknown is who took part when nobody knows, so that neither is known what it missed.
func (m *Model) ladder(spec crm.Ladder) {
	m.begin("ladder", "ladder from non-customer to advocate",
		crm.ClassAdvocate, crm.ClassLoyalBuyer, crm.ClassRepeatBuyer, crm.ClassFirstTimeBuyer,
		crm.ClassLikelyBuyer, crm.ClassProspect, crm.ClassNonCustomer, crm.ClassDormant)
	m.mean(
		"comes again and brings others",
		"comes without a miss",
		"came more than once",
		"came once",
		"met us or has booked, and never came yet",
		"is in contact with us, and never came yet",
		"is known to us, and that is all",
		"came, and missed the last editions",
	)
	came := m.look(participations)
	missed := m.look(axis{measure: "missedEditions", title: "editions missed in a row", unit: "editions",
		value: "CASE WHEN p.participations = 0 THEN coalesce(p.missed_editions, 0) ELSE p.missed_editions END"})
	consecutive := m.look(axis{measure: "consecutiveEditions", title: "editions without a miss", value: "coalesce(p.consecutive_editions, 0)", unit: "editions"})
	referrals := m.look(axis{measure: "referrals", title: "recommended us to", value: "p.referrals", unit: "customers"})
	meetings := m.look(axis{measure: "meetingsYear", title: "meetings within 365 days", value: "p.meetings_year", unit: "meetings"})
	related := m.look(axis{measure: "relationshipSince", title: "relationship", value: "CASE WHEN p.relationship_since IS NULL THEN 0 ELSE 1 END"})
	contacts := m.look(axis{measure: "contacts", title: "contacts", value: "p.contacts", unit: "contacts"})
	atLeast := func(axis string, number int32) string { return axis + " >= " + m.parameter(int64(number)) }
	m.caseOf(
		when{missed + " IS NULL", crm.ClassUnknown},
		when{all(came+" > 0", atLeast(missed, spec.DormantFromMissed)), crm.ClassDormant},
		when{all(came+" > 1", atLeast(referrals, spec.AdvocateFromReferrals)), crm.ClassAdvocate},
		when{atLeast(consecutive, spec.LoyalFromEditions), crm.ClassLoyalBuyer},
		when{came + " > 1", crm.ClassRepeatBuyer},
		when{came + " = 1", crm.ClassFirstTimeBuyer},
		when{"(" + meetings + " > 0 OR " + related + " > 0)", crm.ClassLikelyBuyer},
		when{contacts + " > 0", crm.ClassProspect},
		when{came + " = 0", crm.ClassNonCustomer},
	)
}

// look adds an axis that has no cut.
func (m *Model) look(a axis) string {
	column := on(m.column(a))
	m.read([]string{column}, func(values []*int64) Reading {
		if values[0] == nil {
			return Reading{Axis: a.title, Missing: a.measure}
		}
		return Reading{Axis: a.title, Value: a.shown(*values[0])}
	})
	return column
}
