package classify

import crm "github.com/fairlead/fairlead/api/v1alpha1"

// reinartzKumar crosses net customer profit with the length of the relationship (map row
// D5; Reinartz and Kumar, "The Mismanagement of Customer Loyalty", Harvard Business
// Review, July 2002). Profit is netProfit (map row F2), cut at an amount or at a quantile
// of the members; a relationship is relationshipMonths, cut at a number of months.
// Unknown is who lacks either.
func (m *Model) reinartzKumar(spec crm.ReinartzKumar) {
	m.begin("reinartzKumar", "Reinartz and Kumar: profit by length of the relationship",
		crm.ClassTrueFriend, crm.ClassButterfly, crm.ClassBarnacle, crm.ClassStranger)
	m.mean(
		"profitable for a long time: reward it, and do not press it",
		"profitable for a short time: sell while it lasts, and stop in time",
		"with us for long and little profit: find out whether it could buy more",
		"new and of little profit: spend next to nothing on it",
	)
	profitable := m.cutMoney(m.amounts(netProfit), ".profit", spec.Profit)
	long := m.cutAt(relationship, int64(spec.Duration.LongFromMonths), longOrShort)
	m.prepared.ByDay = true
	m.crossed(profitable, long, crm.ClassTrueFriend, crm.ClassButterfly, crm.ClassBarnacle, crm.ClassStranger)
}

// cutMoney cuts an axis of amounts.
func (m *Model) cutMoney(a axis, field string, cut crm.MoneyCut) string {
	if cut.HighFrom != nil {
		return m.cutAt(a, m.minorUnits(field+".highFrom", *cut.HighFrom), highOrLow)
	}
	return m.cutAtQuantile(a, cut.HighFromQuantile, highOrLow)
}

// cutRatio cuts an axis of ratios.
func (m *Model) cutRatio(a axis, field string, cut crm.RatioCut) string {
	if cut.HighFrom != "" {
		return m.cutAt(a, m.scaled(field+".highFrom", crm.Decimal(cut.HighFrom), ratioDigits), highOrLow)
	}
	return m.cutAtQuantile(a, cut.HighFromQuantile, highOrLow)
}
