#!/usr/bin/env bash
# make demo: Fairlead in a real cluster on this machine, with the samples.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n\033[1m==> %s\033[0m\n' "$*"; }

hack/deploy.sh
eval "$(bin/cluster env)"

step "The namespace expo becomes a tenant"
kubectl create namespace expo --dry-run=client -o yaml | kubectl apply -f -
kubectl label namespace expo pod-security.kubernetes.io/enforce=restricted --overwrite >/dev/null
kubectl apply -n expo -k config/tenant

step "The samples, as a user writes them"
kubectl apply -k config/samples

step "An approval, by the person it names: nobody can approve in another's name"
kubectl create rolebinding approvers -n expo --clusterrole=fairlead-approver --user=olga@airshow.example \
  --dry-run=client -o yaml | kubectl apply -f -
kubectl get outreachapproval opening-notice -n expo >/dev/null 2>&1 ||
  kubectl create --as=olga@airshow.example -f config/samples/80-approval.yaml

step "What the controllers made of them"
kubectl wait -n expo exhibition/farnborough-2026 --for=jsonpath='{.status.phase}' --timeout=60s >/dev/null
kubectl get fairlead -n expo

cat <<'TEXT'

The phase of farnborough-2026 follows its dates in the venue's time zone.
READY is False for want of a customer store: the controller of CustomerStores
is not built yet, and a reference that is not ready is waited for, not an error.

Look around:
  eval "$(bin/cluster env)"
  kubectl describe exhibition farnborough-2026 -n expo
  kubectl explain campaignrule.spec.trigger
  kubectl logs -n fairlead-system deployment/fairlead-manager
Remove everything:
  make demo-down
TEXT
