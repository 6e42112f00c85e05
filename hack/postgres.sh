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
volumes="${FAIRLEAD_CLUSTER_DIR:-/var/lib/fairlead-cluster}/volumes"
# What belongs to the pod, and what it must not see.
folder=$volumes/postgres passwords=$volumes/postgres-passwords
[ -d "$folder" ] || install -d -m 0700 -o 65532 -g 65532 "$folder"
install -d -m 0700 "$passwords"
# A new build of Fairlead is no reason to start the database again.
image=$(kubectl get deployment postgres -n postgres --ignore-not-found -o jsonpath='{.spec.template.spec.containers[0].image}' 2>/dev/null) || true
[ -n "$image" ] || image=$(kubectl get deployment fairlead-manager -n fairlead-system -o jsonpath='{.spec.template.spec.containers[0].image}')
sed "s|PROGRAMS|$programs|; s|FOLDER|$folder|; s|IMAGE|$image|" hack/postgres/postgres.yaml | kubectl apply -f - >/dev/null
kubectl rollout status -n postgres deployment/postgres --timeout=120s

# Passwords are made once, so that a namespace which is made again has the same.
sql=""
for role in "$database" "${database}_worker" "${database}_gateway"; do
  if ! [ -s "$passwords/$role" ]; then
    (umask 077 && od -An -N24 -tx1 /dev/urandom | tr -d ' \n' >"$passwords/$role.new")
    mv "$passwords/$role.new" "$passwords/$role"
  fi
  sql+="SELECT format('CREATE ROLE %I LOGIN PASSWORD %L', '$role', '$(cat "$passwords/$role")') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '$role') \\gexec"$'\n'
done
sql+="SELECT format('CREATE DATABASE %I OWNER %I', '$database', '$database') WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '$database') \\gexec"$'\n'
kubectl exec -i -n postgres deployment/postgres -- "$programs/psql" -q -h /run -U postgres -v ON_ERROR_STOP=1 <<<"$sql"
for role in "$database" "${database}_worker" "${database}_gateway"; do
  secret="$database-database${role#"$database"}"
  # By a file, since whoever is on the machine sees the arguments of programs.
  kubectl create secret generic "${secret//_/-}" -n "$namespace" --dry-run=client -o yaml \
    --from-file=uri=<(printf 'postgres://%s:%s@postgres.postgres.svc:5432/%s?sslmode=disable' "$role" "$(cat "$passwords/$role")" "$database") |
    kubectl apply --server-side --force-conflicts -f - >/dev/null
  kubectl label secret "${secret//_/-}" -n "$namespace" crm.fairlead.dev/credentials=true --overwrite >/dev/null
done
echo "Database $database: Secrets of its owner, its workers and its gateway are in the namespace $namespace."
