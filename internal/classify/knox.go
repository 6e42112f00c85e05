package classify

import (
	"fmt"
	"strings"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

// knox crosses the number of rival shows with involvement (map row D3; Knox, "Loyalty-Based
// Segmentation and the Customer Development Process", European Management Journal 16(6),
// 1998).
//
// Rival shows are rivalShows; few is below the cut. Involvement is high with so many of
// the declared signs: meetingsYear, bookingLeadDays, boothArea and participations, each
// from a value on. Unknown is whose rival shows are not known, which is not none, or whose
// absent signs could make the difference.
func (m *Model) knox(spec crm.Knox) {
	m.begin("knox", "Knox: rival shows by involvement", crm.ClassLoyal, crm.ClassHabitual, crm.ClassMultiBrand, crm.ClassSwitcher)
	m.mean(
		"involved, and goes to few rivals",
		"goes to few rivals out of habit: it leaves when what it is used to fails",
		"involved, and goes to many rivals too",
		"goes to many rivals and is little involved: a small discount moves it, and does not keep it",
	)
	rivals := axis{measure: "rivalShows", title: "rival shows", value: "p.rival_shows", unit: "shows"}
	many := m.cutAt(rivals, int64(spec.RivalShows.ManyFrom), manyOrFew)

	var signs []string
	sign := func(a axis, from *int32) {
		if from != nil {
			signs = append(signs, m.cutAt(a, int64(*from), isOrNot))
		}
	}
	sign(axis{measure: "meetingsYear", title: "meetings within 365 days", value: "p.meetings_year", unit: "meetings"}, spec.Involvement.MeetingsFrom)
	sign(axis{measure: "bookingLeadDays", title: "booked before the opening", value: "p.booking_lead_days", unit: "days"}, spec.Involvement.BookingLeadDaysFrom)
	if spec.Involvement.BoothAreaFrom != "" {
		area := axis{measure: "boothArea", title: "booth area", value: "p.booth_area", digits: 2, unit: "square metres"}
		signs = append(signs, m.cutAt(area, m.scaled(".involvement.boothAreaFrom", spec.Involvement.BoothAreaFrom, 2), isOrNot))
	}
	sign(participations, spec.Involvement.ParticipationsFrom)

	least, most := make([]string, len(signs)), make([]string, len(signs))
	for i, s := range signs {
		least[i] = fmt.Sprintf("CASE WHEN %s THEN 1 ELSE 0 END", s)
		most[i] = fmt.Sprintf("CASE WHEN %s THEN 0 ELSE 1 END", not(s))
	}
	involved := between(strings.Join(least, " + "), strings.Join(most, " + "), m.parameter(int64(spec.Involvement.HighFromSigns)))
	m.crossed(not(many), involved, crm.ClassLoyal, crm.ClassHabitual, crm.ClassMultiBrand, crm.ClassSwitcher)
}

// between is the condition that a sum reaches a cut, of which it is known that it is
// least at least and most at most: NULL where that leaves it open.
func between(least, most, cut string) string {
	return fmt.Sprintf("(CASE WHEN %s >= %s THEN TRUE WHEN %s < %[2]s THEN FALSE END)", least, cut, most)
}
