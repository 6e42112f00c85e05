#!/usr/bin/env bash
# make e2e: pages in a real browser, and the tests of test/e2e in a local cluster, which
# is removed again unless it was up before.
set -euo pipefail
cd "$(dirname "$0")/.."

hack/packages.sh chromium
printf '\n==> Pages in a real browser\n'
go test -tags browser -count=1 -v ./test/browser/...
make bin/cluster
bin/cluster build
if bin/cluster status >/dev/null 2>&1; then
  echo "The cluster is up already and stays up afterwards. So no test of its crashes."
else
  # Of a cluster that was cut short there may be something left.
  bin/cluster down
  trap 'code=$?; bin/cluster down || code=1; exit $code' EXIT
  printf '\n==> Tests of the cluster: whatever kills its start, nothing is left\n'
  go -C hack/cluster test -tags e2e -count=1 -v -run Crash .
fi
hack/deploy.sh
hack/prometheus.sh
hack/mailsink.sh
eval "$(bin/cluster env)"
printf '\n==> Tests\n'
go test -tags e2e -count=1 -v -timeout 30m ./test/e2e/...
