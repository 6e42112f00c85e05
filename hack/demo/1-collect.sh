#!/usr/bin/env bash
# Part of hack/demo.sh: customers come in.
set -euo pipefail
cd "$(dirname "$0")/../.."
. hack/demo/story.sh

title "1 of 4: Collect. Who are our customers, and what have they done?"
step "A store for them, declared as every other resource, on $STORE"
why "The manager connects, makes the schema and keeps it; customers live there and never in Kubernetes."
kubectl create namespace "$namespace" --dry-run=client -o yaml | kubectl apply -f - >/dev/null
kubectl label namespace "$namespace" pod-security.kubernetes.io/enforce=restricted --overwrite >/dev/null
k apply -k config/tenant >/dev/null
if [ "$STORE" = postgres ]; then
  hack/postgres.sh "$namespace" airshows
  hack/postgres.sh "$namespace" made_up
fi
# The keys of links in mails: made once, and kept with the cluster, so that links hold when a
# namespace is made again.
keys=$kept/links.json
[ -e "$keys" ] || (umask 077 && dist/fairlead keyset create "$keys")
k create secret generic airshows-links --dry-run=client -o yaml --from-file=keyset="$keys" | k apply --server-side --force-conflicts -f - >/dev/null
k label secret airshows-links crm.fairlead.dev/credentials=true --overwrite >/dev/null
declare_all airshows
k wait cstore/airshows --for=condition=Ready --timeout=90s

step "The exhibitors of 29 air shows come in, from real lists"
why "A Job imports two files. Who is the same company in two lists is found by keys that are declared;" \
  "to import again changes nothing."
files airshow-lists data/airshows/{editions.yaml,exhibitions.csv,participations.yaml,exhibitors.csv.gz}
hack/demo/fairlead.sh import -f /data/editions.yaml /data/exhibitions.csv
hack/demo/fairlead.sh import -f /data/participations.yaml /data/exhibitors.csv.gz

step "Addresses, persons and consents, which are made up and lead nowhere"
# Who has their birthday is a matter of the day on which all this is made up.
[ -e "$kept/birthdays.csv" ] || go run ./hack/demo/contacts -into "$kept" data/airshows/exhibitors.csv.gz
files airshow-contacts hack/demo/contacts/{contacts,persons,affiliations,consents}.yaml "$kept"/{contacts,persons,consents}.csv
for list in contacts:contacts persons:persons affiliations:persons consents:consents; do
  hack/demo/fairlead.sh import -f "/data/${list%:*}.yaml" "/data/${list#*:}.csv" >/dev/null
done
# How many rows a file has below the names of its columns.
rows() { tail -n +2 "$1" | wc -l; }
echo "$(rows "$kept/contacts.csv") exhibitors have an address, $(rows "$kept/persons.csv") persons work for them, and $(grep -c ',yes$' "$kept/consents.csv") of $(rows "$kept/consents.csv") consents hold."

step "What follows from the lists for one exhibitor: who stays, and who drifts away"
why "Every measure of every customer is kept fresh by the manager, seconds after the facts."
hack/demo/fairlead.sh store refresh
hack/demo/fairlead.sh store check
# Martin Baker Aircraft Co. Ltd: numbers follow from the files.
hack/demo/fairlead.sh customer show FL-0003305 --measure missedEditions --facts 3
# Customers are counted every minute, and whenever somebody asks.
k annotate cstore/airshows crm.fairlead.dev/requested-at="$(date -Is)" --overwrite >/dev/null
counted() { [ "$(figure cstore/airshows '{.status.customers}')" -gt 0 ] && [ "$(figure cstore/airshows '{.status.contacts}')" -gt 0 ]; }
await 60 "Customers are not counted" counted
k get cstore airshows
