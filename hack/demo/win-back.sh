#!/usr/bin/env bash
# Part of hack/demo.sh: a rule that writes on birthdays, and whether it wrote to exactly those who
# have theirs today, by the file that says whom that was made up for.
set -euo pipefail
cd "$(dirname "$0")/../.."

if kubectl get crule win-back-letter -n fairlead-system >/dev/null 2>&1; then
  echo "The rule is there, and writes by itself to whose birthday it is."
  kubectl get crule win-back-letter -n fairlead-system
  exit
fi
go build -o dist/demo/mails ./hack/demo/mails
grep ',yes$' dist/demo/birthdays.csv | cut -d, -f1 | sort >dist/demo/celebrating
kubectl apply -f hack/demo/win-back.yaml
# Where it is another day already, or still, there is an Outreach of its own.
for _ in {1..180}; do
  dist/demo/mails -subject 'Happy birthday' >dist/demo/congratulated
  [ "$(wc -l <dist/demo/congratulated)" -ge "$(wc -l <dist/demo/celebrating)" ] && break
  sleep 0.5
done
kubectl wait -n fairlead-system out -l crm.fairlead.dev/rule=win-back-letter --for=condition=Complete --timeout=90s >/dev/null
dist/demo/mails -subject 'Happy birthday' >dist/demo/congratulated
kubectl get crule win-back-letter -n fairlead-system
kubectl get out -n fairlead-system -l crm.fairlead.dev/rule=win-back-letter
if ! diff dist/demo/celebrating dist/demo/congratulated; then
  echo "Those should have got the letter, and did not (<), or the other way round (>)." >&2
  exit 1
fi
echo "Of $(tail -n +2 dist/demo/persons.csv | wc -l) persons $(tail -n +2 dist/demo/birthdays.csv | wc -l) have their birthday where they are. The letter went to the $(wc -l <dist/demo/celebrating) of them whose exhibitors stayed away, and to nobody else."
