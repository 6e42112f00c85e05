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
