#!/usr/bin/env bash
# Part of hack/demo.sh: presses the button to unsubscribe of a mail in the sink, and sends the
# next letter about the same topic.
set -euo pipefail
cd "$(dirname "$0")/../.."

go build -o dist/demo/mails ./hack/demo/mails
# That is done once.
if ! kubectl get out newcomers -n fairlead-system >/dev/null 2>&1; then
  dist/demo/mails -subject 'Thank you for 1 edition' -unsubscribe >dist/demo/unsubscribed
fi
who=$(cat dist/demo/unsubscribed)
echo "The button of the mail program was pressed in the letter thank-you to $who. Then comes the next one, to all who came once:"
kubectl apply -f hack/demo/newcomers.yaml
kubectl wait -n fairlead-system out/newcomers --for=condition=Complete --timeout=3m >/dev/null
kubectl get out newcomers -n fairlead-system
kubectl get out newcomers -n fairlead-system -o jsonpath='{.status.audience.matched}{" match; not written to: "}{range .status.audience.dropped[*]}{.reason}{" "}{.count}{"  "}{end}{"\n"}'
dist/demo/mails -subject 'How we can help' >dist/demo/helped
if grep -qxF "$who" dist/demo/helped; then
  echo "$who was written to all the same." >&2
  exit 1
fi
