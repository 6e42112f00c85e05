package v1alpha1_test

import (
	"strings"
	"testing"
)

func TestExhibitionRejections(t *testing.T) {
	const sample = "Exhibition/farnborough-2026"
	runRejections(t, map[string]rejection{
		"a store is missing": {
			sample: sample, create: `spec: {storeName: null}`,
			field: "spec.storeName", wish: "Required value",
		},
		"a store's name is no name": {
			sample: sample, create: `spec: {storeName: "Customer Store"}`,
			field: "spec.storeName", wish: "must be the name of a resource in this namespace",
		},
		"the store changes": {
			sample: sample, update: `spec: {storeName: another}`,
			field: "spec.storeName", wish: "storeName is immutable",
		},
		"the series changes": {
			sample: sample, update: `spec: {series: Paris}`,
			field: "spec.series", wish: "series is immutable",
		},
		"the edition changes": {
			sample: sample, update: `spec: {edition: "2027"}`,
			field: "spec.edition", wish: "edition is immutable",
		},
		"the edition is its own predecessor": {
			sample: sample, create: `spec: {previousEdition: "2026"}`,
			field: "spec.previousEdition", wish: "previousEdition must be another edition than edition",
		},
		"it closes before it opens": {
			sample: sample, create: `spec: {closes: "2026-07-19"}`,
			field: "spec.closes", wish: "closes must not be before opens",
		},
		"it never closes": {
			sample: sample, create: `spec: {closes: "2028-07-24", evaluateUntil: null}`,
			field: "spec.closes", wish: "closes must be within 366 days after opens",
		},
		"recruiting begins after it opens": {
			sample: sample, create: `spec: {recruitFrom: "2026-07-21"}`,
			field: "spec.recruitFrom", wish: "recruitFrom must not be after opens",
		},
		"evaluating ends before it closes": {
			sample: sample, create: `spec: {evaluateUntil: "2026-07-23"}`,
			field: "spec.evaluateUntil", wish: "evaluateUntil must not be before closes",
		},
		"a day that the calendar lacks": {
			sample: sample, create: `spec: {opens: "2026-02-30"}`,
			field: "spec.opens", wish: "must be of type date",
		},
		"a title too long": {
			sample: sample, create: `spec: {title: "` + strings.Repeat("x", 201) + `"}`,
			field: "spec.title", wish: "may not be more than 200",
		},
		"a series of spaces": {
			sample: sample, create: `spec: {series: "  "}`,
			field: "spec.series", wish: "must be the name of a series",
		},
		"a time zone that is none": {
			sample: sample, create: `spec: {venue: {timeZone: "GMT+1 (London)"}}`,
			field: "spec.venue.timeZone", wish: "must be the name of an IANA time zone",
		},
		"a country's name for its code": {
			sample: sample, create: `spec: {venue: {countryCode: uk}}`,
			field: "spec.venue.countryCode", wish: "must be an ISO 3166-1 country code",
		},
		"retention above one": {
			sample: sample, create: `spec: {targets: [{role: Exhibitor, retention: "60"}]}`,
			field: "spec.targets[0].retention", wish: "must be a ratio between 0 and 1",
		},
		"an unknown role": {
			sample: sample, create: `spec: {targets: [{role: Exhibiter, participants: 1}]}`,
			field: "spec.targets[0].role", wish: `supported values: "Exhibitor"`,
		},
		"a target of nothing": {
			sample: sample, create: `spec: {targets: [{role: Exhibitor}]}`,
			field: "spec.targets[0]", wish: "a target needs at least one of participants, areaSquareMetres, retention",
		},
		"two targets for one role": {
			sample: sample, create: `spec: {targets: [{role: Visitor, participants: 1}, {role: Visitor, participants: 2}]}`,
			field: "spec.targets[1]", wish: "Duplicate value",
		},
		"a milestone named like an anchor": {
			sample: sample, create: `spec: {milestones: [{name: Opens, date: "2026-07-20"}]}`,
			field: "spec.milestones[0].name", wish: "every edition has those already",
		},
		"a score above a hundred": {
			sample: sample, create: `spec: {satisfaction: {netPromoterScore: 101}}`,
			field: "spec.satisfaction.netPromoterScore", wish: "less than or equal to 100",
		},
		"a gap that is no number": {
			sample: sample, create: `spec: {satisfaction: {minimumGap: "-,3"}}`,
			field: "spec.satisfaction.minimumGap", wish: "must be a decimal number",
		},
		"a negative cost": {
			sample: sample, create: `spec: {costing: {perSquareMetre: {amount: "-1.00"}}}`,
			field: "spec.costing.perSquareMetre.amount", wish: "must not be negative",
		},
		"a currency sign": {
			sample: sample, create: `spec: {costing: {perSquareMetre: {currency: "£"}}}`,
			field: "spec.costing.perSquareMetre.currency", wish: "must be an ISO 4217 currency code",
		},
		"a promise of nothing": {
			sample: sample, create: `spec: {promises: [{name: visitors, role: Visitor, measure: Attended, promised: 0}]}`,
			field: "spec.promises[0].promised", wish: "greater than or equal to 1",
		},
		"a series is missing": {
			sample: sample, create: `spec: {series: null}`,
			field: "spec.series", wish: "Required value",
		},
		"an edition is missing": {
			sample: sample, create: `spec: {edition: null}`,
			field: "spec.edition", wish: "Required value",
		},
		"an edition with a line break": {
			sample: sample, create: `spec: {edition: "20\n26"}`,
			field: "spec.edition", wish: "must be the name of an edition",
		},
		"a title is missing": {
			sample: sample, create: `spec: {title: null}`,
			field: "spec.title", wish: "Required value",
		},
		"a venue is missing": {
			sample: sample, create: `spec: {venue: null}`,
			field: "spec.venue", wish: "Required value",
		},
		"a venue without a time zone": {
			sample: sample, create: `spec: {venue: {timeZone: null}}`,
			field: "spec.venue.timeZone", wish: "Required value",
		},
		"no day of opening": {
			sample: sample, create: `spec: {opens: null}`,
			field: "spec.opens", wish: "Required value",
		},
		"no day of closing": {
			sample: sample, create: `spec: {closes: null}`,
			field: "spec.closes", wish: "Required value",
		},
		"a milestone without a date": {
			sample: sample, create: `spec: {milestones: [{name: RebookingOpens}]}`,
			field: "spec.milestones[0].date", wish: "Required value",
		},
		"two milestones of one name": {
			sample: sample, create: `spec: {milestones: [{name: A, date: "2026-01-01"}, {name: A, date: "2026-02-01"}]}`,
			field: "spec.milestones[1]", wish: "Duplicate value",
		},
		"a target of no participants": {
			sample: sample, create: `spec: {targets: [{role: Exhibitor, participants: 0}]}`,
			field: "spec.targets[0].participants", wish: "greater than or equal to 1",
		},
		"a target area beyond all halls": {
			sample: sample, create: `spec: {targets: [{role: Exhibitor, areaSquareMetres: 10000001}]}`,
			field: "spec.targets[0].areaSquareMetres", wish: "less than or equal to 10000000",
		},
		"satisfaction without a figure": {
			sample: sample, create: `spec: {satisfaction: {netPromoterScore: null, minimumGap: null}}`,
			field: "spec.satisfaction", wish: "at least 1 properties",
		},
		"costs above all revenue": {
			sample: sample, create: `spec: {costing: {indirectPercentOfRevenue: 101}}`,
			field: "spec.costing.indirectPercentOfRevenue", wish: "less than or equal to 100",
		},
		"a promise of an unknown measure": {
			sample: sample, create: `spec: {promises: [{name: visitors, role: Visitor, measure: Happiness, promised: 1}]}`,
			field: "spec.promises[0].measure", wish: `supported values: "Contracted", "Attended", "AreaSquareMetres"`,
		},
		"two promises of one name": {
			sample: sample, create: `spec: {promises: [{name: a, role: Visitor, measure: Attended, promised: 1}, {name: a, role: Visitor, measure: Attended, promised: 2}]}`,
			field: "spec.promises[1]", wish: "Duplicate value",
		},
		"a name too long": {
			sample: sample, create: `metadata: {name: ` + strings.Repeat("x", 64) + `}`,
			wish: "metadata.name must have at most 63 characters and no dots",
		},
		"a name with dots": {
			sample: sample, create: `metadata: {name: farnborough.2026}`,
			wish: "metadata.name must have at most 63 characters and no dots",
		},
	})
}
