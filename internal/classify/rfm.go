package classify

import (
	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/customer"
)

// rfm crosses recency, frequency and monetary value (map row D21; Hughes, "Strategic
// Database Marketing", 1994). Recency is lastParticipation, frequency participations,
// monetary value revenue after discount, each over all that is recorded. Unknown is who
// never took part or has no revenue on record.
func (m *Model) rfm(spec crm.RFM) {
	m.begin("rfm", "RFM: recency, frequency and monetary value",
		crm.ClassChampion, crm.ClassPromising, crm.ClassDrifting, crm.ClassLapsedSpender,
		crm.ClassRegular, crm.ClassNewcomer, crm.ClassDriftingRegular, crm.ClassLapsed)
	m.mean(
		"came lately, comes often and brings much",
		"came lately and brings much, but not often yet",
		"came often and brought much, but not lately: find out why before it is gone",
		"brought much, seldom and long ago",
		"comes lately and often, and brings little",
		"came lately, not often yet, and brings little",
		"came often and brought little, not lately",
		"came seldom and long ago, and brought little",
	)
	last := axis{measure: "lastParticipation", title: "last participation", value: "p.last_participation", isDay: true}
	revenue := m.amounts(axis{measure: "revenue", title: "revenue after discount", value: "p.revenue - coalesce(p.discount, 0)"})
	recency := sides{"recent", "long ago"}

	var lately, often string
	if spec.Recency.WithinMonths != nil {
		m.prepared.ByDay = true
		// The midnight that began the day so many months ago.
		lately = m.cut(last, "((@today - "+m.parameter(int64(*spec.Recency.WithinMonths)*customer.MonthMillis)+") / 86400000 * 86400000)", "", recency)
	} else {
		lately = m.cutAtQuantile(last, spec.Recency.HighFromQuantile, recency)
	}
	if spec.Frequency.HighFrom != nil {
		often = m.cutAt(participations, int64(*spec.Frequency.HighFrom), highOrLow)
	} else {
		often = m.cutAtQuantile(participations, spec.Frequency.HighFromQuantile, highOrLow)
	}
	much := m.cutMoney(revenue, ".monetary", spec.Monetary)

	// The classes are in the order of money, then of recency, then of frequency.
	var whens []when
	for i, class := range m.classes[:8] {
		condition := make([]string, 0, 3)
		for bit, holds := range []string{often, lately, much} {
			if i>>bit&1 == 1 {
				holds = not(holds)
			}
			condition = append(condition, holds)
		}
		whens = append(whens, when{all(condition...), class})
	}
	m.caseOf(whens...)
}
