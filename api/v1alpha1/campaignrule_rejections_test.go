package v1alpha1_test

import (
	"strings"
	"testing"
)

// Audience, trigger and outreach of a rule have files of their own.
func TestCampaignRuleRejections(t *testing.T) {
	const sample = "CampaignRule/rebook-friends"
	runRejections(t, map[string]rejection{
		"a store is missing": {
			sample: sample, create: `spec: {storeName: null}`,
			field: "spec.storeName", wish: "Required value",
		},
		"the store changes": {
			sample: sample, update: `spec: {storeName: another}`,
			field: "spec.storeName", wish: "storeName is immutable: create another CampaignRule instead",
		},
		"an objective is missing": {
			sample: sample, create: `spec: {objective: null}`,
			field: "spec.objective", wish: "Required value",
		},
		"a fifth R": {
			sample: sample, create: `spec: {objective: Reward}`,
			field: "spec.objective", wish: `supported values: "Acquire", "Retain", "Relate", "Recommend", "Recover"`,
		},
		"a description too long": {
			sample: sample, create: `spec: {description: ` + strings.Repeat("x", 1025) + `}`,
			field: "spec.description", wish: "may not be more than 1024",
		},
		"an audience is missing": {
			sample: sample, create: `spec: {audience: null}`,
			field: "spec.audience", wish: "Required value",
		},
		"a trigger is missing": {
			sample: sample, create: `spec: {trigger: null}`,
			field: "spec.trigger", wish: "Required value",
		},
		"nothing is said": {
			sample: sample, create: `spec: {outreach: null}`,
			field: "spec.outreach", wish: "Required value",
		},
		"an unknown guarantee": {
			sample: sample, create: `spec: {deliveryGuarantee: ExactlyOnce}`,
			field: "spec.deliveryGuarantee", wish: `supported values: "AtMostOnce", "AtLeastOnce"`,
		},
		"an unknown concurrency": {
			sample: sample, create: `spec: {concurrencyPolicy: Replace}`,
			field: "spec.concurrencyPolicy", wish: `supported values: "Allow", "Forbid"`,
		},
		"a prefix of keys with a slash": {
			sample: sample, create: `spec: {runKeyPrefix: rebook/friends}`,
			field: "spec.runKeyPrefix", wish: "must have only lower-case letters, digits, '-', '.' and '_', and no '/'",
		},
		"a prefix of keys is empty": {
			sample: sample, create: `spec: {runKeyPrefix: ""}`,
			field: "spec.runKeyPrefix", wish: "at least 1 chars long",
		},
		"a prefix of keys too long": {
			sample: sample, create: `spec: {runKeyPrefix: ` + strings.Repeat("x", 64) + `}`,
			field: "spec.runKeyPrefix", wish: "may not be more than 63",
		},
		"the prefix of keys changes": {
			sample: sample, setup: `spec: {runKeyPrefix: rebook}`, update: `spec: {runKeyPrefix: rebook-2}`,
			field: "spec.runKeyPrefix", wish: "runKeyPrefix is immutable, also adding or removing it",
		},
		"a prefix of keys is added": {
			sample: sample, update: `spec: {runKeyPrefix: rebook}`,
			field: "spec.runKeyPrefix", wish: "runKeyPrefix is immutable, also adding or removing it",
		},
		"the prefix of keys is removed": {
			sample: sample, setup: `spec: {runKeyPrefix: rebook}`, update: `spec: {runKeyPrefix: null}`,
			field: "spec.runKeyPrefix", wish: "runKeyPrefix is immutable, also adding or removing it",
		},
		"a history of less than nothing": {
			sample: sample, create: `spec: {outreachHistoryLimit: -1}`,
			field: "spec.outreachHistoryLimit", wish: "greater than or equal to 0",
		},
		"a history without end": {
			sample: sample, create: `spec: {outreachHistoryLimit: 101}`,
			field: "spec.outreachHistoryLimit", wish: "less than or equal to 100",
		},
		"a reason for suspending": {
			sample: sample, create: `spec: {suspend: "until Monday"}`,
			field: "spec.suspend", wish: "must be of type boolean",
		},
		"a name that leaves no room for its runs": {
			sample: sample, create: `metadata: {name: ` + strings.Repeat("x", 39) + `}`,
			wish: "metadata.name must have at most 38 characters and no dots",
		},
		"a name with dots": {
			sample: sample, create: `metadata: {name: rebook.friends}`,
			wish: "metadata.name must have at most 38 characters and no dots",
		},
	})
}
