package v1alpha1_test

import (
	"strings"
	"testing"
)

func TestCustomerSegmentRejections(t *testing.T) {
	const sample = "CustomerSegment/lapsed-exhibitors"
	runRejections(t, map[string]rejection{
		"a store is missing": {
			sample: sample, create: `spec: {storeName: null}`,
			field: "spec.storeName", wish: "Required value",
		},
		"the store is of another namespace": {
			sample: sample, create: `spec: {storeName: expo/crm}`,
			field: "spec.storeName", wish: "must be the name of a resource in this namespace",
		},
		"the store changes": {
			sample: sample, update: `spec: {storeName: another}`,
			field: "spec.storeName", wish: "storeName is immutable: create another CustomerSegment instead",
		},
		"a description too long": {
			sample: sample, create: `spec: {description: ` + strings.Repeat("x", 1025) + `}`,
			field: "spec.description", wish: "may not be more than 1024",
		},
		"an expression is missing": {
			sample: sample, create: `spec: {where: null}`,
			field: "spec.where", wish: "Required value",
		},
		"an expression that says nothing": {
			sample: sample, create: `spec: {where: ""}`,
			field: "spec.where", wish: "at least 1 chars long",
		},
		"an expression too long": {
			sample: sample, create: `spec: {where: ` + strings.Repeat("x", 4097) + `}`,
			field: "spec.where", wish: "may not be more than 4096",
		},
		"a truth for an expression": {
			sample: sample, create: `spec: {where: true}`,
			field: "spec.where", wish: "must be of type string",
		},
		"no model": {
			sample: sample, create: `spec: {classify: {}}`,
			field: "spec.classify", wish: "exactly one of the fields in [pyramid reinartzKumar] must be set",
		},
		"two models": {
			sample: "CustomerSegment/relationship", create: `spec: {classify: {pyramid: {measure: Revenue}}}`,
			field: "spec.classify", wish: "exactly one of the fields in [pyramid reinartzKumar] must be set",
		},
		"a name too long": {
			sample: sample, create: `metadata: {name: ` + strings.Repeat("x", 64) + `}`,
			wish: "metadata.name must have at most 63 characters and no dots",
		},
		"a name with dots": {
			sample: sample, create: `metadata: {name: lapsed.exhibitors}`,
			wish: "metadata.name must have at most 63 characters and no dots",
		},
	})
}

func TestPyramidRejections(t *testing.T) {
	const sample = "CustomerSegment/value-pyramid"
	// classes puts other classes into the pyramid.
	classes := func(list string) string {
		return `spec: {classify: {pyramid: {classes: ` + list + `}}}`
	}
	runRejections(t, map[string]rejection{
		"a measure is missing": {
			sample: sample, create: `spec: {classify: {pyramid: {measure: null}}}`,
			field: "spec.classify.pyramid.measure", wish: "Required value",
		},
		"an unknown measure": {
			sample: sample, create: `spec: {classify: {pyramid: {measure: Turnover}}}`,
			field: "spec.classify.pyramid.measure",
			wish:  `supported values: "Revenue", "NetProfit", "Participations", "BoothArea"`,
		},
		"a window of no months": {
			sample: sample, create: `spec: {classify: {pyramid: {windowMonths: 0}}}`,
			field: "spec.classify.pyramid.windowMonths", wish: "greater than or equal to 1",
		},
		"a window longer than fifty years": {
			sample: sample, create: `spec: {classify: {pyramid: {windowMonths: 601}}}`,
			field: "spec.classify.pyramid.windowMonths", wish: "less than or equal to 600",
		},
		"half a month": {
			sample: sample, create: `spec: {classify: {pyramid: {windowMonths: 0.5}}}`,
			field: "spec.classify.pyramid.windowMonths", wish: "must be of type int32",
		},
		"a pyramid of one class": {
			sample: sample, create: classes(`[{name: All, upToPercent: 100}]`),
			field: "spec.classify.pyramid.classes", wish: "at least 2 items",
		},
		"a pyramid of too many classes": {
			sample: sample, create: classes(entries(11, "{name: Class%[1]d, upToPercent: 9%[1]d}")),
			field: "spec.classify.pyramid.classes", wish: "must have at most 10 items",
		},
		"classes that fall": {
			sample: sample, create: classes(`[{name: Major, upToPercent: 5}, {name: VIP, upToPercent: 1}, {name: Small, upToPercent: 100}]`),
			field: "spec.classify.pyramid.classes", wish: "upToPercent must rise from class to class",
		},
		"two classes that end together": {
			sample: sample, create: classes(`[{name: VIP, upToPercent: 5}, {name: Major, upToPercent: 5}, {name: Small, upToPercent: 100}]`),
			field: "spec.classify.pyramid.classes", wish: "upToPercent must rise from class to class",
		},
		"members below the last class": {
			sample: sample, create: classes(`[{name: VIP, upToPercent: 1}, {name: Small, upToPercent: 99}]`),
			field: "spec.classify.pyramid.classes", wish: "upToPercent of the last class must be 100",
		},
		"a class named like the missing ones": {
			sample: sample, create: classes(`[{name: VIP, upToPercent: 1}, {name: Unknown, upToPercent: 100}]`),
			field: "spec.classify.pyramid.classes", wish: "no class may be named Unknown",
		},
		"two classes of one name": {
			sample: sample, create: classes(`[{name: VIP, upToPercent: 1}, {name: VIP, upToPercent: 100}]`),
			field: "spec.classify.pyramid.classes[1]", wish: "Duplicate value",
		},
		"a class without a name": {
			sample: sample, create: classes(`[{upToPercent: 1}, {name: Small, upToPercent: 100}]`),
			field: "spec.classify.pyramid.classes[0].name", wish: "Required value",
		},
		"a class named by a number": {
			sample: sample, create: classes(`[{name: "1st", upToPercent: 1}, {name: Small, upToPercent: 100}]`),
			field: "spec.classify.pyramid.classes[0].name", wish: "must begin with a letter and have only letters",
		},
		"a class without an end": {
			sample: sample, create: classes(`[{name: VIP}, {name: Small, upToPercent: 100}]`),
			field: "spec.classify.pyramid.classes[0].upToPercent", wish: "Required value",
		},
		"a class of nobody": {
			sample: sample, create: classes(`[{name: VIP, upToPercent: 0}, {name: Small, upToPercent: 100}]`),
			field: "spec.classify.pyramid.classes[0].upToPercent", wish: "greater than or equal to 1",
		},
		"a class of more than all": {
			sample: sample, create: classes(`[{name: VIP, upToPercent: 1}, {name: Small, upToPercent: 101}]`),
			field: "spec.classify.pyramid.classes[1].upToPercent", wish: "less than or equal to 100",
		},
	})
}

func TestReinartzKumarRejections(t *testing.T) {
	const sample = "CustomerSegment/relationship"
	// profit puts another cut of profit in.
	profit := func(cut string) string {
		return `spec: {classify: {reinartzKumar: {profit: ` + cut + `}}}`
	}
	const field = "spec.classify.reinartzKumar.profit"
	runRejections(t, map[string]rejection{
		"profit is missing": {
			sample: sample, create: profit(`null`),
			field: field, wish: "Required value",
		},
		"profit without a cut": {
			sample: sample, create: profit(`{highFrom: null}`),
			field: field, wish: "exactly one of the fields in [highFrom highFromQuantile] must be set",
		},
		"profit with two cuts": {
			sample: sample, create: profit(`{highFromQuantile: "0.75"}`),
			field: field, wish: "exactly one of the fields in [highFrom highFromQuantile] must be set",
		},
		"a quantile in percent": {
			sample: sample, create: profit(`{highFrom: null, highFromQuantile: "75"}`),
			field: field + ".highFromQuantile", wish: "must be a ratio between 0 and 1",
		},
		"a quantile that is a number": {
			sample: sample, create: profit(`{highFrom: null, highFromQuantile: 0.75}`),
			field: field + ".highFromQuantile", wish: "must be of type string",
		},
		"a quantile too fine": {
			sample: sample, create: profit(`{highFrom: null, highFromQuantile: "0.7500001"}`),
			field: field + ".highFromQuantile", wish: "may not be more than 8",
		},
		"an amount is missing": {
			sample: sample, create: profit(`{highFrom: {amount: null}}`),
			field: field + ".highFrom.amount", wish: "Required value",
		},
		"an amount with a comma": {
			sample: sample, create: profit(`{highFrom: {amount: "5,000"}}`),
			field: field + ".highFrom.amount", wish: "must be a decimal number",
		},
		"an amount of thirteen digits": {
			sample: sample, create: profit(`{highFrom: {amount: "1000000000000"}}`),
			field: field + ".highFrom.amount", wish: "at most 12 digits before the point and 6 after it",
		},
		"an amount too long": {
			sample: sample, create: profit(`{highFrom: {amount: "100000000000.00000000"}}`),
			field: field + ".highFrom.amount", wish: "may not be more than 20",
		},
		"a negative amount": {
			sample: sample, create: profit(`{highFrom: {amount: "-0.01"}}`),
			field: field + ".highFrom.amount", wish: "must not be negative",
		},
		"an amount without a currency": {
			sample: sample, create: profit(`{highFrom: {currency: null}}`),
			field: field + ".highFrom.currency", wish: "Required value",
		},
		"duration is missing": {
			sample: sample, create: `spec: {classify: {reinartzKumar: {duration: null}}}`,
			field: "spec.classify.reinartzKumar.duration", wish: "Required value",
		},
		"duration without a cut": {
			sample: sample, create: `spec: {classify: {reinartzKumar: {duration: {longFromMonths: null}}}}`,
			field: "spec.classify.reinartzKumar.duration.longFromMonths", wish: "Required value",
		},
		"every relationship is long": {
			sample: sample, create: `spec: {classify: {reinartzKumar: {duration: {longFromMonths: 0}}}}`,
			field: "spec.classify.reinartzKumar.duration.longFromMonths", wish: "greater than or equal to 1",
		},
		"no relationship is long": {
			sample: sample, create: `spec: {classify: {reinartzKumar: {duration: {longFromMonths: 601}}}}`,
			field: "spec.classify.reinartzKumar.duration.longFromMonths", wish: "less than or equal to 600",
		},
	})
}
