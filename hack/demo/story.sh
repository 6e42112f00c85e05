# What the steps of the demo share; they source it. STORE says which database it is told on.

case ${STORE:=sqlite} in
# A store on SQLite is beside the manager, on its volume.
sqlite) namespace=fairlead-system again='' ;;
postgres) namespace=airshow again='STORE=postgres ' ;;
*) echo "STORE=$STORE: there are sqlite, which is the default, and postgres" >&2 && exit 2 ;;
esac
export STORE

eval "$(bin/cluster env)"

# What was made up for this cluster and declared in it goes with the cluster, and not before:
# whoever tells the story again, also after Fairlead was uninstalled, tells it of the same.
kept="${FAIRLEAD_CLUSTER_DIR:-/var/lib/fairlead-cluster}/volumes/demo"
mkdir -p "$kept/manifests" dist/demo

# What this is about, and why it is done.
title() { printf '\n\033[1m━━ %s ━━\033[0m\n' "$*"; }
step() { printf '\n\033[1m==> %s\033[0m\n' "$*"; }
why() { printf '    %s\n' "$@"; }

# kubectl, in the namespace of the store.
k() { kubectl -n "$namespace" "$@"; }

# One figure of a resource: figure crule/invite-regulars '{.status.missed}'
figure() { k get "$1" -o jsonpath="$2"; }

# Says until when to wait for a command to succeed: await 60 'what is missing' COMMAND ...
await() {
  local seconds=$1 missing=$2 end
  shift 2
  end=$((SECONDS + seconds))
  until "$@" >/dev/null 2>&1; do
    if [ $SECONDS -ge $end ]; then
      echo "$missing, after $seconds seconds." >&2
      exit 1
    fi
    sleep 0.3
  done
}

# What stands in a file is declared, with what belongs to the day and the database filled in:
# FROM and TO are hours at which it is night in the Americas.
declare_all() {
  local name file
  for name in "$@"; do
    file=$kept/manifests/$name.yaml
    if ! [ "$file" -nt "hack/demo/$name.yaml" ]; then
      sed "s/OPENS/$(date -u -d '+180 days' +%F)/; s/CLOSES/$(date -u -d '+184 days' +%F)/
        s/FROM/$(date -u -d '-9 hours' +%H:%M)/; s/TO/$(date -u -d '-150 minutes' +%H:%M)/" "hack/demo/$name.yaml" >"$file"
      # The two databases differ by one line.
      [ "$STORE" = sqlite ] ||
        sed -i 's/^  sqlite: {fileName: \(.*\)\.db}/  postgres: {connectionSecretName: \1-database, workerConnectionSecretName: \1-database-worker, gatewayConnectionSecretName: \1-database-gateway}/' "$file"
    fi
    k apply -f "$file"
  done
}

# Files that Jobs find in the folder /data: files CONFIGMAP FILE ...
files() {
  local name=$1
  shift
  k create configmap "$name" --dry-run=client -o yaml "${@/#/--from-file=}" | k apply --server-side --force-conflicts -f - >/dev/null
}

# Whom a run matched, and who was not written to for which reason.
audience() {
  figure "out/$1" '{.status.audience.matched}{" match; not written to: "}{range .status.audience.dropped[*]}{.reason}{" "}{.count}{"  "}{end}{"\n"}'
}
