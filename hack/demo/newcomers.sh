#!/usr/bin/env bash
# Part of hack/demo.sh: presses the button to unsubscribe of a mail in the sink, and sends the
# next letter about the same topic.
set -euo pipefail
cd "$(dirname "$0")/../.."
. hack/demo/story.sh

go build -o dist/demo/mails ./hack/demo/mails
# That is done once.
if ! [ -e "$kept/unsubscribed" ]; then
  dist/demo/mails -subject 'Thank you for 1 edition' -unsubscribe >dist/demo/unsubscribed
  mv dist/demo/unsubscribed "$kept/unsubscribed"
fi
who=$(cat "$kept/unsubscribed")
echo "The button of the mail program was pressed in the letter thank-you to $who. Then comes the next one, to all who came once:"
declare_all newcomers
k wait out/newcomers --for=condition=Complete --timeout=3m >/dev/null
k get out newcomers
audience newcomers
# The sink keeps the newest mails only: it is looked at once.
[ ! -e "$kept/helped" ] || exit 0
dist/demo/mails -subject 'How we can help' >dist/demo/helped
if [ "$(wc -l <dist/demo/helped)" != "$(figure out/newcomers '{.status.messages.sent}')" ]; then
  echo "$(wc -l <dist/demo/helped) letters came, and the run says something else." >&2
  exit 1
fi
if grep -qxF "$who" dist/demo/helped; then
  echo "$who was written to all the same." >&2
  exit 1
fi
mv dist/demo/helped "$kept/helped"
