package v1alpha1_test

import (
	"strings"
	"testing"
)

func TestContactPolicyRejections(t *testing.T) {
	const sample = "ContactPolicy/fair-use"
	// topic is one with a field of it put in.
	topic := func(field string) string {
		fields := map[string]string{"name": "promotions", "title": "[{locale: en, text: News}]", "legalBasis": "Consent"}
		name, value, _ := strings.Cut(field, ": ")
		fields[name] = value
		return `spec: {topics: [{name: ` + fields["name"] + `, title: ` + fields["title"] +
			`, legalBasis: ` + fields["legalBasis"] + `}]}`
	}
	runRejections(t, map[string]rejection{
		"topics are missing": {
			sample: sample, create: `spec: {topics: null}`,
			field: "spec.topics", wish: "Required value",
		},
		"no topics": {
			sample: sample, create: `spec: {topics: [], pauseOnOpenComplaint: null}`,
			field: "spec.topics", wish: "at least 1 items",
		},
		"too many topics": {
			sample: sample, create: `spec: {pauseOnOpenComplaint: null, topics: ` +
				entries(33, "{name: topic%d, title: [{locale: en, text: News}], legalBasis: Consent}") + `}`,
			field: "spec.topics", wish: "must have at most 16 items",
		},
		"two topics of one name": {
			sample: sample, create: `spec: {topics: ` +
				`[{name: promotions, title: [{locale: en, text: News}], legalBasis: Consent},` +
				` {name: promotions, title: [{locale: en, text: Offers}], legalBasis: Consent}]}`,
			field: "spec.topics[1]", wish: "Duplicate value",
		},
		"a topic without a name": {
			sample: sample, create: topic(`name: null`),
			field: "spec.topics[0].name", wish: "Required value",
		},
		"a topic of two words": {
			sample: sample, create: topic(`name: news and offers`),
			field: "spec.topics[0].name", wish: "must begin with a letter and have only letters",
		},
		"a topic's name is empty": {
			sample: sample, create: topic(`name: ""`),
			field: "spec.topics[0].name", wish: "at least 1 chars long",
		},
		"a topic's name too long": {
			sample: sample, create: topic(`name: ` + strings.Repeat("x", 64)),
			field: "spec.topics[0].name", wish: "may not be more than 63",
		},
		"a topic without a title": {
			sample: sample, create: topic(`title: null`),
			field: "spec.topics[0].title", wish: "Required value",
		},
		"a title in no language": {
			sample: sample, create: topic(`title: []`),
			field: "spec.topics[0].title", wish: "at least 1 items",
		},
		"a title in too many languages": {
			sample: sample, create: topic(`title: ` + entries(17, "{locale: en-%02d, text: News}")),
			field: "spec.topics[0].title", wish: "must have at most 16 items",
		},
		"two titles in one language": {
			sample: sample, create: topic(`title: [{locale: en, text: News}, {locale: en, text: Offers}]`),
			field: "spec.topics[0].title[1]", wish: "Duplicate value",
		},
		"a title without a locale": {
			sample: sample, create: topic(`title: [{text: News}]`),
			field: "spec.topics[0].title[0].locale", wish: "Required value",
		},
		"a locale as programs write it": {
			sample: sample, create: topic(`title: [{locale: en_GB, text: News}]`),
			field: "spec.topics[0].title[0].locale", wish: "must be a BCP 47 language tag",
		},
		"a locale too long": {
			sample: sample, create: topic(`title: [{locale: en` + strings.Repeat("-x1", 12) + `, text: News}]`),
			field: "spec.topics[0].title[0].locale", wish: "may not be more than 35",
		},
		"a title without a text": {
			sample: sample, create: topic(`title: [{locale: en}]`),
			field: "spec.topics[0].title[0].text", wish: "Required value",
		},
		"a title of no words": {
			sample: sample, create: topic(`title: [{locale: en, text: ""}]`),
			field: "spec.topics[0].title[0].text", wish: "at least 1 chars long",
		},
		"a title too long": {
			sample: sample, create: topic(`title: [{locale: en, text: ` + strings.Repeat("x", 201) + `}]`),
			field: "spec.topics[0].title[0].text", wish: "may not be more than 100",
		},
		"a topic without a legal basis": {
			sample: sample, create: topic(`legalBasis: null`),
			field: "spec.topics[0].legalBasis", wish: "Required value",
		},
		"a legal basis that the law lacks": {
			sample: sample, create: topic(`legalBasis: Newsletter`),
			field: "spec.topics[0].legalBasis",
			wish:  `supported values: "Consent", "Contract", "LegitimateInterest", "LegalObligation"`,
		},
		"too many caps": {
			sample: sample, create: `spec: {frequencyCaps: ` + entries(9, "{medium: Email, messages: 1, perDays: 1%d}") + `}`,
			field: "spec.frequencyCaps", wish: "must have at most 8 items",
		},
		"two caps for one window": {
			sample: sample, create: `spec: {frequencyCaps: [{medium: Email, messages: 2, perDays: 7}, {medium: Email, messages: 3, perDays: 7}]}`,
			field: "spec.frequencyCaps[1]", wish: "Duplicate value",
		},
		"a cap of an unknown medium": {
			sample: sample, create: `spec: {frequencyCaps: [{medium: SMS, messages: 2, perDays: 7}]}`,
			field: "spec.frequencyCaps[0].medium", wish: `supported values: "Email", "Task"`,
		},
		"a cap of no medium": {
			sample: sample, create: `spec: {frequencyCaps: [{messages: 2, perDays: 7}]}`,
			field: "spec.frequencyCaps[0].medium", wish: "Required value",
		},
		"a cap without a number": {
			sample: sample, create: `spec: {frequencyCaps: [{medium: Email, perDays: 7}]}`,
			field: "spec.frequencyCaps[0].messages", wish: "Required value",
		},
		"a cap that forbids everything": {
			sample: sample, create: `spec: {frequencyCaps: [{medium: Email, messages: 0, perDays: 7}]}`,
			field: "spec.frequencyCaps[0].messages", wish: "greater than or equal to 1",
		},
		"a cap beyond what is remembered": {
			sample: sample, create: `spec: {frequencyCaps: [{medium: Email, messages: 13, perDays: 7}]}`,
			field: "spec.frequencyCaps[0].messages", wish: "less than or equal to 12",
		},
		"a cap without a window": {
			sample: sample, create: `spec: {frequencyCaps: [{medium: Email, messages: 2}]}`,
			field: "spec.frequencyCaps[0].perDays", wish: "Required value",
		},
		"a window of no days": {
			sample: sample, create: `spec: {frequencyCaps: [{medium: Email, messages: 2, perDays: 0}]}`,
			field: "spec.frequencyCaps[0].perDays", wish: "greater than or equal to 1",
		},
		"a window longer than a year": {
			sample: sample, create: `spec: {frequencyCaps: [{medium: Email, messages: 2, perDays: 367}]}`,
			field: "spec.frequencyCaps[0].perDays", wish: "less than or equal to 366",
		},
		"quiet hours without a beginning": {
			sample: sample, create: `spec: {quietHours: {from: null}}`,
			field: "spec.quietHours.from", wish: "Required value",
		},
		"quiet hours without an end": {
			sample: sample, create: `spec: {quietHours: {to: null}}`,
			field: "spec.quietHours.to", wish: "Required value",
		},
		"quiet hours that are no time": {
			sample: sample, create: `spec: {quietHours: {from: "20:00", to: "20:00"}}`,
			field: "spec.quietHours.to", wish: "to must differ from from",
		},
		"an hour that the day lacks": {
			sample: sample, create: `spec: {quietHours: {to: "24:00"}}`,
			field: "spec.quietHours.to", wish: "must be a time of day as HH:MM, from 00:00 to 23:59",
		},
		"an hour with seconds": {
			sample: sample, create: `spec: {quietHours: {to: "08:00:00"}}`,
			field: "spec.quietHours.to", wish: "may not be more than 5",
		},
		"an hour of twelve": {
			sample: sample, create: `spec: {quietHours: {from: 8 pm}}`,
			field: "spec.quietHours.from", wish: "must be a time of day as HH:MM, from 00:00 to 23:59",
		},
		"weekends of an unknown kind": {
			sample: sample, create: `spec: {quietHours: {weekends: Closed}}`,
			field: "spec.quietHours.weekends", wish: `supported values: "Quiet", "Open"`,
		},
		"a complaint pauses an undeclared topic": {
			sample: sample, create: `spec: {pauseOnOpenComplaint: [promotion]}`,
			field: "spec.pauseOnOpenComplaint", wish: "pauseOnOpenComplaint may name only topics that topics declares",
		},
		"a complaint pauses a topic twice": {
			sample: sample, create: `spec: {pauseOnOpenComplaint: [service, service]}`,
			field: "spec.pauseOnOpenComplaint[1]", wish: "Duplicate value",
		},
		"a complaint pauses too many topics": {
			sample: sample, create: `spec: {pauseOnOpenComplaint: ` + entries(33, "topic%d") + `}`,
			field: "spec.pauseOnOpenComplaint", wish: "must have at most 16 items",
		},
		"a topic in use is taken out": {
			sample: sample, update: topic(`name: news`),
			field: "spec.pauseOnOpenComplaint", wish: "pauseOnOpenComplaint may name only topics that topics declares",
		},
		"a name too long": {
			sample: sample, create: `metadata: {name: ` + strings.Repeat("x", 64) + `}`,
			wish: "metadata.name must have at most 63 characters and no dots",
		},
		"a name with dots": {
			sample: sample, create: `metadata: {name: fair.use}`,
			wish: "metadata.name must have at most 63 characters and no dots",
		},
	})
}
