#!/usr/bin/env bash
# Part of hack/demo.sh: a second ContactPolicy of the store, and a letter under it that only those
# get who agreed to it, and who are awake.
set -euo pipefail
cd "$(dirname "$0")/../.."

if kubectl get out newsletter -n fairlead-system >/dev/null 2>&1; then
  echo "It was sent already, and goes on where it is morning."
else
  sed "s/FROM/$(date -u -d '-9 hours' +%H:%M)/; s/TO/$(date -u -d '-150 minutes' +%H:%M)/" hack/demo/newsletter.yaml | kubectl apply -f -
fi
# The hours are those that clocks show where the reader is.
kubectl wait cpol airshows-newsletter -n fairlead-system --for=condition=Ready --timeout=60s >/dev/null
kubectl get cpol airshows-newsletter -n fairlead-system
kubectl patch cstore airshows -n fairlead-system --type=merge -p '{"spec":{"contactPolicyNames":["airshows-fair-use","airshows-newsletter"]}}'
for _ in {1..180}; do
  [ "$(kubectl get out newsletter -n fairlead-system -o jsonpath='{.status.messages.pending}')" = 0 ] && break
  sleep 0.5
done
kubectl get out newsletter -n fairlead-system -o wide
kubectl get out newsletter -n fairlead-system -o jsonpath='{.status.audience.matched}{" match; not written to: "}{range .status.audience.dropped[*]}{.reason}{" "}{.count}{"  "}{end}{"\n"}{.status.messages.sent}{" were sent, and "}{.status.messages.deferred}{" wait until the quiet hours of those who read them end, as it is night there: no pod waits with them.\n"}'
go build -o dist/demo/mails ./hack/demo/mails
dist/demo/mails -subject 'Newsletter' >dist/demo/informed
if grep -vxFf <(grep ',yes$' dist/demo/consents.csv | cut -d, -f2) dist/demo/informed; then
  echo "They got the newsletter, and have not agreed to it." >&2
  exit 1
fi
echo "All $(wc -l <dist/demo/informed) who got it have agreed to it."
