#!/usr/bin/env bash
# Runs a PostgreSQL in the local cluster, after hack/deploy.sh, and makes a database in it with the
# roles that a CustomerStore wants, each time it is called:
#   hack/postgres.sh NAMESPACE DATABASE
# The URLs stand in the namespace's Secrets DATABASE-database, -worker and -gateway. What is in the
# databases goes with the cluster.
set -euo pipefail
cd "$(dirname "$0")/.."
namespace=$1 database=$2

eval "$(bin/cluster env)"

programs=$(go run ./hack/postgres)
folder="${FAIRLEAD_CLUSTER_DIR:-/var/lib/fairlead-cluster}/volumes/postgres"
if ! kubectl get deployment postgres -n postgres >/dev/null 2>&1; then
  mkdir -p "$folder"
  chown 65532:65532 "$folder"
fi
image=$(kubectl get deployment fairlead-manager -n fairlead-system -o jsonpath='{.spec.template.spec.containers[0].image}')
sed "s|PROGRAMS|$programs|; s|FOLDER|$folder|; s|IMAGE|$image|" hack/postgres/postgres.yaml | kubectl apply -f - >/dev/null
kubectl rollout status -n postgres deployment/postgres --timeout=120s

# Passwords are made once, and kept with the data, so that a namespace which is made again has them.
for role in "$database" "${database}_worker" "${database}_gateway"; do
  secret="$folder/$role.password"
  [ -e "$secret" ] || (umask 077 && od -An -N24 -tx1 /dev/urandom | tr -d ' \n' >"$secret")
  printf "SELECT format('CREATE ROLE %%I LOGIN PASSWORD %%L', '%s', '%s') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '%s') \\\\gexec\n" "$role" "$(cat "$secret")" "$role"
done | cat - <(printf "SELECT format('CREATE DATABASE %%I OWNER %%I', '%s', '%s') WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '%s') \\\\gexec\n" "$database" "$database" "$database") |
  kubectl exec -i -n postgres deployment/postgres -- "$programs/psql" -q -h /run -U postgres -v ON_ERROR_STOP=1
for role in "$database" "${database}_worker" "${database}_gateway"; do
  secret="${database//_/-}-database${role#"$database"}"
  kubectl create secret generic "${secret//_/-}" -n "$namespace" --dry-run=client -o yaml \
    --from-literal=uri="postgres://$role:$(cat "$folder/$role.password")@postgres.postgres.svc:5432/$database?sslmode=disable" |
    kubectl apply --server-side --force-conflicts -f - >/dev/null
  kubectl label secret "${secret//_/-}" -n "$namespace" crm.fairlead.dev/credentials=true --overwrite >/dev/null
done
echo "Database $database: Secrets of its owner, its workers and its gateway are in the namespace $namespace."
