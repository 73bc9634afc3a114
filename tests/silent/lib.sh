# What the scenarios share. Source it with the full program as $1.
set -u
BEZALEL=$1
# What an adopted table has for SHELL: it has to be there.
BEZALEL_SH=${BEZALEL%/libexec/*}/bin/bezalel-sh
WORK=$(mktemp -d)
HIDDEN=$(mktemp -d /var/tmp/hidden.XXXXXX)
FAILED=0
trap 'rm -rf "$WORK" "$HIDDEN"' EXIT

# fail WHAT: the scenario and what came instead.
fail() {
  echo "FAILED: $SCENARIO: $1"
  [ -f "$WORK/out" ] && sed 's/^/  | /' "$WORK/out"
  FAILED=$((FAILED + 1))
}

scenario() {
  SCENARIO=$1
}

finish() {
  [ "$FAILED" -eq 0 ] || exit 1
  exit 0
}

# What follows is for scenarios with real daemons.
part_is_missing() {
  echo "skipped: $1"
  exit 77
}

# enter_namespaces "$@": runs the script again, with mounts and processes of its
# own and `inside` as $2, and ends as it does.
enter_namespaces() {
  [ "$(id -u)" -eq 0 ] || part_is_missing "not root"
  unshare -m -p --fork --mount-proc true 2>/dev/null ||
    part_is_missing "no namespaces"
  unshare -m -p --fork --kill-child --mount-proc sh "$0" "$1" inside
  exit $?
}

# hide DIR...: an empty directory over each, on a disk.
hide() {
  for dir; do
    [ -d "$dir" ] || mkdir -p "$dir" 2>/dev/null || part_is_missing "no $dir"
    mkdir -p "$HIDDEN$dir"
    mount --bind "$HIDDEN$dir" "$dir" || part_is_missing "no mounts"
  done
}

# look [OPTION...]: what discover finds, as JSON, one finding or job a line.
look() {
  "$BEZALEL" discover --format json "$@" >"$WORK/json" 2>&1 ||
    fail "discover ended with $?"
  sed 's/},{/},\n{/g' "$WORK/json" >"$WORK/out"
}
cycle() {
  "$BEZALEL" check --notify --quiet >"$WORK/out" 2>&1
}
says() {
  grep -q -e "$1" "$WORK/out" || fail "expected \"$1\""
}
says_not() {
  grep -q -e "$1" "$WORK/out" && fail "did not expect \"$1\""
}

. "$(dirname "$0")/../user_manager.sh"
# unit NAME <TEXT, and good_timer NAME COMMAND: daily, of a oneshot service.
unit() {
  cat >"$UNITS/$1"
}
good_timer() {
  unit "$1.service" <<UNIT
[Service]
Type=oneshot
ExecStart=$2
UNIT
  unit "$1.timer" <<UNIT
[Timer]
OnCalendar=daily
[Install]
WantedBy=timers.target
UNIT
  ln -sf "../$1.timer" "$UNITS/timers.target.wants/$1.timer"
}
