package v1alpha1_test

import (
	"strings"
	"testing"
)

func TestOutreachApprovalRejections(t *testing.T) {
	const (
		sample    = "OutreachApproval/opening-notice"
		immutable = "an OutreachApproval is immutable: create another instead"
	)
	runRejections(t, map[string]rejection{
		"an outreach is missing": {
			sample: sample, create: `spec: {outreachName: null}`,
			field: "spec.outreachName", wish: "Required value",
		},
		"an outreach of another namespace": {
			sample: sample, create: `spec: {outreachName: expo/opening-notice}`,
			field: "spec.outreachName", wish: "must be the name of a resource in this namespace",
		},
		"a digest is missing": {
			sample: sample, create: `spec: {planDigest: null}`,
			field: "spec.planDigest", wish: "Required value",
		},
		"a digest without its algorithm": {
			sample: sample, create: `spec: {planDigest: ` + strings.Repeat("a", 64) + `}`,
			field: "spec.planDigest", wish: "must be the plan digest that the status of the Outreach shows",
		},
		"the beginning of a digest": {
			sample: sample, create: `spec: {planDigest: "sha256:6f1c2c1d"}`,
			field: "spec.planDigest", wish: "must be the plan digest that the status of the Outreach shows",
		},
		"a digest in capitals": {
			sample: sample, create: `spec: {planDigest: "sha256:` + strings.Repeat("A", 64) + `"}`,
			field: "spec.planDigest", wish: "must be the plan digest that the status of the Outreach shows",
		},
		"a digest too long": {
			sample: sample, create: `spec: {planDigest: "sha256:` + strings.Repeat("a", 65) + `"}`,
			field: "spec.planDigest", wish: "may not be more than 71",
		},
		"a decision is missing": {
			sample: sample, create: `spec: {decision: null}`,
			field: "spec.decision", wish: "Required value",
		},
		"neither yes nor no": {
			sample: sample, create: `spec: {decision: Maybe}`,
			field: "spec.decision", wish: `supported values: "Approved", "Denied"`,
		},
		"nobody decided": {
			sample: sample, create: `spec: {approvedBy: null}`,
			field: "spec.approvedBy", wish: "Required value",
		},
		"somebody without a name decided": {
			sample: sample, create: `spec: {approvedBy: ""}`,
			field: "spec.approvedBy", wish: "at least 1 chars long",
		},
		"somebody with too long a name decided": {
			sample: sample, create: `spec: {approvedBy: ` + strings.Repeat("x", 257) + `}`,
			field: "spec.approvedBy", wish: "may not be more than 256",
		},
		"the outreach changes": {
			sample: sample, update: `spec: {outreachName: another}`,
			field: "spec", wish: immutable,
		},
		"the digest changes": {
			sample: sample, update: `spec: {planDigest: "sha256:` + strings.Repeat("a", 64) + `"}`,
			field: "spec", wish: immutable,
		},
		"the decision changes": {
			sample: sample, update: `spec: {decision: Denied}`,
			field: "spec", wish: immutable,
		},
		"another person is said to have decided": {
			sample: sample, update: `spec: {approvedBy: otto@airshow.example}`,
			field: "spec", wish: immutable,
		},
		"a name too long": {
			sample: sample, create: `metadata: {name: ` + strings.Repeat("x", 64) + `}`,
			wish: "metadata.name must have at most 63 characters and no dots",
		},
		"a name with dots": {
			sample: sample, create: `metadata: {name: opening.notice}`,
			wish: "metadata.name must have at most 63 characters and no dots",
		},
	})
}
