#!/usr/bin/env bash
# Runs a real Prometheus in the local cluster, after hack/deploy.sh: it scrapes the manager
# as docs/guides/monitoring.md says, and has the alerts of config/prometheus. It goes with
# the cluster.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n\033[1m==> %s\033[0m\n' "$*"; }

# What root builds here the user behind sudo must be able to build again.
mkdir -p bin dist/prometheus
trap '[ -z "${SUDO_UID:-}" ] || chown -R "$SUDO_UID:$SUDO_GID" bin dist' EXIT
eval "$(bin/cluster env)"

step "Prometheus: building what is missing (once, about six minutes)"
make -s bin/prometheus bin/image
# The tag follows the content, as Fairlead's does.
tag=$(sha256sum bin/prometheus | cut -c1-12)
bin/image --name "prometheus:$tag" --title Prometheus --source https://github.com/prometheus/prometheus \
  --licenses Apache-2.0 --binary bin/prometheus --output dist/prometheus.tar
bin/cluster load dist/prometheus.tar

step "Prometheus: deploying it, with the alerts of config/prometheus"
# Without the operator, rules are a file: what stands below spec.
sed '1,/^spec:$/d; s/^  //' config/prometheus/rules.yaml >dist/prometheus/rules.yaml
cat >dist/prometheus/kustomization.yaml <<YAML
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: monitoring
resources: [../../hack/prometheus]
configMapGenerator: [{name: prometheus-rules, files: [rules.yaml]}]
images: [{name: prometheus, newTag: "$tag"}]
YAML
kubectl apply -f hack/prometheus/managers.yaml
kubectl apply -k dist/prometheus
kubectl rollout status -n monitoring deployment/prometheus --timeout=120s
