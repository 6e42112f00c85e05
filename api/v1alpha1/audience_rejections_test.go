package v1alpha1_test

import "testing"

func TestAudienceRejections(t *testing.T) {
	const sample = "CampaignRule/win-back-letter"
	runRejections(t, map[string]rejection{
		"segments are missing": {
			sample: sample, create: `spec: {audience: {include: null}}`,
			field: "spec.audience.include", wish: "Required value",
		},
		"no segment": {
			sample: sample, create: `spec: {audience: {include: []}}`,
			field: "spec.audience.include", wish: "at least 1 items",
		},
		"too many segments": {
			sample: sample, create: `spec: {audience: {include: ` + entries(17, "{segmentName: segment%d}") + `}}`,
			field: "spec.audience.include", wish: "must have at most 16 items",
		},
		"too many segments left out": {
			sample: sample, create: `spec: {audience: {exclude: ` + entries(17, "{segmentName: segment%d}") + `}}`,
			field: "spec.audience.exclude", wish: "must have at most 16 items",
		},
		"a segment without a name": {
			sample: sample, create: `spec: {audience: {include: [{classes: [VIP]}]}}`,
			field: "spec.audience.include[0].segmentName", wish: "Required value",
		},
		"an expression for a segment": {
			sample: sample, create: `spec: {audience: {include: [{segmentName: "customer.participations > 0"}]}}`,
			field: "spec.audience.include[0].segmentName", wish: "must be the name of a resource in this namespace",
		},
		"a segment's name is empty": {
			sample: sample, create: `spec: {audience: {exclude: [{segmentName: ""}]}}`,
			field: "spec.audience.exclude[0].segmentName", wish: "at least 1 chars long",
		},
		"none of the classes": {
			sample: sample, create: `spec: {audience: {include: [{segmentName: pyramid, classes: []}]}}`,
			field: "spec.audience.include[0].classes", wish: "at least 1 items",
		},
		"too many classes": {
			sample: sample, create: `spec: {audience: {include: [{segmentName: pyramid, classes: ` + entries(17, "Class%d") + `}]}}`,
			field: "spec.audience.include[0].classes", wish: "must have at most 16 items",
		},
		"a class twice": {
			sample: sample, create: `spec: {audience: {include: [{segmentName: pyramid, classes: [VIP, VIP]}]}}`,
			field: "spec.audience.include[0].classes[1]", wish: "Duplicate value",
		},
		"a class of two words": {
			sample: sample, create: `spec: {audience: {include: [{segmentName: relationship, classes: [True Friend]}]}}`,
			field: "spec.audience.include[0].classes[0]", wish: "must begin with a letter and have only letters",
		},
		"segments joined in an unknown way": {
			sample: sample, create: `spec: {audience: {match: None}}`,
			field: "spec.audience.match", wish: `supported values: "All", "Any"`,
		},
		"checked again at an unknown moment": {
			sample: sample, create: `spec: {audience: {recheck: Always}}`,
			field: "spec.audience.recheck", wish: `supported values: "Never", "AtSend"`,
		},
		"no role of contacts": {
			sample: sample, create: `spec: {audience: {deliverTo: {contactRoles: []}}}`,
			field: "spec.audience.deliverTo.contactRoles", wish: "at least 1 items",
		},
		"more roles of contacts than there are": {
			sample: sample, create: `spec: {audience: {deliverTo: {contactRoles: [Decision, Marketing, Logistics, Invoicing, OnSite, Decision]}}}`,
			field: "spec.audience.deliverTo.contactRoles", wish: "must have at most 5 items",
		},
		"an unknown role of contacts": {
			sample: sample, create: `spec: {audience: {deliverTo: {contactRoles: [CEO]}}}`,
			field: "spec.audience.deliverTo.contactRoles[0]",
			wish:  `supported values: "Decision", "Marketing", "Logistics", "Invoicing", "OnSite"`,
		},
		"a role of contacts twice": {
			sample: sample, create: `spec: {audience: {deliverTo: {contactRoles: [Decision, Decision]}}}`,
			field: "spec.audience.deliverTo.contactRoles", wish: "contactRoles must not repeat a role",
		},
		"an unknown number of persons": {
			sample: sample, create: `spec: {audience: {deliverTo: {perOrganization: Two}}}`,
			field: "spec.audience.deliverTo.perOrganization", wish: `supported values: "One", "All"`,
		},
		"an unknown fallback": {
			sample: sample, create: `spec: {audience: {deliverTo: {fallback: Anybody}}}`,
			field: "spec.audience.deliverTo.fallback", wish: `supported values: "Primary", "None"`,
		},
	})
}
