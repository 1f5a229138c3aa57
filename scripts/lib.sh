# Shared by the scripts in this folder; sourced, not run.

project_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
servers_cache=${BINLOG_RELAY_SERVERS:-${HOME:-/tmp}/.cache/binlog-relay/servers}

say() { printf '%s\n' "$*"; }
# Exits with die_status, or 1: a caller that gives something up for another reason than a mistake sets it.
die() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; exit "${die_status:-1}"; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null; then sudo "$@"; else
    die "needs root for: $*"
  fi
}

# packages_for PURPOSE...: the names that scripts/packages lists for them.
packages_for() {
  local purpose
  for purpose in "$@"; do sed -n "s/^$purpose: //p" "$project_root/scripts/packages"; done | tr ' ' '\n' | sort -u
}

is_installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# install_packages PURPOSE...: apt-get only when something is missing, so that a prepared machine needs no network.
install_packages() {
  local missing=() name log
  for name in $(packages_for "$@"); do is_installed "$name" || missing+=("$name"); done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "installing ${#missing[@]} Debian packages: ${missing[*]}"
  log=$(mktemp)
  # A source list that does not answer and is none of ours must not stop the work: the install itself tells.
  as_root apt-get -qq -o DPkg::Lock::Timeout=300 update >"$log" 2>&1 || say "apt-get update reported errors; trying to install anyway"
  if ! as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=300 \
      install --no-install-recommends "${missing[@]}" >>"$log" 2>&1 </dev/null; then
    tail -n 30 "$log" >&2
    rm -f "$log"
    die "apt-get could not install: ${missing[*]}"
  fi
  rm -f "$log"
}
