#!/usr/bin/env bash
# Runs the gateway of the demo's store in the local cluster, and what ends TLS before it, once the
# store is ready: https://10.217.0.1:30443
set -euo pipefail
cd "$(dirname "$0")/../.."
. hack/demo/story.sh

# What root builds here the user behind sudo must be able to build again.
mkdir -p bin dist/gateway
trap '[ -z "${SUDO_UID:-}" ] || chown -R "$SUDO_UID:$SUDO_GID" bin dist' EXIT

make -s bin/image
CGO_ENABLED=0 GOOS=linux go build -trimpath -buildvcs=false -ldflags '-s -w' -o dist/gateway/door ./hack/demo/door
# The tag follows the content, as Fairlead's does.
tag=$(sha256sum dist/gateway/door | cut -c1-12)
bin/image --name "door:$tag" --title "Door of the demo" --licenses Apache-2.0 --binary dist/gateway/door --output dist/gateway/door.tar
bin/cluster load dist/gateway/door.tar
image=$(kubectl get deployment fairlead-manager -n fairlead-system -o jsonpath='{.spec.template.spec.containers[0].image}')
cat >dist/gateway/kustomization.yaml <<YAML
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [../../hack/demo/gateway/$STORE]
images: [{name: fairlead, newTag: "${image##*:}"}, {name: door, newTag: "$tag"}]
YAML
k apply -k dist/gateway >/dev/null
k rollout status deployment/fairlead-gateway --timeout=120s
k rollout status deployment/door --timeout=60s
