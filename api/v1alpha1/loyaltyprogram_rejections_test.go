package v1alpha1_test

import (
	"strings"
	"testing"
)

func TestLoyaltyProgramRejections(t *testing.T) {
	const sample = "LoyaltyProgram/exhibitor-club"
	runRejections(t, map[string]rejection{
		"a store is missing": {
			sample: sample, create: `spec: {storeName: null}`,
			field: "spec.storeName", wish: "Required value",
		},
		"a store's name too long": {
			sample: sample, create: `spec: {storeName: ` + strings.Repeat("x", 64) + `}`,
			field: "spec.storeName", wish: "may not be more than 63",
		},
		"the store changes": {
			sample: sample, update: `spec: {storeName: another}`,
			field: "spec.storeName", wish: "storeName is immutable: create another LoyaltyProgram instead",
		},
		"a description too long": {
			sample: sample, create: `spec: {description: ` + strings.Repeat("x", 1025) + `}`,
			field: "spec.description", wish: "may not be more than 1024",
		},
		"nobody is said to be eligible": {
			sample: sample, create: `spec: {eligible: ""}`,
			field: "spec.eligible", wish: "at least 1 chars long",
		},
		"points are gone at once": {
			sample: sample, create: `spec: {expireAfterMonths: 0}`,
			field: "spec.expireAfterMonths", wish: "greater than or equal to 1",
		},
		"points outlive the members": {
			sample: sample, create: `spec: {expireAfterMonths: 601}`,
			field: "spec.expireAfterMonths", wish: "less than or equal to 600",
		},
		"grace of less than nothing": {
			sample: sample, create: `spec: {downgradeGraceMonths: -1}`,
			field: "spec.downgradeGraceMonths", wish: "greater than or equal to 0",
		},
		"grace of more than ten years": {
			sample: sample, create: `spec: {downgradeGraceMonths: 121}`,
			field: "spec.downgradeGraceMonths", wish: "less than or equal to 120",
		},
		"a name too long": {
			sample: sample, create: `metadata: {name: ` + strings.Repeat("x", 64) + `}`,
			wish: "metadata.name must have at most 63 characters and no dots",
		},
		"a name with dots": {
			sample: sample, create: `metadata: {name: exhibitor.club}`,
			wish: "metadata.name must have at most 63 characters and no dots",
		},
	})
}

func TestAccrualRejections(t *testing.T) {
	const sample = "LoyaltyProgram/exhibitor-club"
	// accrual puts other rules of accrual in.
	accrual := func(list string) string { return `spec: {accrual: ` + list + `}` }
	runRejections(t, map[string]rejection{
		"accrual is missing": {
			sample: sample, create: accrual(`null`),
			field: "spec.accrual", wish: "Required value",
		},
		"nothing earns": {
			sample: sample, create: accrual(`[]`),
			field: "spec.accrual", wish: "at least 1 items",
		},
		"too much earns": {
			sample: sample, create: accrual(entries(33, `{name: rule%d, fact: Booking, points: "1"}`)),
			field: "spec.accrual", wish: "must have at most 32 items",
		},
		"two rules of one name": {
			sample: sample, create: accrual(`[{name: stand, fact: Booking, points: "1"}, {name: stand, fact: Booking, points: "2"}]`),
			field: "spec.accrual[1]", wish: "Duplicate value",
		},
		"a rule without a name": {
			sample: sample, create: accrual(`[{fact: Booking, points: "1"}]`),
			field: "spec.accrual[0].name", wish: "Required value",
		},
		"a rule with dots in its name": {
			sample: sample, create: accrual(`[{name: stand.booked, fact: Booking, points: "1"}]`),
			field: "spec.accrual[0].name", wish: "must begin with a letter and have only letters",
		},
		"a rule without a fact": {
			sample: sample, create: accrual(`[{name: stand, points: "1"}]`),
			field: "spec.accrual[0].fact", wish: "Required value",
		},
		"a fact that nobody records": {
			sample: sample, create: accrual(`[{name: stand, fact: Applause, points: "1"}]`),
			field: "spec.accrual[0].fact", wish: `supported values: "Participation", "Booking"`,
		},
		"a condition of no words": {
			sample: sample, create: accrual(`[{name: stand, fact: Booking, where: "", points: "1"}]`),
			field: "spec.accrual[0].where", wish: "at least 1 chars long",
		},
		"a rule without points": {
			sample: sample, create: accrual(`[{name: stand, fact: Booking}]`),
			field: "spec.accrual[0].points", wish: "Required value",
		},
		"points that are no expression": {
			sample: sample, create: accrual(`[{name: stand, fact: Booking, points: 100}]`),
			field: "spec.accrual[0].points", wish: "must be of type string",
		},
		"points too long": {
			sample: sample, create: accrual(`[{name: stand, fact: Booking, points: "1` + strings.Repeat("+1", 2048) + `"}]`),
			field: "spec.accrual[0].points", wish: "may not be more than 4096",
		},
	})
}

func TestTierRejections(t *testing.T) {
	const sample = "LoyaltyProgram/exhibitor-club"
	// tiers puts other tiers in.
	tiers := func(list string) string { return `spec: {tiers: ` + list + `}` }
	runRejections(t, map[string]rejection{
		"tiers are missing": {
			sample: sample, create: tiers(`null`),
			field: "spec.tiers", wish: "Required value",
		},
		"no tiers": {
			sample: sample, create: tiers(`[]`),
			field: "spec.tiers", wish: "at least 1 items",
		},
		"too many tiers": {
			sample: sample, create: tiers(entries(11, "{name: Tier%[1]d, fromPoints: 10%02[1]d}")),
			field: "spec.tiers", wish: "must have at most 10 items",
		},
		"tiers that fall": {
			sample: sample, create: tiers(`[{name: Gold, fromPoints: 1200}, {name: Bronze, fromPoints: 0}]`),
			field: "spec.tiers", wish: "fromPoints must rise from tier to tier",
		},
		"two tiers that begin together": {
			sample: sample, create: tiers(`[{name: Bronze, fromPoints: 0}, {name: Silver, fromPoints: 0}]`),
			field: "spec.tiers", wish: "fromPoints must rise from tier to tier",
		},
		"two tiers of one name": {
			sample: sample, create: tiers(`[{name: Gold, fromPoints: 0}, {name: Gold, fromPoints: 1}]`),
			field: "spec.tiers[1]", wish: "Duplicate value",
		},
		"a tier without a name": {
			sample: sample, create: tiers(`[{fromPoints: 0}]`),
			field: "spec.tiers[0].name", wish: "Required value",
		},
		"a tier named by stars": {
			sample: sample, create: tiers(`[{name: "***", fromPoints: 0}]`),
			field: "spec.tiers[0].name", wish: "must begin with a letter and have only letters",
		},
		"a tier without points": {
			sample: sample, create: tiers(`[{name: Gold}]`),
			field: "spec.tiers[0].fromPoints", wish: "Required value",
		},
		"a tier for debtors": {
			sample: sample, create: tiers(`[{name: Gold, fromPoints: -1}]`),
			field: "spec.tiers[0].fromPoints", wish: "greater than or equal to 0",
		},
		"a tier out of reach": {
			sample: sample, create: tiers(`[{name: Gold, fromPoints: 1000000001}]`),
			field: "spec.tiers[0].fromPoints", wish: "less than or equal to 1000000000",
		},
		"a discount that costs": {
			sample: sample, create: tiers(`[{name: Gold, fromPoints: 0, boothDiscountPercent: -1}]`),
			field: "spec.tiers[0].boothDiscountPercent", wish: "greater than or equal to 0",
		},
		"a discount of more than all": {
			sample: sample, create: tiers(`[{name: Gold, fromPoints: 0, boothDiscountPercent: 101}]`),
			field: "spec.tiers[0].boothDiscountPercent", wish: "less than or equal to 100",
		},
		"a benefit of two words": {
			sample: sample, create: tiers(`[{name: Gold, fromPoints: 0, benefits: [priority selection]}]`),
			field: "spec.tiers[0].benefits[0]", wish: "must begin with a letter and have only letters",
		},
		"a benefit twice": {
			sample: sample, create: tiers(`[{name: Gold, fromPoints: 0, benefits: [Lounge, Lounge]}]`),
			field: "spec.tiers[0].benefits[1]", wish: "Duplicate value",
		},
		"too many benefits": {
			sample: sample, create: tiers(`[{name: Gold, fromPoints: 0, benefits: ` + entries(17, "Benefit%d") + `}]`),
			field: "spec.tiers[0].benefits", wish: "must have at most 16 items",
		},
		"the order of tiers is turned": {
			sample: sample, update: tiers(`[{name: Gold, fromPoints: 400}, {name: Silver, fromPoints: 0}, {name: Bronze, fromPoints: 0}]`),
			field: "spec.tiers", wish: "fromPoints must rise from tier to tier",
		},
	})
}
