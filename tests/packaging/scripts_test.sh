#!/bin/sh
# Every script can at least be read by the shell it names, and the files that
# cron and ./dev read are of the form these read. usage: scripts_test.sh SOURCE
set -eu
cd "$1"
failures=0
fail() {
  echo "FAILED: $*"
  failures=$((failures + 1))
}

for script in dev .ci/run tests/*.sh tests/packaging/*.sh packaging/debian/p*; do
  read -r first <"$script"
  case $first in
    '#!/bin/sh') sh -n "$script" || fail "$script" ;;
    '#!/usr/bin/env bash') bash -n "$script" || fail "$script" ;;
    *) fail "$script: which shell? $first" ;;
  esac
done
bash -n completions/bezalel.bash || fail completions/bezalel.bash
for script in dev .ci/run packaging/debian/p*; do
  [ -x "$script" ] || fail "$script: not executable"
done
./dev help | grep -q 'usage: ./dev VERB' || fail "./dev help"
status=0
./dev nonsense 2>/dev/null || status=$?
[ "$status" = 2 ] || fail "./dev nonsense: exit $status, expected 2"

# Debian's cron drops a whole file for one bad line or a missing last newline.
cron=packaging/bezalel.cron
[ -z "$(tail -c 1 "$cron")" ] || fail "$cron: no newline at its end"
! grep -q '%' "$cron" || fail "$cron: a percent sign cuts the command"
grep -Ev '^(#|[A-Z]+=|$)' "$cron" | while read -r m h dom mon dow user command; do
  case "$m $h $dom $mon $dow" in
    *[!0-9\ */,-]*) echo "FAILED: $cron: $m $h $dom $mon $dow" ;;
  esac
  [ "$user" = root ] || echo "FAILED: $cron: user $user"
  case $command in
    '[ -d /run/systemd/system ] || '*) ;;
    *) echo "FAILED: $cron: runs beside the timers: $command" ;;
  esac
done | grep . && failures=$((failures + 1))

awk '/^#/ || /^$/ { next } /^\[(build|test|fuzz|bench|deb|format)\]$/ { next }
  !/^[a-z0-9][a-z0-9.+-]+$/ { print "FAILED: packages.txt: " $0; bad = 1 }
  END { exit bad }' packaging/packages.txt || failures=$((failures + 1))

[ "$failures" = 0 ] || exit 1
echo "scripts and lists can be read"
