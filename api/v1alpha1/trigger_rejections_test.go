package v1alpha1_test

import (
	"strings"
	"testing"
)

func TestTriggerRejections(t *testing.T) {
	const (
		sample = "CampaignRule/rebook-friends"
		one    = "exactly one of the fields in [schedule exhibition anniversary segment fact] must be set"
	)
	// trigger puts another trigger in the place of the sample's.
	trigger := func(other string) string { return `spec: {trigger: {exhibition: null, ` + other + `}}` }
	runRejections(t, map[string]rejection{
		"never due": {
			sample: sample, create: `spec: {trigger: {exhibition: null}}`,
			field: "spec.trigger", wish: one,
		},
		"due in two ways": {
			sample: sample, create: `spec: {trigger: {anniversary: {field: Birthday}}}`,
			field: "spec.trigger", wish: one,
		},
		"a deadline too short": {
			sample: sample, create: `spec: {trigger: {startingDeadlineSeconds: 59}}`,
			field: "spec.trigger.startingDeadlineSeconds", wish: "greater than or equal to 60",
		},
		"a deadline of more than a year": {
			sample: sample, create: `spec: {trigger: {startingDeadlineSeconds: 31536001}}`,
			field: "spec.trigger.startingDeadlineSeconds", wish: "less than or equal to 31536000",
		},
		"a schedule without a line": {
			sample: sample, create: trigger(`schedule: {}`),
			field: "spec.trigger.schedule.cron", wish: "Required value",
		},
		"a schedule of no words": {
			sample: sample, create: trigger(`schedule: {cron: ""}`),
			field: "spec.trigger.schedule.cron", wish: "at least 1 chars long",
		},
		"a schedule with its own time zone": {
			sample: sample, create: trigger(`schedule: {cron: "CRON_TZ=Europe/London 0 9 * * 1"}`),
			field: "spec.trigger.schedule.cron", wish: "must not name a time zone: use timeZone",
		},
		"a schedule too long": {
			sample: sample, create: trigger(`schedule: {cron: "` + strings.Repeat("0,", 50) + `0 9 * * 1"}`),
			field: "spec.trigger.schedule.cron", wish: "may not be more than 100",
		},
		"a time zone that is none": {
			sample: sample, create: trigger(`schedule: {cron: "0 9 * * 1", timeZone: "Europe / London"}`),
			field: "spec.trigger.schedule.timeZone", wish: "must be the name of an IANA time zone",
		},
		"no exhibition": {
			sample: sample, create: `spec: {trigger: {exhibition: {series: null}}}`,
			field: "spec.trigger.exhibition", wish: "exactly one of the fields in [series exhibitionName] must be set",
		},
		"a series and an exhibition": {
			sample: sample, create: `spec: {trigger: {exhibition: {exhibitionName: farnborough-2026}}}`,
			field: "spec.trigger.exhibition", wish: "exactly one of the fields in [series exhibitionName] must be set",
		},
		"a series with spaces around it": {
			sample: sample, create: `spec: {trigger: {exhibition: {series: " Farnborough"}}}`,
			field: "spec.trigger.exhibition.series", wish: "must be the name of a series",
		},
		"a series without a name": {
			sample: sample, create: `spec: {trigger: {exhibition: {series: ""}}}`,
			field: "spec.trigger.exhibition.series", wish: "at least 1 chars long",
		},
		"a series too long": {
			sample: sample, create: `spec: {trigger: {exhibition: {series: ` + strings.Repeat("x", 101) + `}}}`,
			field: "spec.trigger.exhibition.series", wish: "may not be more than 100",
		},
		"a title for an exhibition's name": {
			sample: sample, create: `spec: {trigger: {exhibition: {series: null, exhibitionName: Farnborough 2026}}}`,
			field: "spec.trigger.exhibition.exhibitionName", wish: "must be the name of a resource in this namespace",
		},
		"an anchor is missing": {
			sample: sample, create: `spec: {trigger: {exhibition: {anchor: null}}}`,
			field: "spec.trigger.exhibition.anchor", wish: "Required value",
		},
		"a date for an anchor": {
			sample: sample, create: `spec: {trigger: {exhibition: {anchor: "2026-07-20"}}}`,
			field: "spec.trigger.exhibition.anchor", wish: "must begin with a letter and have only letters",
		},
		"more than ten years before": {
			sample: sample, create: `spec: {trigger: {exhibition: {offsetDays: -3651}}}`,
			field: "spec.trigger.exhibition.offsetDays", wish: "greater than or equal to -3650",
		},
		"more than ten years after": {
			sample: sample, create: `spec: {trigger: {exhibition: {offsetDays: 3651}}}`,
			field: "spec.trigger.exhibition.offsetDays", wish: "less than or equal to 3650",
		},
		"an hour of one digit": {
			sample: sample, create: `spec: {trigger: {exhibition: {at: "9:00"}}}`,
			field: "spec.trigger.exhibition.at", wish: "must be a time of day as HH:MM, from 00:00 to 23:59",
		},
		"an anniversary of nothing": {
			sample: sample, create: trigger(`anniversary: {at: "09:00"}`),
			field: "spec.trigger.anniversary.field", wish: "Required value",
		},
		"an unknown anniversary": {
			sample: sample, create: trigger(`anniversary: {field: NameDay}`),
			field: "spec.trigger.anniversary.field",
			wish:  `supported values: "Birthday", "FoundingDay", "FirstParticipation"`,
		},
		"a minute that the hour lacks": {
			sample: sample, create: trigger(`anniversary: {field: Birthday, at: "09:60"}`),
			field: "spec.trigger.anniversary.at", wish: "must be a time of day as HH:MM, from 00:00 to 23:59",
		},
		"a transition of no segment": {
			sample: sample, create: trigger(`segment: {transition: Entered}`),
			field: "spec.trigger.segment.segmentName", wish: "Required value",
		},
		"a segment of another namespace": {
			sample: sample, create: trigger(`segment: {segmentName: expo/friends, transition: Entered}`),
			field: "spec.trigger.segment.segmentName", wish: "must be the name of a resource in this namespace",
		},
		"a segment without a transition": {
			sample: sample, create: trigger(`segment: {segmentName: friends-at-risk}`),
			field: "spec.trigger.segment.transition", wish: "Required value",
		},
		"an unknown transition": {
			sample: sample, create: trigger(`segment: {segmentName: friends-at-risk, transition: Stayed}`),
			field: "spec.trigger.segment.transition", wish: `supported values: "Entered", "Left"`,
		},
		"transitions collected for too short": {
			sample: sample, create: trigger(`segment: {segmentName: friends-at-risk, transition: Left, batchSeconds: 9}`),
			field: "spec.trigger.segment.batchSeconds", wish: "greater than or equal to 10",
		},
		"transitions collected for too long": {
			sample: sample, create: trigger(`segment: {segmentName: friends-at-risk, transition: Left, batchSeconds: 86401}`),
			field: "spec.trigger.segment.batchSeconds", wish: "less than or equal to 86400",
		},
		"a fact of no kind": {
			sample: sample, create: trigger(`fact: {batchSeconds: 300}`),
			field: "spec.trigger.fact.kind", wish: "Required value",
		},
		"a fact that nobody records": {
			sample: sample, create: trigger(`fact: {kind: ComplaintForgotten}`),
			field: "spec.trigger.fact.kind", wish: `supported values: "ComplaintOpened", "ComplaintResolved"`,
		},
		"facts collected for too short": {
			sample: sample, create: trigger(`fact: {kind: TierChanged, batchSeconds: 9}`),
			field: "spec.trigger.fact.batchSeconds", wish: "greater than or equal to 10",
		},
		"facts collected for too long": {
			sample: sample, create: trigger(`fact: {kind: TierChanged, batchSeconds: 86401}`),
			field: "spec.trigger.fact.batchSeconds", wish: "less than or equal to 86400",
		},
	})
}
