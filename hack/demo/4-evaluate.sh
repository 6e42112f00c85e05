#!/usr/bin/env bash
# Part of hack/demo.sh: whether it helped, and what the next cycle begins with.
set -euo pipefail
cd "$(dirname "$0")/../.."
. hack/demo/story.sh

title "4 of 4: Evaluate. Who stayed, and did it help?"
step "Retention of the last edition, where everybody looks first"
why "Of those who were at the edition before and could come back, the share who did."
k get exhibitions

step "The same retention in Prometheus, and what the dashboards ask"
why "An SRE watches it as any other figure: /api/v1/query?query=fairlead_exhibition_retention_ratio"
# It scrapes every five seconds.
scraped() { [ "$(hack/prometheus/ask.sh fairlead_exhibition_retention_ratio | grep -c "^$namespace ")" -gt 0 ]; }
await 60 "Prometheus has no retention" scraped
hack/prometheus/ask.sh fairlead_exhibition_retention_ratio
echo
go run ./hack/demo/panels -namespace "$namespace" config/grafana/{organiser,segments,outreach,operations}.json

step "Points and tiers: a statement that adds up by hand, and what the next booth costs"
why "Each edition within five years is a hundred points."
k get loyal
hack/demo/fairlead.sh loyalty statement --program exhibitor-club --customer FL-0003305
hack/demo/fairlead.sh loyalty quote --program exhibitor-club --customer FL-0003305 --exhibition farnborough-2028 --price 12000.00

step "Did it help? The scorecard of a rule, beside those who heard nothing"
why "What a letter brought is known after the days that are given: on the first day, nothing yet."
files airshow-manifests "$kept"/manifests/*.yaml
hack/demo/fairlead.sh report --rule invite-regulars -f /data/rules.yaml
