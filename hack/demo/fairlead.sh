#!/usr/bin/env bash
# Runs a fairlead command in a Job beside the store of the demo, and prints what it says:
#
#   hack/demo/fairlead.sh loyalty statement --program exhibitor-club --customer FL-0003305
#   OF=made-up hack/demo/fairlead.sh loyalty programs       # another store than airshows
#   STORE=postgres hack/demo/fairlead.sh store check        # of the demo on PostgreSQL
set -euo pipefail
cd "$(dirname "$0")/../.."
. hack/demo/story.sh

store=${OF:-airshows}
name=$store-$(date +%s%N | tail -c 12)
# Arguments as a list of YAML.
arguments=("${@//\\/\\\\}")
arguments=$(printf ', "%s"' "${arguments[@]//\"/\\\"}")
image=$(kubectl get deployment fairlead-manager -n fairlead-system -o jsonpath='{.spec.template.spec.containers[0].image}')
job=$(sed "s|NAME|$name|; s|IMAGE|$image|; s|/STORE.db|/$store.db|" hack/demo/job.yaml)
if [ "$STORE" = postgres ]; then
  job=$(sed "s|value: \"sqlite:.*\"|valueFrom: {secretKeyRef: {name: $store-database, key: uri}}|; s|persistentVolumeClaim: .*}}|emptyDir: {}}|" <<<"$job")
fi
k apply -f - <<<"${job//ARGUMENTS/"${arguments#, }"}" >/dev/null

ended() {
  how=$(k get job "$name" -o jsonpath='{.status.conditions[?(@.status=="True")].type}')
  [[ $how == *Complete* || $how == *Failed* ]]
}
await 900 "The Job $name has not ended" ended
if [[ $how == *Complete* ]]; then
  k logs "job/$name"
else
  k logs "job/$name" >&2
  exit 1
fi
