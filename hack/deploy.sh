#!/usr/bin/env bash
# From a Debian machine with Go to a local cluster with Fairlead deployed in it: for stores on
# SQLite, or with STORE=postgres on PostgreSQL. Every step says what it does; a step that is
# done already is quick.
set -euo pipefail
cd "$(dirname "$0")/.."

case ${STORE:=sqlite} in
sqlite) overlay=config/overlays/embedded ;;
postgres) overlay=config/overlays/postgres ;;
*) echo "STORE=$STORE: there are sqlite, which is the default, and postgres" >&2 && exit 2 ;;
esac

step() { printf '\n\033[1m==> %s\033[0m\n' "$*"; }

hack/packages.sh

# What root builds here the user behind sudo must be able to build again.
mkdir -p bin dist
trap '[ -z "${SUDO_UID:-}" ] || chown -R "$SUDO_UID:$SUDO_GID" bin dist' EXIT

step "Kubernetes: building what is missing (once, about ten minutes), starting it"
make bin/cluster
bin/cluster up
eval "$(bin/cluster env)"

step "Fairlead: building the image"
make dist/fairlead dist/fairlead-send
# The tag follows the content, so that pods are replaced only by something new.
tag=$(cat dist/fairlead dist/fairlead-send | sha256sum | cut -c1-12)
make -s image IMAGE="fairlead:$tag"
bin/cluster load dist/fairlead.tar

if [ "$STORE" = sqlite ]; then
  step "A volume for stores on SQLite: a folder of the node, removed with the cluster"
  volume="${FAIRLEAD_CLUSTER_DIR:-/var/lib/fairlead-cluster}/volumes/fairlead-sqlite"
  mkdir -p "$volume"
  # After an uninstallation the volume is kept, and waits for a claim that is gone.
  [ "$(kubectl get pv fairlead-sqlite -o jsonpath='{.status.phase}' --ignore-not-found)" != Released ] || kubectl delete pv fairlead-sqlite
  sed "s|FOLDER|$volume|" hack/volume.yaml | kubectl apply -f -
fi

step "Fairlead: deploying $overlay"
mkdir -p dist/deploy
cat >dist/deploy/kustomization.yaml <<YAML
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [../../$overlay]
images: [{name: fairlead, newTag: "$tag"}]
YAML
kubectl apply -k dist/deploy
kubectl wait --for=condition=Established crd -l app.kubernetes.io/part-of=fairlead --timeout=60s >/dev/null
kubectl rollout status -n fairlead-system deployment/fairlead-manager --timeout=120s
kubectl get pods -n fairlead-system -o wide
