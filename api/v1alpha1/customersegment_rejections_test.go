package v1alpha1_test

import (
	"strings"
	"testing"
)

// exactlyOneModel is what a segment has to be split by, if at all.
const exactlyOneModel = "exactly one of the fields in [pyramid abc rfm dickBasu knox reinartzKumar relationshipState ladder satisfaction] must be set"

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
			field: "spec.classify", wish: exactlyOneModel,
		},
		"two models": {
			sample: "CustomerSegment/relationship", create: `spec: {classify: {pyramid: {measure: Revenue}}}`,
			field: "spec.classify", wish: exactlyOneModel,
		},
		"a second model later": {
			sample: "CustomerSegment/ladder", update: `spec: {classify: {satisfaction: {measure: NetPromoterScore, satisfiedFrom: "9", dissatisfiedBelow: "7"}}}`,
			field: "spec.classify", wish: exactlyOneModel,
		},
		"a series without a name": {
			sample: sample, create: `spec: {migrationSeries: ""}`,
			field: "spec.migrationSeries", wish: "at least 1 chars long",
		},
		"a series with a space before it": {
			sample: sample, create: `spec: {migrationSeries: " Farnborough"}`,
			field: "spec.migrationSeries", wish: "must be the name of a series, without control characters and without spaces around it",
		},
		"a series with a line break": {
			sample: sample, create: `spec: {migrationSeries: "Farn\nborough"}`,
			field: "spec.migrationSeries", wish: "must be the name of a series, without control characters",
		},
		"a series too long": {
			sample: sample, create: `spec: {migrationSeries: ` + strings.Repeat("x", 101) + `}`,
			field: "spec.migrationSeries", wish: "may not be more than 100",
		},
		"a series named by a year": {
			sample: sample, create: `spec: {migrationSeries: 2026}`,
			field: "spec.migrationSeries", wish: "must be of type string",
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
