package classify

import crm "github.com/fairlead/fairlead/api/v1alpha1"

// Defaulted fills in what the API server fills in, for manifests that it has not seen.
func Defaulted(spec crm.Classification) crm.Classification {
	spec = *spec.DeepCopy()
	number := func(field *int32, value int32) {
		if *field == 0 {
			*field = value
		}
	}
	classes := func(field *[]crm.PercentClass, value ...crm.PercentClass) {
		if len(*field) == 0 {
			*field = value
		}
	}
	switch {
	case spec.Pyramid != nil:
		number(&spec.Pyramid.WindowMonths, 60)
		classes(&spec.Pyramid.Classes, crm.PercentClass{Name: "VIP", UpToPercent: 1}, crm.PercentClass{Name: "Major", UpToPercent: 5},
			crm.PercentClass{Name: "Ordinary", UpToPercent: 20}, crm.PercentClass{Name: "Small", UpToPercent: 100})
	case spec.ABC != nil:
		number(&spec.ABC.WindowMonths, 60)
		classes(&spec.ABC.Classes, crm.PercentClass{Name: "A", UpToPercent: 80}, crm.PercentClass{Name: "B", UpToPercent: 95}, crm.PercentClass{Name: "C", UpToPercent: 100})
	case spec.Knox != nil:
		number(&spec.Knox.Involvement.HighFromSigns, 2)
	case spec.RelationshipState != nil:
		number(&spec.RelationshipState.Bond.StrongFrom, 50)
		for i := range spec.RelationshipState.Bond.Components {
			number(&spec.RelationshipState.Bond.Components[i].Weight, 1)
		}
	case spec.Ladder != nil:
		number(&spec.Ladder.LoyalFromEditions, 3)
		number(&spec.Ladder.AdvocateFromReferrals, 1)
		number(&spec.Ladder.DormantFromMissed, 2)
	case spec.Satisfaction != nil:
		number(&spec.Satisfaction.MaxAgeMonths, 24)
	}
	return spec
}
