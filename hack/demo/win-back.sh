#!/usr/bin/env bash
# Part of hack/demo.sh: a rule that writes on birthdays, and whether it wrote to exactly those who
# have theirs today, by the file that says whom that was made up for.
set -euo pipefail
cd "$(dirname "$0")/../.."
. hack/demo/story.sh

declare_all win-back
if [ -e "$kept/congratulated" ]; then
  echo "The rule writes by itself to whose birthday it is."
  k wait crule/win-back-letter --for=condition=Ready --timeout=60s >/dev/null
  k get crule win-back-letter
  exit
fi
go build -o dist/demo/mails ./hack/demo/mails
grep ',yes$' "$kept/birthdays.csv" | cut -d, -f1 | sort >dist/demo/celebrating
# Where it is another day already, or still, there is an Outreach of its own.
came() {
  dist/demo/mails -subject 'Happy birthday' >dist/demo/congratulated
  [ "$(wc -l <dist/demo/congratulated)" -ge "$(wc -l <dist/demo/celebrating)" ]
}
await 90 "Not all letters came" came
k wait out -l crm.fairlead.dev/rule=win-back-letter --for=condition=Complete --timeout=90s >/dev/null
dist/demo/mails -subject 'Happy birthday' >dist/demo/congratulated
k get crule win-back-letter
k get out -l crm.fairlead.dev/rule=win-back-letter
if ! diff dist/demo/celebrating dist/demo/congratulated; then
  echo "Those should have got the letter, and did not (<), or the other way round (>)." >&2
  exit 1
fi
echo "Of $(tail -n +2 "$kept/persons.csv" | wc -l) persons $(tail -n +2 "$kept/birthdays.csv" | wc -l) have their birthday where they are. The letter went to the $(wc -l <dist/demo/celebrating) of them whose exhibitors stayed away, and to nobody else."
mv dist/demo/congratulated "$kept/congratulated"
