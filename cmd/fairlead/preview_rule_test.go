package main

import (
	"strings"
	"testing"

	"github.com/fairlead/fairlead/test/mailsink"
)

// ruleManifest is of a rule; TRIGGER stands for what it is due by.
const ruleManifest = `
---
apiVersion: crm.fairlead.dev/v1alpha1
kind: Exhibition
metadata: {name: fair-2099}
spec: {storeName: crm, series: Fair, edition: "2099", title: Fair 2099, opens: "2099-07-20", closes: "2099-07-24", venue: {timeZone: Europe/London}}
---
apiVersion: crm.fairlead.dev/v1alpha1
kind: CampaignRule
metadata: {name: reminder}
spec:
  storeName: crm
  objective: Retain
  trigger: {TRIGGER}
  audience: {include: [{segmentName: all}]}
  outreach: {channelName: mail, topic: service, messages: [{locale: en, subject: "SUBJECT", text: "x"}]}
`

// TestPreviewOfRule: a rule is shown as it would be if it were due now.
func TestPreviewOfRule(t *testing.T) {
	p := newPreviewed(t, newSQLite(t), mailsink.Options{})
	for _, test := range []struct {
		trigger, subject string
		code             int
		want             string
	}{
		{`exhibition: {series: Fair, anchor: Opens}`, "{{ .Exhibition.Title }}", exitOK, "Subject: Fair 2099\n"},
		{`exhibition: {exhibitionName: fair-2026, anchor: Opens}`, "{{ .Exhibition.Title }}, {{ .Series.Name }}", exitOK, "Subject: Fair 2026, Fair\n"},
		{`anniversary: {field: Birthday}`, "{{ .Series.Name }}", exitOK, "Subject: Fair\n"},
		{`anniversary: {field: Birthday}`, "{{ .Exhibition.Title }}", exitFailed, "nothing would be sent of the CampaignRule reminder: "},
		{`exhibition: {exhibitionName: fair-2027, anchor: Opens}`, "x", exitFailed, "Waiting for the Exhibition fair-2027"},
		{`exhibition: {series: Fete, anchor: Opens}`, "{{ .Exhibition.Title }}", exitFailed, "it is about no exhibition"},
	} {
		file := write(t, "rule.yaml", p.manifests+strings.NewReplacer("{TRIGGER}", "{"+test.trigger+"}", "SUBJECT", test.subject).Replace(ruleManifest))
		code, out, said := runCaptured(t, "preview", "--store", p.url, "-f", file, "--rule", "reminder", "--customer", search(t, p.url, "Falcon")[0].Code, "-o", "text")
		if code != test.code || !strings.Contains(out+said, test.want) {
			t.Errorf("%s, %s: exit code %d, it printed\n%s\nand said %s\nwant %q", test.trigger, test.subject, code, out, said, test.want)
		}
	}
	file := write(t, "rule.yaml", p.manifests)
	if code, _, said := runCaptured(t, "preview", "--store", p.url, "-f", file, "--rule", "reminder", "--customer", "A"); code != exitUsage || !strings.Contains(said, "there is no CampaignRule called reminder") {
		t.Errorf("exit code %d, it said %s", code, said)
	}
}

const crewClub = `
apiVersion: crm.fairlead.dev/v1alpha1
kind: LoyaltyProgram
metadata: {name: crew-club, namespace: expo}
spec: {storeName: crm, accrual: [{name: training, fact: Training, points: "20"}], tiers: [{name: Bronze, fromPoints: 0}]}
`

// TestPreviewOfSample: the sample speaks to members of the sample's program, and to others.
func TestPreviewOfSample(t *testing.T) {
	inBoth(t, func(t *testing.T, newStore func(*testing.T) string) {
		p := newPreviewed(t, newStore(t), mailsink.Options{})
		for _, statement := range []string{
			`INSERT INTO segment (name, definition, baseline, baseline_transition, sequence, transition, day, members)
				VALUES ('relationship', '', 1, 0, 0, 0, 0, 2), ('not-yet-booked', '', 1, 0, 0, 0, 0, 2), ('friends-at-risk', '', 1, 0, 0, 0, 0, 0)`,
			`INSERT INTO segment_member (segment, customer_id, class, entered_at) SELECT 'relationship', p.id, 'TrueFriend', 0 FROM party p`,
			`INSERT INTO segment_member (segment, customer_id, class, entered_at) SELECT 'not-yet-booked', p.id, '', 0 FROM party p`,
			`INSERT INTO consent (id, source_id, external_key, person_id, person_record_id, topic, medium, legal_basis, given, digest, import_id)
				SELECT p.id, 1, p.code, p.id, p.id, 'promotions', 'Email', 'Consent', 0, 0, 0 FROM party p`,
			`INSERT INTO loyalty_program (id, name, terms) VALUES (1, 'exhibitor-club', '{"expireAfterMonths":60,"tiers":[{"name":"Bronze","from":0},{"name":"Silver","from":400000000,"boothDiscountPercent":5}]}')`,
			`INSERT INTO loyalty_member (program_id, customer_id, tier, tier_points, balance, earned, adjusted, redeemed, expired, unearned) SELECT 1, p.id, 'Silver', 400000000, 400000000, 400000000, 0, 0, 0, 0 FROM party p WHERE p.name = 'Falcon'`,
		} {
			if _, err := connect(t, p.url).ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		const told = "As a Silver member your stand is 5 % off until the end of the month."
		args := func(name string, more ...string) []string {
			return append([]string{"preview", "--store", p.url, "-f", "../../config/samples", "--rule", "rebook-friends", "--customer", search(t, p.url, name)[0].Code, "-o", "text"}, more...)
		}
		if out := must(t, exitOK, args("Falcon")...); !strings.Contains(out, told) {
			t.Errorf("for a member it printed\n%s", out)
		}
		if out := must(t, exitOK, args("Hobby")...); !strings.Contains(out, "Dear Hobby") || strings.Contains(out, "member") {
			t.Errorf("for somebody else it printed\n%s", out)
		}
		second := write(t, "second.yaml", crewClub)
		if code, out, said := runCaptured(t, args("Falcon", "-f", second)...); code != exitFailed || out != "" || !strings.Contains(said, "the store has several LoyaltyPrograms, crew-club, exhibitor-club: name one in spec.outreach.loyaltyProgramName") {
			t.Errorf("of two programs: exit code %d, it printed %s and said %s", code, out, said)
		}
		elsewhere := write(t, "elsewhere.yaml", strings.Replace(crewClub, "namespace: expo", "namespace: other", 1))
		if out := must(t, exitOK, args("Falcon", "-f", elsewhere)...); !strings.Contains(out, told) {
			t.Errorf("with a program of another namespace it printed\n%s", out)
		}
	})
}
