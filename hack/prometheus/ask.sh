#!/usr/bin/env bash
# Asks the Prometheus of hack/prometheus.sh for a metric of exhibitions, and prints it as a
# table: hack/prometheus/ask.sh fairlead_exhibition_retention_ratio
set -euo pipefail

kubectl get --raw "/api/v1/namespaces/monitoring/services/prometheus:http/proxy/api/v1/query?query=$1" |
  awk -v 'RS=[{]"metric":' '
    function label(name) {
      return match($0, "\"" name "\":\"[^\"]*\"") ? substr($0, RSTART + length(name) + 4, RLENGTH - length(name) - 5) : ""
    }
    BEGIN { line = "%-17s %-20s %-14s %-9s %-11s %s\n"; printf line, "NAMESPACE", "NAME", "SERIES", "EDITION", "ROLE", "VALUE" }
    NR > 1 && match($0, /"value":\[[^,]*,"[^"]*"/) {
      value = substr($0, RSTART, RLENGTH)
      sub(/^.*,"/, "", value); sub(/"$/, "", value)
      printf line, label("namespace"), label("name"), label("series"), label("edition"), label("role"), value
    }'
