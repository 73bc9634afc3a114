#!/bin/sh
# The units are valid, and the services keep out of everything they do not need.
# usage: units_test.sh SOURCE-DIR
set -eu
units=$1/packaging/systemd
command -v systemd-analyze >/dev/null || exit 77
box=$(mktemp -d)
trap 'rm -rf "$box"' EXIT

# systemd prints 0 to 10 and takes 0 to 100: 18 is an exposure of 1.8.
for service in "$units"/*.service; do
  systemd-analyze security --offline=true --threshold=18 --no-pager \
    "$service" >"$box/exposure" 2>&1 || {
    tail -n 3 "$box/exposure"
    echo "FAILED: $service is exposed beyond 1.8"
    exit 1
  }
done

# Only the program itself is not here.
mkdir "$box/units"
for unit in "$units"/*; do
  sed 's#^ExecStart=/usr/bin/bezalel#ExecStart=/bin/true#' "$unit" \
    >"$box/units/${unit##*/}"
done
# Units of the host itself are not what is tested here.
said=$(systemd-analyze verify --man=no "$box"/units/* 2>&1 |
  grep bezalel || true)
[ -z "$said" ] || {
  printf 'FAILED: systemd-analyze verify says\n%s\n' "$said"
  exit 1
}

# What the checker must be able to do in spite of the sandbox.
for service in "$units"/*.service; do
  for line in User=bezalel ReadWritePaths=/var/lib/bezalel ProtectProc=default \
    ProtectHome=read-only AmbientCapabilities=CAP_DAC_READ_SEARCH; do
    grep -qx "$line" "$service" || {
      echo "FAILED: $service: expected $line"
      exit 1
    }
  done
  ! grep -Eq '^(PrivateNetwork|PrivateUsers|ProcSubset)=' "$service" || {
    echo "FAILED: $service: cut off from the network or from /proc"
    exit 1
  }
done
grep -qx 'SuccessExitStatus=1 3' "$units/bezalel-check.service"
grep -qx 'Persistent=true' "$units/bezalel-check.timer"
echo "units are valid and hardened"
