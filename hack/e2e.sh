#!/usr/bin/env bash
# make e2e: pages in a real browser, the story of make demo on both databases, and the tests of
# test/e2e in a local cluster, which is removed again unless it was up before.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n==> %s\n' "$*"; }

hack/packages.sh chromium
step "Pages in a real browser"
go test -tags browser -count=1 -v ./test/browser/...
make bin/cluster
bin/cluster build
if bin/cluster status >/dev/null 2>&1; then
  echo "The cluster is up already and stays up afterwards. So no test of its crashes, and none that uninstalls Fairlead."
else
  # Of a cluster that was cut short there may be something left.
  bin/cluster down
  trap 'code=$?; bin/cluster down || code=1; exit $code' EXIT
  step "Tests of the cluster: whatever kills its start, nothing is left"
  go -C hack/cluster test -tags e2e -count=1 -v -run Crash .
  for store in sqlite postgres; do
    step "The story of make demo on $store, told, uninstalled, and told again"
    bin/cluster up
    (eval "$(bin/cluster env)" && STORE=$store go test -tags e2e -count=1 -v -timeout 30m -run '^TestStory$' ./test/e2e)
    bin/cluster down
  done
fi
hack/deploy.sh
hack/prometheus.sh
hack/mailsink.sh
eval "$(bin/cluster env)"
step "Tests"
go test -tags e2e -count=1 -v -timeout 30m ./test/e2e/...
