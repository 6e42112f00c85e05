package v1alpha1_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// set is a sample that must be refused once a field has this value in YAML, and the
// refusal must be about that field.
func set(sample, field, value, wish string) rejection {
	patch := value
	for _, key := range slices.Backward(strings.Split(field, ".")) {
		patch = "{" + key + ": " + patch + "}"
	}
	return rejection{sample: sample, create: patch, field: field, wish: wish}
}

// within are the refusals of numbers outside of least and most, and of halves.
func within(sample, field, least, most, below, above string) map[string]rejection {
	name := field[strings.LastIndex(field, ".")+1:]
	return map[string]rejection{
		name + " too small":   set(sample, field, below, "greater than or equal to "+least),
		name + " too great":   set(sample, field, above, "less than or equal to "+most),
		name + " with a half": set(sample, field, "1.5", "must be of type int32"),
	}
}

// cuts are the refusals that all cuts share which may be a declared value or a quantile.
// Declared is a valid one in YAML, such as highFrom: 3.
func cuts(sample, field, declared string) map[string]rejection {
	cut := field[strings.LastIndex(field, ".")+1:]
	name, _, _ := strings.Cut(declared, ":")
	quantile := func(value, wish string) rejection {
		r := set(sample, field, "{"+name+": null, highFromQuantile: "+value+"}", wish)
		r.field += ".highFromQuantile"
		return r
	}
	exactlyOne := "exactly one of the fields in [" + name + " highFromQuantile] must be set"
	return map[string]rejection{
		cut + " is missing":           set(sample, field, `null`, "Required value"),
		cut + " without a cut":        set(sample, field, `{`+name+`: null, highFromQuantile: null}`, exactlyOne),
		cut + " with two cuts":        set(sample, field, `{`+declared+`, highFromQuantile: "0.75"}`, exactlyOne),
		cut + " from a percentage on": quantile(`"75"`, "must be a ratio between 0 and 1"),
		cut + " from below zero on":   quantile(`"-0.25"`, "must be a ratio between 0 and 1"),
		cut + " from a number on":     quantile(`0.75`, "must be of type string"),
		cut + " cut too finely":       quantile(`"0.7500001"`, "may not be more than 8"),
	}
}

// amounts are the refusals of amounts of money.
func amounts(sample, field string) map[string]rejection {
	return map[string]rejection{
		"an amount is missing":          set(sample, field+".amount", `null`, "Required value"),
		"an amount with a comma":        set(sample, field+".amount", `"5,000"`, "must be a decimal number"),
		"an amount of thirteen digits":  set(sample, field+".amount", `"1000000000000"`, "at most 12 digits before the point and 6 after it"),
		"an amount too long":            set(sample, field+".amount", `"100000000000.00000000"`, "may not be more than 20"),
		"a negative amount":             set(sample, field+".amount", `"-0.01"`, "must not be negative"),
		"an amount without a currency":  set(sample, field+".currency", `null`, "Required value"),
		"an amount in a sign":           set(sample, field+".currency", `£`, "must be an ISO 4217 currency code of three capitals"),
		"an amount in a whole currency": set(sample, field+".currency", `Pound`, "may not be more than 3"),
	}
}

// together are several tables in one.
func together(tables ...map[string]rejection) map[string]rejection {
	all := map[string]rejection{}
	for _, table := range tables {
		maps.Copy(all, table)
	}
	return all
}

// rankings are the refusals that both rankings share.
func rankings(sample, model string) map[string]rejection {
	field := "spec.classify." + model
	// classes puts other classes in. The refusal is about what stands there.
	classes := func(list, where, wish string) rejection {
		r := set(sample, field+".classes", list, wish)
		r.field += where
		return r
	}
	return together(within(sample, field+".windowMonths", "1", "600", "0", "601"), map[string]rejection{
		"a measure is missing": set(sample, field+".measure", `null`, "Required value"),
		"an unknown measure":   set(sample, field+".measure", `Turnover`, `supported values: "Revenue", "NetProfit", "Participations", "BoothArea"`),
		"one class":            classes(`[{name: All, upToPercent: 100}]`, "", "at least 2 items"),
		"too many classes":     classes(entries(11, "{name: Class%[1]d, upToPercent: 9%[1]d}"), "", "must have at most 10 items"),
		"classes that fall": classes(`[{name: Major, upToPercent: 5}, {name: VIP, upToPercent: 1}, {name: Small, upToPercent: 100}]`,
			"", "upToPercent must rise from class to class"),
		"two classes that end together": classes(`[{name: VIP, upToPercent: 5}, {name: Major, upToPercent: 5}, {name: Small, upToPercent: 100}]`,
			"", "upToPercent must rise from class to class"),
		"members below the last class":          classes(`[{name: VIP, upToPercent: 1}, {name: Small, upToPercent: 99}]`, "", "upToPercent of the last class must be 100"),
		"a class named like the missing ones":   classes(`[{name: VIP, upToPercent: 1}, {name: Unknown, upToPercent: 100}]`, "", "no class may be named Unknown"),
		"two classes of one name":               classes(`[{name: VIP, upToPercent: 1}, {name: VIP, upToPercent: 100}]`, "[1]", "Duplicate value"),
		"a class without a name":                classes(`[{upToPercent: 1}, {name: Small, upToPercent: 100}]`, "[0].name", "Required value"),
		"a class with an empty name":            classes(`[{name: "", upToPercent: 1}, {name: Small, upToPercent: 100}]`, "[0].name", "at least 1 chars long"),
		"a class named by a number":             classes(`[{name: "1st", upToPercent: 1}, {name: Small, upToPercent: 100}]`, "[0].name", "must begin with a letter and have only letters"),
		"a class whose name is too long":        classes(`[{name: `+strings.Repeat("x", 64)+`, upToPercent: 1}, {name: Small, upToPercent: 100}]`, "[0].name", "may not be more than 63"),
		"a class without an end":                classes(`[{name: VIP}, {name: Small, upToPercent: 100}]`, "[0].upToPercent", "Required value"),
		"a class of nobody":                     classes(`[{name: VIP, upToPercent: 0}, {name: Small, upToPercent: 100}]`, "[0].upToPercent", "greater than or equal to 1"),
		"a class of more than all":              classes(`[{name: VIP, upToPercent: 1}, {name: Small, upToPercent: 101}]`, "[1].upToPercent", "less than or equal to 100"),
		"a class that ends within a percentage": classes(`[{name: VIP, upToPercent: 0.1}, {name: Small, upToPercent: 100}]`, "[0].upToPercent", "must be of type int32"),
	})
}

func TestPyramidRejections(t *testing.T) {
	runRejections(t, rankings("CustomerSegment/value-pyramid", "pyramid"))
}

func TestABCRejections(t *testing.T) {
	const sample, belowZero = "CustomerSegment/net-profit-abc", "spec.classify.abc.belowZero"
	runRejections(t, together(rankings(sample, "abc"), map[string]rejection{
		"below zero is one of the classes": {
			sample: sample, create: `spec: {classify: {abc: {belowZero: C}}}`,
			field: "spec.classify.abc", wish: "belowZero must be a class of its own, not one of classes",
		},
		"below zero is one of the default classes": {
			sample: sample, setup: `spec: {classify: {abc: {classes: null}}}`, create: `spec: {classify: {abc: {belowZero: A}}}`,
			field: "spec.classify.abc", wish: "belowZero must be a class of its own, not one of classes",
		},
		"below zero is what is not known":   set(sample, belowZero, `Unknown`, "no class may be named Unknown"),
		"below zero without a name":         set(sample, belowZero, `""`, "at least 1 chars long"),
		"below zero in several words":       set(sample, belowZero, `Loss maker`, "must begin with a letter and have only letters"),
		"below zero with a name too long":   set(sample, belowZero, strings.Repeat("x", 64), "may not be more than 63"),
		"below zero with a number for name": set(sample, belowZero, `0`, "must be of type string"),
	}))
}

func TestRFMRejections(t *testing.T) {
	const sample, field = "CustomerSegment/recency-frequency-money", "spec.classify.rfm"
	const amount = `highFrom: {amount: "5000.00", currency: GBP}`
	money := amounts(sample, field+".monetary.highFrom")
	for name, r := range money {
		// The sample cuts at a quantile.
		r.setup = `spec: {classify: {rfm: {monetary: {` + amount + `, highFromQuantile: null}}}}`
		money[name] = r
	}
	runRejections(t, together(
		cuts(sample, field+".recency", `withinMonths: 24`),
		within(sample, field+".recency.withinMonths", "1", "600", "0", "601"),
		cuts(sample, field+".frequency", `highFrom: 3`),
		within(sample, field+".frequency.highFrom", "1", "1000000", "0", "1000001"),
		cuts(sample, field+".monetary", amount),
		money,
	))
}

func TestReinartzKumarRejections(t *testing.T) {
	const sample, field = "CustomerSegment/relationship", "spec.classify.reinartzKumar"
	runRejections(t, together(
		cuts(sample, field+".profit", `highFrom: {amount: "5000.00", currency: GBP}`),
		amounts(sample, field+".profit.highFrom"),
		within(sample, field+".duration.longFromMonths", "1", "600", "0", "601"),
		map[string]rejection{
			"duration is missing":    set(sample, field+".duration", `null`, "Required value"),
			"duration without a cut": set(sample, field+".duration.longFromMonths", `null`, "Required value"),
		},
	))
}

func TestLadderRejections(t *testing.T) {
	const sample, field = "CustomerSegment/ladder", "spec.classify.ladder"
	runRejections(t, together(
		// Whoever came once missed nothing yet.
		within(sample, field+".loyalFromEditions", "2", "100", "1", "101"),
		within(sample, field+".advocateFromReferrals", "1", "1000", "0", "1001"),
		within(sample, field+".dormantFromMissed", "1", "100", "0", "101"),
	))
}
