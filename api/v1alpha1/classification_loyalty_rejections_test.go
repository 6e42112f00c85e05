package v1alpha1_test

import (
	"strings"
	"testing"
)

// decimals are the refusals of what is no decimal number.
func decimals(sample, field string) map[string]rejection {
	name := field[strings.LastIndex(field, ".")+1:]
	return map[string]rejection{
		name + " in words":          set(sample, field, `high`, "must be a decimal number"),
		name + " with a comma":      set(sample, field, `"0,5"`, "must be a decimal number"),
		name + " of seven digits":   set(sample, field, `"0.1234567"`, "at most 12 digits before the point and 6 after it"),
		name + " too long":          set(sample, field, `"100000000000.00000000"`, "may not be more than 20"),
		name + " without quotation": set(sample, field, `0.5`, "must be of type string"),
	}
}

// ratios are the refusals of what is no ratio.
func ratios(sample, field string) map[string]rejection {
	return map[string]rejection{
		"a ratio in percent":  set(sample, field, `"60"`, "must be a ratio between 0 and 1"),
		"a ratio above 1":     set(sample, field, `"1.01"`, "must be a ratio between 0 and 1"),
		"a ratio below 0":     set(sample, field, `"-0.1"`, "must be a ratio between 0 and 1"),
		"a ratio is a number": set(sample, field, `0.6`, "must be of type string"),
		"a ratio too fine":    set(sample, field, `"0.6000001"`, "may not be more than 8"),
	}
}

func TestDickBasuRejections(t *testing.T) {
	const sample, field = "CustomerSegment/repeat-and-attitude", "spec.classify.dickBasu"
	runRejections(t, together(
		cuts(sample, field+".repeatRate", `highFrom: "0.60"`),
		ratios(sample, field+".repeatRate.highFrom"),
		cuts(sample, field+".attitude", `highFrom: "0.50"`),
		decimals(sample, field+".attitude.highFrom"),
		decimals(sample, field+".attitude.strongFrom"),
		map[string]rejection{
			// A strong attitude says nothing of rivals, to whom it is relative.
			"attitude that is only strong": set(sample, field+".attitude", `{highFrom: null, strongFrom: "3.50"}`,
				"exactly one of the fields in [highFrom highFromQuantile] must be set"),
		},
	))
}

func TestKnoxRejections(t *testing.T) {
	const sample, rivals, involvement = "CustomerSegment/rivals-and-involvement", "spec.classify.knox.rivalShows", "spec.classify.knox.involvement"
	const tooFew = "declare at least as many signs as highFromSigns asks for"
	runRejections(t, together(
		within(sample, rivals+".manyFrom", "1", "1000", "0", "1001"),
		within(sample, involvement+".meetingsFrom", "1", "10000", "0", "10001"),
		within(sample, involvement+".bookingLeadDaysFrom", "1", "10000", "0", "10001"),
		within(sample, involvement+".participationsFrom", "1", "10000", "0", "10001"),
		within(sample, involvement+".highFromSigns", "1", "4", "0", "5"),
		decimals(sample, involvement+".boothAreaFrom"),
		map[string]rejection{
			"rival shows are missing":   set(sample, rivals, `null`, "Required value"),
			"rival shows without a cut": set(sample, rivals+".manyFrom", `null`, "Required value"),
			"involvement is missing":    set(sample, involvement, `null`, "Required value"),
			"a booth of negative size":  set(sample, involvement+".boothAreaFrom", `"-36"`, "must not be negative"),
			"one sign for two":          set(sample, involvement, `{meetingsFrom: null, bookingLeadDaysFrom: null, boothAreaFrom: null}`, tooFew),
			"three signs for four":      set(sample, involvement, `{boothAreaFrom: null, highFromSigns: 4}`, tooFew),
			"no sign":                   set(sample, involvement, `{meetingsFrom: null, bookingLeadDaysFrom: null, boothAreaFrom: null, participationsFrom: null, highFromSigns: 1}`, tooFew),
			"one sign for as many as usual": {
				sample: sample, setup: `spec: {classify: {knox: {involvement: {meetingsFrom: null, bookingLeadDaysFrom: null, highFromSigns: null}}}}`,
				create: `spec: {classify: {knox: {involvement: {boothAreaFrom: null}}}}`,
				field:  involvement, wish: tooFew,
			},
		},
	))
}

func TestRelationshipStateRejections(t *testing.T) {
	const sample, field = "CustomerSegment/wallet-and-bond", "spec.classify.relationshipState"
	const bond, components = field + ".bond", field + ".bond.components"
	const once = "each component must be declared once"
	runRejections(t, together(
		cuts(sample, field+".walletShare", `highFrom: "0.50"`),
		ratios(sample, field+".walletShare.highFrom"),
		within(sample, bond+".strongFrom", "1", "100", "0", "101"),
		map[string]rejection{
			"a bond is missing":      set(sample, bond, `null`, "Required value"),
			"components are missing": set(sample, components, `null`, "Required value"),
			"a bond of nothing":      set(sample, components, `[]`, "at least 1 items"),
			"a bond of too much":     set(sample, components, entries(13, `{measure: DimensionScore, dimension: "%d", noneAt: "0", fullAt: "5"}`), "must have at most 12 items"),
			"one component twice": {
				sample: sample, create: `spec: {classify: {relationshipState: {bond: {components: [
					{measure: RepeatRate, noneAt: "0", fullAt: "100"}, {measure: ContactsYear, noneAt: "0", fullAt: "12"}, {measure: RepeatRate, noneAt: "0", fullAt: "50"}]}}}}`,
				field: bond, wish: once,
			},
			"one dimension twice": {
				// Two dimensions are two components: the sample has them.
				sample: sample, create: `spec: {classify: {relationshipState: {bond: {components: [
					{measure: DimensionScore, dimension: price, noneAt: "0", fullAt: "5"}, {measure: DimensionScore, dimension: price, noneAt: "0", fullAt: "4"}]}}}}`,
				field: bond, wish: once,
			},
		},
	))
}

func TestBondComponentRejections(t *testing.T) {
	const sample, field = "CustomerSegment/wallet-and-bond", "spec.classify.relationshipState.bond.components[0]"
	// of is a bond of one component with these fields; what is wrong stands below it.
	of := func(fields, where, wish string) rejection {
		return rejection{
			sample: sample, create: `spec: {classify: {relationshipState: {bond: {components: [{` + fields + `}]}}}}`,
			field: field + where, wish: wish,
		}
	}
	const ends = `, noneAt: "0", fullAt: "5"`
	const forScores = "dimension must be set for DimensionScore, and for nothing else"
	table := map[string]rejection{
		"a measure is missing": of(`noneAt: "0", fullAt: "5"`, ".measure", "Required value"),
		"an unknown measure": of(`measure: Sympathy`+ends, ".measure", `supported values: "WalletShareTrend", "ContactsYear", "ContactPersons", "ContactDepartments", `+
			`"RelationshipMonths", "RepeatRate", "ConsecutiveEditions", "NetPromoterScore", "DimensionScore"`),
		"a score of no dimension":        of(`measure: DimensionScore`+ends, "", forScores),
		"a dimension of another measure": of(`measure: RepeatRate, dimension: price`+ends, "", forScores),
		"a dimension without a name":     of(`measure: DimensionScore, dimension: ""`+ends, ".dimension", "at least 1 chars long"),
		"a dimension too long":           of(`measure: DimensionScore, dimension: `+strings.Repeat("x", 101)+ends, ".dimension", "may not be more than 100"),
		"a component of no weight":       of(`measure: RepeatRate, weight: 0`+ends, ".weight", "greater than or equal to 1"),
		"a component of too much weight": of(`measure: RepeatRate, weight: 101`+ends, ".weight", "less than or equal to 100"),
		"half a weight":                  of(`measure: RepeatRate, weight: 0.5`+ends, ".weight", "must be of type int32"),
		"all or nothing": {
			sample: sample,
			// Less may be better, and there may be values below 0.
			setup:  `spec: {classify: {relationshipState: {bond: {components: [{measure: WalletShareTrend, noneAt: "5", fullAt: "-5"}]}}}}`,
			create: `spec: {classify: {relationshipState: {bond: {components: [{measure: WalletShareTrend, noneAt: "5", fullAt: "5"}]}}}}`,
			field:  field, wish: "noneAt and fullAt must differ",
		},
		"all or nothing in another writing": of(`measure: RepeatRate, noneAt: "50", fullAt: "50.00"`, "", "noneAt and fullAt must differ"),
	}
	for end, other := range map[string]string{"noneAt": "fullAt", "fullAt": "noneAt"} {
		with := func(value, wish string) rejection {
			return of(`measure: RepeatRate, `+other+`: "50", `+end+`: `+value, "."+end, wish)
		}
		table[end+" is missing"] = of(`measure: RepeatRate, `+other+`: "50"`, "."+end, "Required value")
		table[end+" in percent"] = with(`10%`, "must be a decimal number")
		table[end+" too long"] = with(`"100000000000.00000000"`, "may not be more than 20")
		table[end+" without quotation"] = with(`10`, "must be of type string")
	}
	runRejections(t, table)
}

func TestSatisfactionRejections(t *testing.T) {
	const sample, field = "CustomerSegment/satisfaction", "spec.classify.satisfaction"
	const forScores = "dimension must be set for DimensionScore, and for nothing else"
	runRejections(t, together(
		decimals(sample, field+".satisfiedFrom"),
		decimals(sample, field+".dissatisfiedBelow"),
		within(sample, field+".maxAgeMonths", "1", "600", "0", "601"),
		map[string]rejection{
			"a measure is missing":           set(sample, field+".measure", `null`, "Required value"),
			"an unknown measure":             set(sample, field+".measure", `Smiles`, `supported values: "NetPromoterScore", "SatisfactionGap", "DimensionScore"`),
			"a score of no dimension":        set(sample, field, `{measure: DimensionScore}`, forScores),
			"a dimension of another measure": set(sample, field, `{dimension: service}`, forScores),
			"a dimension without a name":     {sample: sample, create: `spec: {classify: {satisfaction: {measure: DimensionScore, dimension: ""}}}`, field: field + ".dimension", wish: "at least 1 chars long"},
			"a dimension too long": {
				sample: sample, create: `spec: {classify: {satisfaction: {measure: DimensionScore, dimension: ` + strings.Repeat("x", 101) + `}}}`,
				field: field + ".dimension", wish: "may not be more than 100",
			},
			"nothing satisfies":    set(sample, field+".satisfiedFrom", `null`, "Required value"),
			"nothing dissatisfies": set(sample, field+".dissatisfiedBelow", `null`, "Required value"),
			"satisfied and dissatisfied at once": {
				// By their values 9 is below 10, though not by their letters; and where both
				// are equal nobody is indifferent.
				sample: sample, setup: `spec: {classify: {satisfaction: {satisfiedFrom: "10", dissatisfiedBelow: "9"}}}`,
				create: `spec: {classify: {satisfaction: {dissatisfiedBelow: "10.01"}}}`,
				field:  field, wish: "dissatisfiedBelow must not be above satisfiedFrom",
			},
			"satisfied and dissatisfied below zero": {
				sample: sample, setup: `spec: {classify: {satisfaction: {measure: DimensionScore, dimension: service, satisfiedFrom: "-0.5", dissatisfiedBelow: "-0.50"}}}`,
				create: `spec: {classify: {satisfaction: {dissatisfiedBelow: "-0.4"}}}`,
				field:  field, wish: "dissatisfiedBelow must not be above satisfiedFrom",
			},
		},
	))
}
