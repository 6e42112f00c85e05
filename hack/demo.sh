#!/usr/bin/env bash
# make demo: the four-step cycle of an organiser's customer relations, in a real cluster on this
# machine. STORE=postgres tells the same story on PostgreSQL instead of SQLite.
set -euo pipefail
cd "$(dirname "$0")/.."

case ${STORE:=sqlite} in
sqlite) other=airshow ;;
*) other=fairlead-system ;;
esac
export STORE
make -s bin/cluster
if bin/cluster status >/dev/null 2>&1; then
  # Before anything of it is touched. A cluster without Fairlead knows no such kind.
  found=$(eval "$(bin/cluster env)" && kubectl get cstore airshows -n "$other" --ignore-not-found -o name 2>/dev/null) || true
  if [ -n "$found" ]; then
    echo "The cluster has the demo on the other database. Remove it first: make demo-down" >&2
    exit 1
  fi
fi
hack/deploy.sh
hack/prometheus.sh
hack/mailsink.sh
for part in 1-collect 2-plan 3-interact 4-evaluate summary; do
  "hack/demo/$part.sh"
done
