#!/usr/bin/env bash
# make demo: the four-step cycle of an organiser's customer relations, in a real cluster on this
# machine. STORE=postgres tells the same story on PostgreSQL instead of SQLite.
set -euo pipefail
cd "$(dirname "$0")/.."

hack/deploy.sh
hack/prometheus.sh
hack/mailsink.sh
. hack/demo/story.sh

other=airshow
[ "$STORE" = sqlite ] || other=fairlead-system
if [ -n "$(kubectl get cstore airshows -n "$other" --ignore-not-found -o name)" ]; then
  echo "The cluster has the demo on the other database. Remove it first: make demo-down" >&2
  exit 1
fi
for part in 1-collect 2-plan 3-interact 4-evaluate summary; do
  "hack/demo/$part.sh"
done
