#!/usr/bin/env bash
# Part of hack/demo.sh: what there is now, where to look, and what to try next.
set -euo pipefail
cd "$(dirname "$0")/../.."
. hack/demo/story.sh

# Each by itself, so that one that cannot be had ends the demo and leaves no blank.
customers=$(figure cstore/airshows '{.status.customers}')
made_up=$(figure cstore/made-up '{.status.customers}')
lost=$(figure cseg/not-back-in-2026 '{.status.members}')
lapsed=$(figure cseg/lapsed-exhibitors '{.status.members}')
points=$(figure loyal/exhibitor-club '{.status.pointsOutstanding}')
tiers=$(figure loyal/exhibitor-club '{range .status.tiers[*]}{.name}{" "}{.members}{", "}{end}')
retention=$(figure exhibition/farnborough-2026 '{.status.retention[0].ratio}')
# What the ledgers say: of Outreaches of their own, and of rules over all their runs.
sent=$({
  k get out --no-headers -o custom-columns=RULE:.spec.ruleName,SENT:.status.messages.sent
  k get crule --no-headers -o custom-columns=OF:.kind,SENT:.status.totals.sent | sed 's/^/rules: /'
} | awk '$1 == "<none>" { sum += $2 } $1 == "rules:" { sum += $3 } END { print sum }')
mails=$(kubectl get --raw /api/v1/namespaces/mail/services/mailsink:http/proxy/api/counts | grep -o '"total": *[0-9]*' | grep -o '[0-9]*')
title "What you have now"
cat <<TEXT
Customers      $customers in the store airshows on $STORE, $made_up made-up ones beside it
Who stays      retention of Farnborough 2026: $retention of those who were there in 2024
Who drifts     $lost are not back in 2026, $lapsed have missed two editions or more
Who heard what $mails mails came to the sink; the ledgers have $sent as sent
Loyalty        ${tiers%, }; $points points outstanding

Open, on this machine:
  the mails             http://10.217.0.1:30025 (their links lead to https://10.217.0.1:30443,
                        whose certificate is of its own making)
  Prometheus            http://10.217.0.1:30090/api/v1/query?query=fairlead_exhibition_retention_ratio
  alerts                http://10.217.0.1:30090/api/v1/alerts
  for a Grafana         docs/guides/monitoring.md

Try next:
  eval "\$(bin/cluster env)"
  kubectl get fairlead -n $namespace
  kubectl describe crule invite-regulars -n $namespace
  # why somebody belongs to an audience, clause by clause
  ${again}hack/demo/fairlead.sh explain --customer FL-0003305 -f /data/segments.yaml --segment lapsed-exhibitors
  # redeem points; with the same reference once only
  ${again}hack/demo/fairlead.sh loyalty redeem --program exhibitor-club --customer FL-0003305 --points 100 --reference INV-1 --reason "hall 4"
  # change an audience, and see who comes and goes
  kubectl edit cseg lapsed-exhibitors -n $namespace
  # a mistake is refused, with the field and what is wanted
  kubectl patch exhibition farnborough-2026 -n $namespace --type=merge -p '{"spec":{"closes":"2026-07-19"}}'
  # kill what sends, or what decides: nothing is lost
  kubectl delete pod -n fairlead-system -l app.kubernetes.io/component=manager
  # one resource of every kind, to copy from
  ls config/samples
Remove everything:
  make demo-down
TEXT
