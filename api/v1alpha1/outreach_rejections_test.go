package v1alpha1_test

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// ruleMade turns the sample, a one-off mailing, into the occurrence of a rule.
const ruleMade = `
metadata: {name: rebook-friends-1}
spec:
  ruleName: rebook-friends
  occurrence: farnborough-2026:Opens:-180
  dueTime: "2026-01-21T10:00:00Z"
  runKey: rebook-friends/farnborough-2026:Opens:-180
  audience: null
  outreach: null
  guardrails: null
`

func TestOutreachRejections(t *testing.T) {
	const sample = "Outreach/opening-notice"
	runRejections(t, map[string]rejection{
		"a store is missing": {
			sample: sample, create: `spec: {storeName: null}`,
			field: "spec.storeName", wish: "Required value",
		},
		"a key is missing": {
			sample: sample, create: `spec: {runKey: null}`,
			field: "spec.runKey", wish: "Required value",
		},
		"a key is empty": {
			sample: sample, create: `spec: {runKey: ""}`,
			field: "spec.runKey", wish: "at least 1 chars long",
		},
		"a key of several words": {
			sample: sample, create: `spec: {runKey: opening notice}`,
			field: "spec.runKey", wish: "must begin with a letter or digit and have only letters",
		},
		"a key too long": {
			sample: sample, create: `spec: {runKey: ` + strings.Repeat("x", 201) + `}`,
			field: "spec.runKey", wish: "may not be more than 200",
		},
		"a key by hand like a rule's": {
			sample: sample, create: `spec: {runKey: rebook-friends/farnborough-2026}`,
			field: "spec.runKey", wish: "runKey must not contain '/' by hand",
		},
		"a rule's key like one by hand": {
			sample: sample, setup: ruleMade, create: `spec: {runKey: farnborough-2026}`,
			field: "spec.runKey", wish: "runKey must end in '/' and the occurrence with ruleName",
		},
		"a rule's key of another occurrence": {
			sample: sample, setup: ruleMade, create: `spec: {occurrence: "farnborough-2028:Opens:-180"}`,
			field: "spec.runKey", wish: "runKey must end in '/' and the occurrence with ruleName",
		},
		"an occurrence of several words": {
			sample: sample, setup: ruleMade, create: `spec: {occurrence: "the first", runKey: "rebook-friends/the first"}`,
			field: "spec.occurrence", wish: "must begin with a letter or digit and have only letters",
		},
		"neither a rule nor an audience": {
			sample: sample, create: `spec: {audience: null, outreach: null}`,
			field: "spec", wish: "exactly one of ruleName (made by the controller) and audience (by hand) must be set",
		},
		"a rule and an audience": {
			sample: sample, setup: ruleMade, create: `spec: {audience: {include: [{segmentName: relationship}]}}`,
			field: "spec", wish: "exactly one of ruleName (made by the controller) and audience (by hand) must be set",
		},
		"a rule's name is no name": {
			sample: sample, setup: ruleMade, create: `spec: {ruleName: Rebook friends}`,
			field: "spec.ruleName", wish: "must be the name of a resource in this namespace",
		},
		"a rule without an occurrence": {
			sample: sample, setup: ruleMade, create: `spec: {occurrence: null}`,
			field: "spec.occurrence", wish: "occurrence is required with ruleName, and not used without",
		},
		"an occurrence without a rule": {
			sample: sample, create: `spec: {occurrence: "2026-07-20"}`,
			field: "spec.occurrence", wish: "occurrence is required with ruleName, and not used without",
		},
		"an occurrence of nothing": {
			sample: sample, setup: ruleMade, create: `spec: {occurrence: ""}`,
			field: "spec.occurrence", wish: "at least 1 chars long",
		},
		"an occurrence too long": {
			sample: sample, setup: ruleMade, create: `spec: {occurrence: ` + strings.Repeat("x", 137) + `}`,
			field: "spec.occurrence", wish: "may not be more than 136",
		},
		"an audience that hears nothing": {
			sample: sample, create: `spec: {outreach: null}`,
			field: "spec.outreach", wish: "outreach is required with audience, and not used with ruleName",
		},
		"a rule with words of its own": {
			sample: sample, setup: ruleMade,
			create: `spec: {outreach: {channelName: mail, topic: service, messages: [{locale: en, subject: Hello, text: Hello}]}}`,
			field:  "spec.outreach", wish: "outreach is required with audience, and not used with ruleName",
		},
		"a rule with guardrails of its own": {
			sample: sample, setup: ruleMade, create: `spec: {guardrails: {maxRecipients: 1}}`,
			field: "spec.guardrails", wish: "guardrails are not used with ruleName: the rule has them",
		},
		"a rule that is never due": {
			sample: sample, setup: ruleMade, create: `spec: {dueTime: null}`,
			field: "spec.dueTime", wish: "dueTime is required with ruleName, and not used without",
		},
		"due without a rule": {
			sample: sample, create: `spec: {dueTime: "2026-01-21T10:00:00Z"}`,
			field: "spec.dueTime", wish: "dueTime is required with ruleName, and not used without",
		},
		"due at another time": {
			sample: sample, setup: ruleMade, update: `spec: {dueTime: "2026-01-22T10:00:00Z"}`,
			field: "spec.dueTime", wish: "dueTime is immutable: create another Outreach instead",
		},
		"due at no time": {
			sample: sample, setup: ruleMade, create: `spec: {dueTime: soon}`,
			field: "spec.dueTime", wish: "must be of type date-time",
		},
		"a rule with a guarantee of its own": {
			sample: sample, setup: ruleMade, create: `spec: {deliveryGuarantee: AtLeastOnce}`,
			field: "spec.deliveryGuarantee", wish: "deliveryGuarantee is not used with ruleName: the rule has it",
		},
		"an unknown guarantee": {
			sample: sample, create: `spec: {deliveryGuarantee: Maybe}`,
			field: "spec.deliveryGuarantee", wish: `supported values: "AtMostOnce", "AtLeastOnce"`,
		},
		"no worker": {
			sample: sample, create: `spec: {parallelism: 0}`,
			field: "spec.parallelism", wish: "greater than or equal to 1",
		},
		"too many workers": {
			sample: sample, create: `spec: {parallelism: 65}`,
			field: "spec.parallelism", wish: "less than or equal to 64",
		},
		"a name that leaves no room for its Jobs": {
			sample: sample, create: `metadata: {name: ` + strings.Repeat("x", 53) + `}`,
			wish: "metadata.name must have at most 52 characters and no dots",
		},
		"a name with dots": {
			sample: sample, create: `metadata: {name: opening.notice}`,
			wish: "metadata.name must have at most 52 characters and no dots",
		},
	})
}

func TestOutreachIsImmutable(t *testing.T) {
	const sample = "Outreach/opening-notice"
	runRejections(t, map[string]rejection{
		"the store changes": {
			sample: sample, update: `spec: {storeName: another}`,
			field: "spec.storeName", wish: "storeName is immutable: create another Outreach instead",
		},
		"the key changes": {
			sample: sample, update: `spec: {runKey: opening-notice-again}`,
			field: "spec.runKey", wish: "runKey is immutable: create another Outreach instead",
		},
		"the rule changes": {
			sample: sample, setup: ruleMade, update: `spec: {ruleName: win-back-letter}`,
			field: "spec.ruleName", wish: "ruleName is immutable: create another Outreach instead",
		},
		"a rule is added": {
			sample: sample, update: `spec: {ruleName: rebook-friends}`,
			field: "spec.ruleName", wish: "ruleName is immutable: create another Outreach instead",
		},
		"the rule is removed": {
			sample: sample, setup: ruleMade, update: `spec: {ruleName: null}`,
			field: "spec.ruleName", wish: "ruleName is immutable: create another Outreach instead",
		},
		"the occurrence changes": {
			sample: sample, setup: ruleMade, update: `spec: {occurrence: farnborough-2028:Opens:-180}`,
			field: "spec.occurrence", wish: "occurrence is immutable: create another Outreach instead",
		},
		"an occurrence is added": {
			sample: sample, update: `spec: {occurrence: farnborough-2026:Opens:-180}`,
			field: "spec.occurrence", wish: "occurrence is immutable: create another Outreach instead",
		},
		"the occurrence is removed": {
			sample: sample, setup: ruleMade, update: `spec: {occurrence: null}`,
			field: "spec.occurrence", wish: "occurrence is immutable: create another Outreach instead",
		},
		"the audience changes": {
			sample: sample, update: `spec: {audience: {include: [{segmentName: value-pyramid}]}}`,
			field: "spec.audience", wish: "audience is immutable: create another Outreach instead",
		},
		"other persons come first": {
			sample: sample, setup: `spec: {audience: {deliverTo: {contactRoles: [OnSite, Decision]}}}`,
			update: `spec: {audience: {deliverTo: {contactRoles: [Decision, OnSite]}}}`,
			field:  "spec.audience", wish: "audience is immutable: create another Outreach instead",
		},
		"any person instead of some": {
			sample: sample, update: `spec: {audience: {deliverTo: {contactRoles: null}}}`,
			field: "spec.audience", wish: "audience is immutable: create another Outreach instead",
		},
		"an audience is added": {
			sample: sample, setup: ruleMade, update: `spec: {audience: {include: [{segmentName: relationship}]}}`,
			field: "spec.audience", wish: "audience is immutable: create another Outreach instead",
		},
		"the audience is removed": {
			sample: sample, update: `spec: {audience: null}`,
			field: "spec.audience", wish: "audience is immutable: create another Outreach instead",
		},
		"an exhibition is added": {
			sample: sample, update: `spec: {exhibitionName: farnborough-2026}`,
			field: "spec.exhibitionName", wish: "exhibitionName is immutable: create another Outreach instead",
		},
		"the exhibition changes": {
			sample: sample, setup: `spec: {exhibitionName: farnborough-2026}`, update: `spec: {exhibitionName: farnborough-2028}`,
			field: "spec.exhibitionName", wish: "exhibitionName is immutable: create another Outreach instead",
		},
		"the words change": {
			sample: sample, update: `spec: {outreach: {messages: [{locale: en, subject: We open on Tuesday, text: Dear}]}}`,
			field: "spec.outreach", wish: "outreach is immutable: create another Outreach instead",
		},
		"another language comes first": {
			sample: sample,
			setup:  `spec: {outreach: {messages: [{locale: en, subject: Hello, text: Hello}, {locale: zh, subject: 你好, text: 你好}]}}`,
			update: `spec: {outreach: {messages: [{locale: zh, subject: 你好, text: 你好}, {locale: en, subject: Hello, text: Hello}]}}`,
			field:  "spec.outreach", wish: "outreach is immutable: create another Outreach instead",
		},
		"a cost is added": {
			sample: sample, update: `spec: {outreach: {costPerMessage: {amount: "0.10", currency: GBP}}}`,
			field: "spec.outreach", wish: "outreach is immutable: create another Outreach instead",
		},
		"words are added": {
			sample: sample, setup: ruleMade,
			update: `spec: {outreach: {channelName: mail, topic: service, messages: [{locale: en, subject: Hello, text: Hello}]}}`,
			field:  "spec.outreach", wish: "outreach is immutable: create another Outreach instead",
		},
		"the words are removed": {
			sample: sample, update: `spec: {outreach: null}`,
			field: "spec.outreach", wish: "outreach is immutable: create another Outreach instead",
		},
		"the guardrails change": {
			sample: sample, update: `spec: {guardrails: {maxRecipients: 3001}}`,
			field: "spec.guardrails", wish: "guardrails are immutable: create another Outreach instead",
		},
		"guardrails are added": {
			sample: sample, setup: `spec: {guardrails: null}`, update: `spec: {guardrails: {maxRecipients: 3000}}`,
			field: "spec.guardrails", wish: "guardrails are immutable: create another Outreach instead",
		},
		"the guardrails are removed": {
			sample: sample, update: `spec: {guardrails: null}`,
			field: "spec.guardrails", wish: "guardrails are immutable: create another Outreach instead",
		},
		"the guarantee changes": {
			sample: sample, setup: `spec: {deliveryGuarantee: AtMostOnce}`, update: `spec: {deliveryGuarantee: AtLeastOnce}`,
			field: "spec.deliveryGuarantee", wish: "deliveryGuarantee is immutable: create another Outreach instead",
		},
		"a guarantee is added": {
			sample: sample, update: `spec: {deliveryGuarantee: AtLeastOnce}`,
			field: "spec.deliveryGuarantee", wish: "deliveryGuarantee is immutable: create another Outreach instead",
		},
		"the guarantee is removed": {
			sample: sample, setup: `spec: {deliveryGuarantee: AtLeastOnce}`, update: `spec: {deliveryGuarantee: null}`,
			field: "spec.deliveryGuarantee", wish: "deliveryGuarantee is immutable: create another Outreach instead",
		},
		"cancelling is taken back": {
			sample: sample, setup: `spec: {cancel: true}`, update: `spec: {cancel: false}`,
			field: "spec.cancel", wish: "cancel cannot be taken back: create another Outreach instead",
		},
		"cancelling is removed": {
			sample: sample, setup: `spec: {cancel: true}`, update: `spec: {cancel: null}`,
			field: "spec.cancel", wish: "cancel cannot be taken back: create another Outreach instead",
		},
	})
}

// TestOutreachMayBeSteered changes what an operator needs while a run goes on,
// one after the other on the same object.
func TestOutreachMayBeSteered(t *testing.T) {
	for name, setup := range map[string]string{"by hand": `metadata: {name: steered}`, "made by a rule": ruleMade} {
		t.Run(name, func(t *testing.T) {
			outreach := patched(t, samples(t)["Outreach/opening-notice"], setup)
			outreach.SetNamespace(metav1.NamespaceDefault)
			if err := server.Client.Create(t.Context(), outreach); err != nil {
				t.Fatal(err)
			}
			for _, step := range []string{
				`spec: {suspend: true}`, `spec: {suspend: false}`, `spec: {suspend: null}`,
				`spec: {parallelism: 8}`, `spec: {parallelism: null}`,
				`spec: {cancel: false}`, `spec: {cancel: null}`, `spec: {cancel: false}`, `spec: {cancel: true}`,
				`spec: {parallelism: 1, suspend: true}`,
			} {
				outreach = changed(t, outreach, step)
			}
			if err := server.Client.Delete(t.Context(), outreach); err != nil {
				t.Error(err)
			}
		})
	}
}

// changed updates an object by a merge patch in YAML that must be accepted.
func changed(t *testing.T, object *unstructured.Unstructured, patch string) *unstructured.Unstructured {
	t.Helper()
	result := patched(t, object, patch)
	if err := server.Client.Update(t.Context(), result, client.FieldValidation(metav1.FieldValidationStrict)); err != nil {
		t.Fatalf("%s: %v", patch, err)
	}
	return result
}
