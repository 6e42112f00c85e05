#!/usr/bin/env bash
# Part of hack/demo.sh: a second ContactPolicy of the store, and a letter under it that only those
# get who agreed to it, and who are awake.
set -euo pipefail
cd "$(dirname "$0")/../.."
. hack/demo/story.sh

declare_all newsletter
# The hours are those that clocks show where the reader is.
k wait cpol airshows-newsletter --for=condition=Ready --timeout=60s >/dev/null
k get cpol airshows-newsletter
k patch cstore airshows --type=merge -p '{"spec":{"contactPolicyNames":["airshows-fair-use","airshows-newsletter"]}}'
settled() { [ "$(figure out/newsletter '{.status.phase}')" = Cancelled ] || [ "$(figure out/newsletter '{.status.messages.pending}')" = 0 ]; }
await 90 "The newsletter is under way" settled
k get out newsletter -o wide
audience newsletter
sent=$(figure out/newsletter '{.status.messages.sent}')
if [ -e "$kept/informed" ]; then
  echo "$sent were sent; it was declared before."
  exit
fi
figure out/newsletter '{.status.messages.sent}{" were sent, and "}{.status.messages.deferred}{" wait until the quiet hours of those who read them end, as it is night there: no pod waits with them.\n"}'
go build -o dist/demo/mails ./hack/demo/mails
dist/demo/mails -subject 'Newsletter' >dist/demo/informed
if [ "$(wc -l <dist/demo/informed)" != "$sent" ]; then
  echo "$(wc -l <dist/demo/informed) newsletters came, and $sent were sent." >&2
  exit 1
fi
if grep -vxFf <(grep ',yes$' "$kept/consents.csv" | cut -d, -f2) dist/demo/informed; then
  echo "They got the newsletter, and have not agreed to it." >&2
  exit 1
fi
mv dist/demo/informed "$kept/informed"
echo "All $sent who got it have agreed to it."
