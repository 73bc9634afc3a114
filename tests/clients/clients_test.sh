#!/bin/sh
# clients_test.sh CLIENTS_DIR READER
# Both clients, under every shell and Python that is here, write into a
# temporary root; the reader of bezalel reads what they wrote.
set -u
clients=$1
reader=$2
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT INT TERM
failures=0
checks=0

check() { # check NAME STATUS
  checks=$((checks + 1))
  if [ "$2" -ne 0 ]; then
    failures=$((failures + 1))
    printf 'FAIL [%s] %s\n' "$runner" "$1"
  fi
}

beat() { # beat JOB SECONDS, by the client under test
  # shellcheck disable=SC2086 -- the runner is a command with its words
  case $runner in
    python*) $runner "$clients/python/bezalel_heartbeat.py" "$@" ;;
    *) $runner "$clients/sh/cron-heartbeat-write.sh" "$@" ;;
  esac
}

status_is() { # status_is WANTED COMMAND...
  wanted=$1
  shift
  "$@" >"$work/out" 2>"$work/err"
  [ $? -eq "$wanted" ]
}

one_line() { [ "$(wc -l <"$work/err")" -eq 1 ]; }

test_writes_what_is_read() {
  export BEZALEL_ROOT=$work/plain
  mkdir -p "$BEZALEL_ROOT"
  before=$(date +%s)
  status_is 0 beat db_backup 86400
  check 'writes into a new root' $?
  line=$("$reader" "$BEZALEL_ROOT/heartbeats/db_backup.last")
  check 'what it wrote can be read' $?
  # shellcheck disable=SC2086 -- split into its fields
  set -- $line
  [ "${1:-}" = db_backup ] && [ "${3:-}" = 86400 ] &&
    [ "${2%%.*}" -ge "$before" ] && [ "${6:-}" = "$(uname -n)" ]
  check "says job, time, interval and host: $line" $?
  if [ -r /proc/sys/kernel/random/boot_id ]; then
    [ "${5:-}" = "$(cat /proc/sys/kernel/random/boot_id)" ] &&
      [ "${4:--}" != - ]
    check 'says the boot and its clock' $?
  fi
  [ "$(stat -c %a "$BEZALEL_ROOT/heartbeats/db_backup.last")" = 644 ]
  check 'everybody can read it' $?
  [ "$(ls -A "$BEZALEL_ROOT/heartbeats")" = db_backup.last ]
  check 'leaves nothing else behind' $?
}

test_refuses() {
  export BEZALEL_ROOT=$work/refuses
  mkdir -p "$BEZALEL_ROOT"
  newline='a
b'
  long=$(printf '%0129d' 0)
  for name in ../x a/b '' .hidden -rf 'a b' 'a"b' '$(id)' "$newline" "$long" \
    "$(printf 'caf\303\251')"; do
    status_is 2 beat "$name" 60 && one_line
    check "refuses the name '$name' in one line" $?
  done
  for seconds in 0 -5 '' 1x nan inf 1e300; do
    status_is 2 beat job "$seconds" && one_line
    check "refuses the interval '$seconds' in one line" $?
  done
  status_is 2 beat job && one_line
  check 'refuses a missing interval' $?
  [ -z "$(find "$work/refuses" -type f)" ] && [ ! -e "$work/x.last" ]
  check 'leaves no file after a refusal' $?
}

test_never_torn() {
  export BEZALEL_ROOT=$work/torn
  mkdir -p "$BEZALEL_ROOT"
  beat shared 60
  for seconds in 60 3600 86400; do
    (for _ in 1 2 3 4 5; do beat shared "$seconds" || echo lost; done) &
  done >"$work/lost"
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do
    "$reader" "$BEZALEL_ROOT/heartbeats/shared.last" >/dev/null
    check 'is whole while three write it' $?
  done
  wait
  [ ! -s "$work/lost" ] &&
    [ "$(ls -A "$BEZALEL_ROOT/heartbeats")" = shared.last ]
  check 'three at once all succeed and leave one file' $?
}

test_hostile_places() {
  export BEZALEL_ROOT=$work/hostile
  mkdir -p "$BEZALEL_ROOT/heartbeats/dir.last"
  status_is 1 beat dir 60 && one_line
  check 'a directory in its place is not written into' $?
  echo untouched >"$work/target"
  ln -s "$work/target" "$BEZALEL_ROOT/heartbeats/link.last"
  status_is 0 beat link 60
  check 'a link in its place is replaced' $?
  [ "$(cat "$work/target")" = untouched ] &&
    [ ! -L "$BEZALEL_ROOT/heartbeats/link.last" ]
  check 'what the link pointed to is untouched' $?
}

# As somebody else than root: only where that user may write, else ~/.bezalel.
test_other_user() {
  [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null || return 0
  shared=$(mktemp -d) || exit 1
  chmod 755 "$shared"
  cp "$clients/sh/cron-heartbeat-write.sh" \
    "$clients/python/bezalel_heartbeat.py" "$shared/"
  mkdir -p "$shared/root/heartbeats" "$shared/home"
  chown 4242 "$shared/home"
  case $runner in
    python*) client=$shared/bezalel_heartbeat.py ;;
    *) client=$shared/cron-heartbeat-write.sh ;;
  esac
  as="setpriv --reuid=4242 --regid=4242 --clear-groups env HOME=$shared/home"
  # shellcheck disable=SC2086 -- both are commands with their words
  status_is 1 $as BEZALEL_ROOT="$shared/root" $runner "$client" job 60 &&
    one_line
  check 'says so if a root takes nothing' $?
  mkdir -p "$shared/root/heartbeats/u/4242"
  chown 4242 "$shared/root/heartbeats/u/4242"
  # shellcheck disable=SC2086
  status_is 0 $as BEZALEL_ROOT="$shared/root" $runner "$client" job 60
  check 'writes in its own directory below the root' $?
  "$reader" "$shared/root/heartbeats/u/4242/job.last" >/dev/null
  check 'which can be read' $?
  # shellcheck disable=SC2086
  status_is 0 $as env -u BEZALEL_ROOT $runner "$client" job 60
  check 'falls back to the home directory' $?
  if [ ! -d /var/lib/bezalel/heartbeats/u/4242 ]; then
    "$reader" "$shared/home/.bezalel/heartbeats/job.last" >/dev/null
    check 'and what is there can be read' $?
  fi
  chmod 555 "$shared/home" && rm -rf "$shared/home/.bezalel"
  # shellcheck disable=SC2086
  status_is 1 $as env -u BEZALEL_ROOT $runner "$client" job 60 && one_line
  check 'exit 1 and one line if no place takes it' $?
  rm -rf "$shared"
}

for runner in dash 'busybox sh' bash python3; do
  # shellcheck disable=SC2086
  command -v ${runner%% *} >/dev/null 2>&1 || continue
  test_writes_what_is_read
  test_refuses
  test_never_torn
  test_hostile_places
  test_other_user
  rm -rf "${work:?}"/*
done
printf '%d checks, %d failed\n' "$checks" "$failures"
[ "$failures" -eq 0 ] && [ "$checks" -gt 0 ]
