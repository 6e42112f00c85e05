#!/usr/bin/env bash
# Installs the system packages that the local cluster needs, if any is missing, and the
# programs that are named, whose packages are called as they are.
set -euo pipefail

if [ "$(uname -s)" != Linux ]; then
  echo "The local cluster needs Linux. On another system use a cluster of your own: docs/guides/own-cluster.md" >&2
  exit 1
fi
if [ "$(id -u)" != 0 ]; then
  echo "The local cluster needs root: it runs pods, and makes network interfaces and mounts for them." >&2
  echo "Run it as root, for example with sudo env \"PATH=\$PATH\" make demo," >&2
  echo "or use a cluster of your own: docs/guides/own-cluster.md" >&2
  exit 1
fi
if ! command -v go >/dev/null; then
  echo "Go is missing: install Go 1.26 or newer and put it on the PATH (sudo takes root's own PATH)." >&2
  exit 1
fi
if ! go list -m >/dev/null 2>&1; then
  echo "Go is too old: this is $(go version | cut -d' ' -f3), and Go 1.26 or newer is needed." >&2
  exit 1
fi

missing=()
command -v nft >/dev/null || missing+=(nftables)
command -v ip >/dev/null || missing+=(iproute2)
command -v mount >/dev/null || missing+=(mount)
[ -e /etc/ssl/certs/ca-certificates.crt ] || missing+=(ca-certificates)
command -v git >/dev/null || missing+=(git)
command -v gcc >/dev/null || missing+=(gcc libc6-dev)
command -v pkg-config >/dev/null || missing+=(pkg-config)
[ -e /usr/include/seccomp.h ] || missing+=(libseccomp-dev)
for program in "$@"; do
  command -v "$program" >/dev/null || missing+=("$program")
done
[ ${#missing[@]} = 0 ] && exit 0

echo "Installing ${missing[*]}"
if ! command -v apt-get >/dev/null; then
  echo "This system has no apt-get: install what corresponds to ${missing[*]} by hand." >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
if ! { apt-get update -qq && apt-get install -qq -y --no-install-recommends "${missing[@]}"; }; then
  echo "apt-get could not install ${missing[*]}: see above." >&2
  exit 1
fi
