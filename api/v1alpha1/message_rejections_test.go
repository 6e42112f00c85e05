package v1alpha1_test

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

func TestMessageRejections(t *testing.T) {
	const sample = "CampaignRule/win-back-letter"
	// messages puts other messages in.
	messages := func(list string) string { return `spec: {outreach: {messages: ` + list + `}}` }
	runRejections(t, map[string]rejection{
		"a channel is missing": {
			sample: sample, create: `spec: {outreach: {channelName: null}}`,
			field: "spec.outreach.channelName", wish: "Required value",
		},
		"a medium for a channel": {
			sample: sample, create: `spec: {outreach: {channelName: E-Mail}}`,
			field: "spec.outreach.channelName", wish: "must be the name of a resource in this namespace",
		},
		"a topic is missing": {
			sample: sample, create: `spec: {outreach: {topic: null}}`,
			field: "spec.outreach.topic", wish: "Required value",
		},
		"a topic by its title": {
			sample: sample, create: `spec: {outreach: {topic: News and offers}}`,
			field: "spec.outreach.topic", wish: "must begin with a letter and have only letters",
		},
		"a message that earns": {
			sample: sample, create: `spec: {outreach: {costPerMessage: {amount: "-6.00"}}}`,
			field: "spec.outreach.costPerMessage.amount", wish: "must not be negative",
		},
		"a cost with its currency": {
			sample: sample, create: `spec: {outreach: {costPerMessage: {amount: 6.00 CNY}}}`,
			field: "spec.outreach.costPerMessage.amount", wish: "must be a decimal number",
		},
		"a message that expires at once": {
			sample: sample, create: `spec: {outreach: {expireAfterSeconds: 59}}`,
			field: "spec.outreach.expireAfterSeconds", wish: "greater than or equal to 60",
		},
		"a message that expires never": {
			sample: sample, create: `spec: {outreach: {expireAfterSeconds: 31536001}}`,
			field: "spec.outreach.expireAfterSeconds", wish: "less than or equal to 31536000",
		},
		"messages are missing": {
			sample: sample, create: messages(`null`),
			field: "spec.outreach.messages", wish: "Required value",
		},
		"no message": {
			sample: sample, create: messages(`[]`),
			field: "spec.outreach.messages", wish: "at least 1 items",
		},
		"messages in too many languages": {
			sample: sample, create: messages(entries(17, "{locale: en-%02d, subject: Hello, text: Hello}")),
			field: "spec.outreach.messages", wish: "must have at most 16 items",
		},
		"two messages in one language": {
			sample: sample, create: messages(`[{locale: en, subject: Hello, text: Hello}, {locale: en, subject: Hi, text: Hi}]`),
			field: "spec.outreach.messages[1]", wish: "Duplicate value",
		},
		"messages too long together": {
			sample: sample, create: messages(entries(2, "{locale: en-%02d, subject: Hello, text: "+strings.Repeat("x", 20000)+"}")),
			field: "spec.outreach.messages", wish: "messages must have at most 32000 characters together",
		},
		"a message without a locale": {
			sample: sample, create: messages(`[{subject: Hello, text: Hello}]`),
			field: "spec.outreach.messages[0].locale", wish: "Required value",
		},
		"a language by its name": {
			sample: sample, create: messages(`[{locale: English, subject: Hello, text: Hello}]`),
			field: "spec.outreach.messages[0].locale", wish: "must be a BCP 47 language tag",
		},
		"a message without a subject": {
			sample: sample, create: messages(`[{locale: en, text: Hello}]`),
			field: "spec.outreach.messages[0].subject", wish: "Required value",
		},
		"a subject of no words": {
			sample: sample, create: messages(`[{locale: en, subject: "", text: Hello}]`),
			field: "spec.outreach.messages[0].subject", wish: "at least 1 chars long",
		},
		"a subject too long": {
			sample: sample, create: messages(`[{locale: en, subject: ` + strings.Repeat("x", 501) + `, text: Hello}]`),
			field: "spec.outreach.messages[0].subject", wish: "may not be more than 500",
		},
		"a header smuggled into the subject": {
			sample: sample, create: messages(`[{locale: en, subject: "Hello\r\nBcc: all@airshow.example", text: Hello}]`),
			field: "spec.outreach.messages[0].subject", wish: "must not contain control characters or line breaks",
		},
		"a line break of Unicode's in the subject": {
			sample: sample, create: messages(`[{locale: en, subject: "Hello\u2028there", text: Hello}]`),
			field: "spec.outreach.messages[0].subject", wish: "must not contain control characters or line breaks",
		},
		"a message without a body": {
			sample: sample, create: messages(`[{locale: en, subject: Hello}]`),
			field: "spec.outreach.messages[0]", wish: "a message needs html, text or both",
		},
		"a body of no words": {
			sample: sample, create: messages(`[{locale: en, subject: Hello, text: ""}]`),
			field: "spec.outreach.messages[0].text", wish: "at least 1 chars long",
		},
		"a page of no words": {
			sample: sample, create: messages(`[{locale: en, subject: Hello, html: ""}]`),
			field: "spec.outreach.messages[0].html", wish: "at least 1 chars long",
		},
		"a body too long": {
			sample: sample, create: messages(`[{locale: en, subject: Hello, text: ` + strings.Repeat("x", 40001) + `}]`),
			field: "spec.outreach.messages[0].text", wish: "may not be more than 32000",
		},
		"a page too long": {
			sample: sample, create: messages(`[{locale: en, subject: Hello, html: ` + strings.Repeat("x", 40001) + `}]`),
			field: "spec.outreach.messages[0].html", wish: "may not be more than 32000",
		},
	})
}

// TestSubjectsInEveryScript: some scripts and emoji need characters that are
// invisible by themselves.
func TestSubjectsInEveryScript(t *testing.T) {
	rule := samples(t)["CampaignRule/win-back-letter"]
	rule.SetNamespace(metav1.NamespaceDefault)
	for name, subject := range map[string]string{
		"Persian with a non-joiner": "دعوت\u200cنامه",
		"Hebrew with a mark":        "שלום!\u200f",
		"an emoji of several":       "\U0001F469\u200d\u2708\ufe0f",
		"a soft hyphen":             "Messe\u00adstand",
	} {
		t.Run(name, func(t *testing.T) {
			patch := `spec: {outreach: {messages: [{locale: en, subject: "` + subject + `", text: Hello}]}}`
			if err := server.Client.Create(t.Context(), patched(t, rule, patch), client.DryRunAll); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestGuardrailRejections(t *testing.T) {
	const sample = "CampaignRule/rebook-friends"
	// guardrails puts some of them in.
	guardrails := func(some string) string { return `spec: {guardrails: {` + some + `}}` }
	runRejections(t, map[string]rejection{
		"at most nobody": {
			sample: sample, create: guardrails(`maxRecipients: 0`),
			field: "spec.guardrails.maxRecipients", wish: "greater than or equal to 1",
		},
		"at most more than mankind reads mail": {
			sample: sample, create: guardrails(`maxRecipients: 100000001`),
			field: "spec.guardrails.maxRecipients", wish: "less than or equal to 100000000",
		},
		"a budget without an amount": {
			sample: sample, create: guardrails(`budget: {amount: null}`),
			field: "spec.guardrails.budget.amount", wish: "Required value",
		},
		"a budget in thousands": {
			sample: sample, create: guardrails(`budget: {amount: "3e3"}`),
			field: "spec.guardrails.budget.amount", wish: "must be a decimal number",
		},
		"a budget in a currency by its sign": {
			sample: sample, create: guardrails(`budget: {currency: "€"}`),
			field: "spec.guardrails.budget.currency", wish: "must be an ISO 4217 currency code",
		},
		"an unknown answer to a passed limit": {
			sample: sample, create: guardrails(`onExceeded: Truncate`),
			field: "spec.guardrails.onExceeded", wish: `supported values: "RequireApproval", "Fail"`,
		},
		"approval at an unknown moment": {
			sample: sample, create: guardrails(`approval: Never`),
			field: "spec.guardrails.approval", wish: `supported values: "Always", "WhenExceeded"`,
		},
		"a control group of less than nobody": {
			sample: sample, create: guardrails(`holdoutPercent: -1`),
			field: "spec.guardrails.holdoutPercent", wish: "greater than or equal to 0",
		},
		"a control group of most": {
			sample: sample, create: guardrails(`holdoutPercent: 51`),
			field: "spec.guardrails.holdoutPercent", wish: "less than or equal to 50",
		},
		"halted by nothing": {
			sample: sample, create: guardrails(`halt: {failurePercent: null}`),
			field: "spec.guardrails.halt.failurePercent", wish: "Required value",
		},
		"halted without a failure": {
			sample: sample, create: guardrails(`halt: {failurePercent: 0}`),
			field: "spec.guardrails.halt.failurePercent", wish: "greater than or equal to 1",
		},
		"halted after all failed and more": {
			sample: sample, create: guardrails(`halt: {failurePercent: 101}`),
			field: "spec.guardrails.halt.failurePercent", wish: "less than or equal to 100",
		},
		"a sample of nothing": {
			sample: sample, create: guardrails(`halt: {minimumSample: 0}`),
			field: "spec.guardrails.halt.minimumSample", wish: "greater than or equal to 1",
		},
		"a sample beyond any run": {
			sample: sample, create: guardrails(`halt: {minimumSample: 1000001}`),
			field: "spec.guardrails.halt.minimumSample", wish: "less than or equal to 1000000",
		},
	})
}
