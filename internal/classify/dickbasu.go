package classify

import crm "github.com/fairlead/fairlead/api/v1alpha1"

// dickBasu crosses the repeat rate with the relative attitude (map row D1; Dick and Basu,
// "Customer Loyalty: Toward an Integrated Conceptual Framework", Journal of the Academy
// of Marketing Science 22(2), 1994).
//
// The repeat rate is windowParticipations / windowEligibleEditions. The attitude is
// (ownRating - rivalRating) / ratedDimensions, the mean by which the show is rated above
// its strongest rival; with strongFrom the mean own rating has to be that high besides.
// Unknown is who was eligible for nothing, or never rated both. A low rate alone makes
// nobody disloyal: without an attitude the class is Unknown.
func (m *Model) dickBasu(spec crm.DickBasu) {
	m.begin("dickBasu", "Dick and Basu: repeat rate by relative attitude", crm.ClassLoyal, crm.ClassLatent, crm.ClassSpurious, crm.ClassNotLoyal)
	m.mean(
		"comes again and prefers the show: ask it to recommend us",
		"prefers the show and does not come again: take away what keeps it",
		"comes again without preferring the show: it leaves when a rival offers more",
		"neither comes again nor prefers the show: spend little on it",
	)
	repeats := m.cutRatio(repeatRate, ".repeatRate", spec.RepeatRate)
	attitude := axis{
		measure: "relativeAttitude", title: "rated above the strongest rival", digits: ratioDigits, unit: "points",
		value: "CASE WHEN p.rated_dimensions > 0 THEN (p.own_rating - p.rival_rating) * 10000 / p.rated_dimensions END",
	}
	var prefers string
	if spec.Attitude.HighFrom != "" {
		prefers = m.cutAt(attitude, m.scaled(".attitude.highFrom", spec.Attitude.HighFrom, ratioDigits), highOrLow)
	} else {
		prefers = m.cutAtQuantile(attitude, spec.Attitude.HighFromQuantile, highOrLow)
	}
	if spec.Attitude.StrongFrom != "" {
		rating := axis{
			measure: "ownRating", title: "own rating", digits: ratioDigits, unit: "points",
			value: "CASE WHEN p.rated_dimensions > 0 THEN p.own_rating * 10000 / p.rated_dimensions END",
		}
		prefers = all(prefers, m.cutAt(rating, m.scaled(".attitude.strongFrom", spec.Attitude.StrongFrom, ratioDigits), highOrLow))
	}
	m.crossed(repeats, prefers, crm.ClassLoyal, crm.ClassSpurious, crm.ClassLatent, crm.ClassNotLoyal)
}
