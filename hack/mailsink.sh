#!/usr/bin/env bash
# Runs a mail server that sends nothing on in the local cluster, after hack/deploy.sh:
# what is sent to mailsink.mail.svc:2525 is shown on a page. It goes with the cluster.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n\033[1m==> %s\033[0m\n' "$*"; }

# What root builds here the user behind sudo must be able to build again.
mkdir -p bin dist/mailsink
trap '[ -z "${SUDO_UID:-}" ] || chown -R "$SUDO_UID:$SUDO_GID" bin dist' EXIT
eval "$(bin/cluster env)"

step "Mail sink: building the image"
make -s bin/image
CGO_ENABLED=0 GOOS=linux go build -trimpath -buildvcs=false -ldflags '-s -w' -o dist/mailsink/mailsink ./hack/mailsink
# The tag follows the content, as Fairlead's does.
tag=$(sha256sum dist/mailsink/mailsink | cut -c1-12)
bin/image --name "mailsink:$tag" --title "Mail sink" --licenses Apache-2.0 \
  --binary dist/mailsink/mailsink --output dist/mailsink.tar
bin/cluster load dist/mailsink.tar

step "Mail sink: deploying it"
cat >dist/mailsink/kustomization.yaml <<YAML
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [../../hack/mailsink]
images: [{name: mailsink, newTag: "$tag"}]
YAML
kubectl apply -k dist/mailsink
kubectl rollout status -n mail deployment/mailsink --timeout=120s
echo "The page, from this machine: http://10.217.0.1:30025"
