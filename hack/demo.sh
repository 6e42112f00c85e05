#!/usr/bin/env bash
# make demo: Fairlead in a real cluster on this machine, with the samples.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n\033[1m==> %s\033[0m\n' "$*"; }
# How many rows a file has below the names of its columns.
rows() { tail -n +2 "$1" | wc -l; }

hack/deploy.sh
hack/prometheus.sh
hack/mailsink.sh
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

step "The store crm of the samples waits for its Secrets, and says which"
kubectl wait -n expo cstore/crm --for=jsonpath='{.status.conditions[0].message}' --timeout=60s >/dev/null
kubectl get cstore crm -n expo -o jsonpath='{.status.conditions[?(@.type=="Ready")].message}{"\n"}'

step "A store on SQLite, and a Job that imports three air shows into it"
kubectl create configmap airshow-lists -n fairlead-system --dry-run=client -o yaml \
  --from-file=data/airshows/editions.yaml --from-file=data/airshows/exhibitions.csv \
  --from-file=data/airshows/participations.yaml --from-file=data/airshows/exhibitors.csv.gz |
  kubectl apply --server-side --force-conflicts -f -
image=$(kubectl get deployment fairlead-manager -n fairlead-system -o jsonpath='{.spec.template.spec.containers[0].image}')
mkdir -p dist/demo
cat >dist/demo/kustomization.yaml <<YAML
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [../../hack/demo]
images: [{name: fairlead, newTag: "${image##*:}"}]
YAML
# The keys of links in mails: made once, and kept out of any list.
if ! kubectl get secret airshows-links -n fairlead-system >/dev/null 2>&1; then
  (umask 077 && rm -f dist/demo/links.json && dist/fairlead keyset create dist/demo/links.json)
  kubectl create secret generic airshows-links -n fairlead-system --from-file=keyset=dist/demo/links.json
  kubectl label secret airshows-links -n fairlead-system crm.fairlead.dev/credentials=true
  rm dist/demo/links.json
fi
kubectl apply -f hack/demo/airshows.yaml
kubectl wait -n fairlead-system cstore/airshows --for=condition=Ready --timeout=90s
# A Job runs once; to import again, which changes nothing, it is made again.
kubectl delete job airshow-import -n fairlead-system --ignore-not-found
kubectl apply -k dist/demo
if ! kubectl wait -n fairlead-system job/airshow-import --for=condition=Complete --timeout=10m; then
  kubectl logs -n fairlead-system job/airshow-import --all-containers >&2
  exit 1
fi
kubectl logs -n fairlead-system job/airshow-import --all-containers
# Customers are counted every minute, and whenever somebody asks.
kubectl annotate -n fairlead-system cstore/airshows crm.fairlead.dev/requested-at="$(date -Is)" --overwrite >/dev/null
for _ in {1..60}; do
  [ "$(kubectl get -n fairlead-system cstore/airshows -o jsonpath='{.status.customers}')" -gt 0 ] && break
  sleep 1
done

step "Who stays, who drifts away: what follows from the lists for one exhibitor"
kubectl delete job airshow-profile -n fairlead-system --ignore-not-found
sed "s|image: fairlead\$|image: $image|" hack/demo/profile.yaml | kubectl apply -f -
if ! kubectl wait -n fairlead-system job/airshow-profile --for=condition=Complete --timeout=5m; then
  kubectl logs -n fairlead-system job/airshow-profile --all-containers >&2
  exit 1
fi
kubectl logs -n fairlead-system job/airshow-profile -c check
kubectl logs -n fairlead-system job/airshow-profile -c show

step "Audiences as reviewed code: who belongs, by expressions over those figures"
kubectl apply -f hack/demo/segments.yaml
kubectl wait -n fairlead-system cseg --all --for=condition=Ready --timeout=90s >/dev/null
kubectl get cseg -n fairlead-system -o wide

step "An outreach, from a reviewed letter to the wire: first addresses, which are made up and lead nowhere"
# Who has their birthday is a matter of the day on which all this was made up.
{ [ -e dist/demo/birthdays.csv ] && kubectl get configmap airshow-contacts -n fairlead-system >/dev/null 2>&1; } ||
  go run ./hack/demo/contacts -into dist/demo data/airshows/exhibitors.csv.gz
echo "$(rows dist/demo/contacts.csv) exhibitors, $(rows dist/demo/persons.csv) persons, $(rows dist/demo/consents.csv) consents, $(grep -c ',yes$' dist/demo/consents.csv) of which hold"
kubectl create configmap airshow-contacts -n fairlead-system --dry-run=client -o yaml \
  --from-file=hack/demo/contacts/contacts.yaml --from-file=hack/demo/contacts/persons.yaml \
  --from-file=hack/demo/contacts/affiliations.yaml --from-file=hack/demo/contacts/consents.yaml \
  --from-file=dist/demo/contacts.csv --from-file=dist/demo/persons.csv --from-file=dist/demo/consents.csv |
  kubectl apply --server-side --force-conflicts -f -
kubectl delete job airshow-contacts -n fairlead-system --ignore-not-found
sed "s|image: fairlead\$|image: $image|" hack/demo/contacts.yaml | kubectl apply -f -
if ! kubectl wait -n fairlead-system job/airshow-contacts --for=condition=Complete --timeout=5m; then
  kubectl logs -n fairlead-system job/airshow-contacts --all-containers >&2
  exit 1
fi
kubectl apply -f hack/demo/outreach.yaml
# It is sent once: the second time it is complete already.
kubectl wait -n fairlead-system out/thank-you --for=condition=Complete --timeout=1s >/dev/null 2>&1 ||
  kubectl wait -n fairlead-system out/thank-you --for=jsonpath='{.status.phase}'=AwaitingApproval --timeout=90s >/dev/null
kubectl get out thank-you -n fairlead-system -o jsonpath='{.status.conditions[?(@.type=="Ready")].message}{"\n"}'

step "So large a run waits for a person, who approves this plan and no other"
kubectl create rolebinding approvers -n fairlead-system --clusterrole=fairlead-approver --user=olga@airshow.example \
  --dry-run=client -o yaml | kubectl apply -f -
kubectl get outreachapproval thank-you -n fairlead-system >/dev/null 2>&1 ||
  kubectl create --as=olga@airshow.example -f - <<YAML
apiVersion: crm.fairlead.dev/v1alpha1
kind: OutreachApproval
metadata: {name: thank-you, namespace: fairlead-system}
spec:
  outreachName: thank-you
  planDigest: "$(kubectl get out thank-you -n fairlead-system -o jsonpath='{.status.planDigest}')"
  decision: Approved
  approvedBy: olga@airshow.example
YAML
kubectl wait -n fairlead-system out/thank-you --for=condition=Complete --timeout=3m >/dev/null
kubectl get out thank-you -n fairlead-system -o wide
kubectl get out thank-you -n fairlead-system -o jsonpath='{.status.audience.matched}{" match; not written to: "}{range .status.audience.dropped[*]}{.reason}{" "}{.count}{"  "}{end}{"\n"}'
printf 'Mails in the sink: '
kubectl get --raw /api/v1/namespaces/mail/services/mailsink:http/proxy/api/counts | grep -o '"total": *[0-9]*' | grep -o '[0-9]*'

step "The way out: somebody follows the link of a mail, and is not in the next run"
hack/demo/gateway.sh
hack/demo/newcomers.sh

step "Campaigns as reviewed code: two rules, due half a year before the next edition opens, to the same regulars"
sed "s/OPENS/$(date -u -d '+180 days' +%F)/; s/CLOSES/$(date -u -d '+184 days' +%F)/" hack/demo/rules.yaml | kubectl apply -f -
for rule in invite-regulars remind-regulars; do
  kubectl wait -n fairlead-system "crule/$rule" --for=jsonpath='{.status.lastOutreachName}' --timeout=90s >/dev/null
  run=$(kubectl get crule "$rule" -n fairlead-system -o jsonpath='{.status.lastOutreachName}')
  # That of a rule that was deleted and applied again is gone, and is not made again.
  ! kubectl get -n fairlead-system "out/$run" >/dev/null 2>&1 ||
    kubectl wait -n fairlead-system "out/$run" --for=condition=Complete --timeout=3m >/dev/null
done
kubectl get crule,out -n fairlead-system
echo "Nobody was offered something twice: the cap of the ContactPolicy holds over all rules. Deleted and applied again, a rule sends nothing:"
kubectl delete crule invite-regulars -n fairlead-system --cascade=foreground
sed "s/OPENS/$(date -u -d '+180 days' +%F)/; s/CLOSES/$(date -u -d '+184 days' +%F)/" hack/demo/rules.yaml | kubectl apply -f -
kubectl wait -n fairlead-system crule/invite-regulars --for=condition=Ready --timeout=60s >/dev/null
kubectl get crule invite-regulars -n fairlead-system

step "A personal note on the day itself: birthdays of persons at exhibitors who stayed away"
hack/demo/win-back.sh

step "Only who agreed, and nobody at night: a newsletter under a second policy"
hack/demo/newsletter.sh

step "Models of loyalty, on made-up customers: real lists have neither costs nor surveys nor rivals"
kubectl apply -f hack/demo/made-up.yaml
kubectl wait -n fairlead-system cstore/made-up --for=condition=Ready --timeout=90s
kubectl delete job made-up-generate -n fairlead-system --ignore-not-found
sed "s|image: fairlead\$|image: $image|" hack/demo/generate.yaml | kubectl apply -f -
if ! kubectl wait -n fairlead-system job/made-up-generate --for=condition=Complete --timeout=5m; then
  kubectl logs -n fairlead-system job/made-up-generate >&2
  exit 1
fi
# Profiles follow within seconds, and members follow profiles.
for _ in {1..60}; do
  [ "$(kubectl get -n fairlead-system cseg/made-up-relationship -o jsonpath="{.status.members}")" -gt 0 ] 2>/dev/null && break
  sleep 1
done
kubectl wait -n fairlead-system cseg --all --for=condition=Ready --timeout=90s >/dev/null
kubectl get cseg -n fairlead-system -o wide
kubectl get cseg -n fairlead-system made-up-loyalty -o jsonpath='{range .status.unknown[*]}{.members}{" of its members are Unknown for want of "}{.missing}{"\n"}{end}'

step "What the controllers made of it"
kubectl get cstore -A
kubectl get fairlead -n expo
kubectl get exhibitions -A

step "The same retention, as Prometheus tells it (/api/v1/query?query=fairlead_exhibition_retention_ratio)"
# It scrapes every five seconds.
for _ in {1..60}; do
  [ "$(hack/prometheus/ask.sh fairlead_exhibition_retention_ratio | wc -l)" -gt 1 ] && break
  sleep 1
done
hack/prometheus/ask.sh fairlead_exhibition_retention_ratio

cat <<'TEXT'

The store airshows holds the exhibitors of 29 editions; the Exhibition in its
namespace is READY. The letter thank-you went through the pods of a Job to the mail
sink, once to each; a tenth was held out. The newsletter goes on by itself, where it is
morning. The store made-up holds customers that nobody is. The store crm waits for its
Secrets, and the Exhibition of the samples for the store: a reference that is not there
yet is no error.

Look around:
  eval "$(bin/cluster env)"
  kubectl describe cstore airshows -n fairlead-system
  kubectl describe exhibition farnborough-2026 -n expo
  kubectl describe crule invite-regulars -n fairlead-system
  kubectl explain campaignrule.spec.trigger
  kubectl logs -n fairlead-system deployment/fairlead-manager
  hack/prometheus/ask.sh fairlead_exhibition_responses
  kubectl get out -n fairlead-system -o wide
The mails, from this machine; their links lead to https://10.217.0.1:30443, which has a
certificate of its own making:
  http://10.217.0.1:30025
Prometheus, from this machine (for a Grafana too: docs/guides/monitoring.md):
  http://10.217.0.1:30090/api/v1/query?query=fairlead_customerstore_up
  http://10.217.0.1:30090/api/v1/alerts
Remove everything:
  make demo-down
TEXT
