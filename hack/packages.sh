#!/usr/bin/env bash
# Installs the system packages that the local cluster needs, if any is missing.
set -euo pipefail

if [ "$(uname -s)" != Linux ]; then
  echo "The local cluster needs Linux. On another system use a cluster of your own: docs/guides/own-cluster.md" >&2
  exit 1
fi
if [ "$(id -u)" != 0 ]; then
  echo "The local cluster needs root: it runs pods, and makes network interfaces and mounts for them." >&2
  echo "Run it as root (sudo make demo), or use a cluster of your own: docs/guides/own-cluster.md" >&2
  exit 1
fi
if ! command -v go >/dev/null; then
  echo "Go is missing: install Go 1.26 or newer and put it on the PATH (sudo keeps root's own PATH)." >&2
  exit 1
fi

missing=()
command -v nft >/dev/null || missing+=(nftables)
command -v ip >/dev/null || missing+=(iproute2)
command -v mount >/dev/null || missing+=(mount)
command -v git >/dev/null || missing+=(git)
command -v gcc >/dev/null || missing+=(gcc libc6-dev)
command -v pkg-config >/dev/null || missing+=(pkg-config)
[ -e /usr/include/seccomp.h ] || missing+=(libseccomp-dev)
[ ${#missing[@]} = 0 ] && exit 0

echo "Installing ${missing[*]}"
if ! command -v apt-get >/dev/null; then
  echo "This system has no apt-get: install what corresponds to ${missing[*]} by hand." >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
if ! { apt-get update -q && apt-get install -q -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
  cat "$log" >&2
  echo "apt-get could not install ${missing[*]}: see above." >&2
  exit 1
fi
rm -f "$log"
