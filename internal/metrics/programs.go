package metrics

import (
	"k8s.io/apimachinery/pkg/api/meta"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

// ofPoints is a metric of a sum over the members of a program; there is none before its first pass.
func ofPoints(name, help string, of func(crm.LoyaltyProgramStatus) crm.Decimal) family[*crm.LoyaltyProgram] {
	return family[*crm.LoyaltyProgram]{name: name, help: help, each: func(p *crm.LoyaltyProgram, emit func(float64, ...string)) {
		if value, present := decimal(of(p.Status)); present {
			emit(value)
		}
	}}
}

// ofCount is a metric of a number of the status.
func ofCount(name, help string, of func(crm.LoyaltyProgramStatus) *int64) family[*crm.LoyaltyProgram] {
	return family[*crm.LoyaltyProgram]{name: name, help: help, each: func(p *crm.LoyaltyProgram, emit func(float64, ...string)) {
		if number := of(p.Status); number != nil {
			emit(float64(*number))
		}
	}}
}

var programFamilies = []family[*crm.LoyaltyProgram]{
	{name: "fairlead_loyaltyprogram_ready", help: "1 while points and tiers follow the facts, 0 while the program waits for something that it names, or a mistake has to be mended.", each: func(p *crm.LoyaltyProgram, emit func(float64, ...string)) {
		emit(truth(meta.IsStatusConditionTrue(p.Status.Conditions, crm.ConditionReady)))
	}},
	{name: "fairlead_loyaltyprogram_members", help: "Members by tier; a tier may be kept for a while though its points are gone.", labels: []string{"tier"}, each: func(p *crm.LoyaltyProgram, emit func(float64, ...string)) {
		for _, tier := range p.Status.Tiers {
			emit(float64(tier.Members), string(tier.Name))
		}
	}},
	ofPoints("fairlead_loyaltyprogram_outstanding_points", "Points that are neither redeemed nor expired.", func(s crm.LoyaltyProgramStatus) crm.Decimal { return s.PointsOutstanding }),
	ofPoints("fairlead_loyaltyprogram_issued_points", "Points ever earned or given, less what was taken by hand.", func(s crm.LoyaltyProgramStatus) crm.Decimal { return s.PointsIssued }),
	ofPoints("fairlead_loyaltyprogram_redeemed_points", "Points ever redeemed.", func(s crm.LoyaltyProgramStatus) crm.Decimal { return s.PointsRedeemed }),
	ofPoints("fairlead_loyaltyprogram_expired_points", "Points that expired before they were redeemed.", func(s crm.LoyaltyProgramStatus) crm.Decimal { return s.PointsExpired }),
	ofPoints("fairlead_loyaltyprogram_liability", "Points outstanding times what a point is worth, in the reporting currency of the store.", func(s crm.LoyaltyProgramStatus) crm.Decimal {
		if s.Liability == nil {
			return ""
		}
		return s.Liability.Amount
	}),
	ofCount("fairlead_loyaltyprogram_unearned_facts", "Facts that a rule is about and that earn nothing, for want of a value or of the dates of their edition.", func(s crm.LoyaltyProgramStatus) *int64 { return s.Unearned }),
	ofCount("fairlead_loyaltyprogram_overdrawn_members", "Members who redeemed more than facts now say they earned.", func(s crm.LoyaltyProgramStatus) *int64 { return s.Overdrawn }),
}
