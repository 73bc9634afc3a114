# Sourced by black-box tests: sh SCRIPT TREE STUB. TREE is a build with bin/,
# libexec/ and the clock that a test can move; STUB the tracker program.
#
# A case is a function, run by `it "sentence" function`. It says what it expects
# with same/has/hasnt, and returns 77 (by skip) when a part is missing here.
set -u
LC_ALL=C
export LC_ALL
TESTS=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
SOURCE=$(dirname "$TESTS")
TREE=$1
STUB=$2
BZ=$TREE/bin/bezalel
[ -x "$BZ" ] && [ -x "$TREE/libexec/bezalel/bezalel" ] && [ -x "$STUB" ] || {
  echo "skipped: no finished build in $TREE"
  exit 77
}
WORK=$(mktemp -d "${TMPDIR:-/tmp}/bezalel-black.XXXXXX")
# Other users play a part in some cases.
chmod 755 "$WORK"
TRACKER_PID=
LOG_PID=
clean() {
  # shellcheck disable=SC2086  # either may be empty
  kill $TRACKER_PID $LOG_PID 2>/dev/null
  rm -rf "$WORK"
}
trap clean EXIT
trap 'exit 130' INT TERM
unset BEZALEL_ROOT BEZALEL_RUN_ID BEZALEL_TEST_NOW BEZALEL_TEST_BOOT
BEZALEL_HOST=testhost
# What would go to this machine's log goes to $LOG.
BEZALEL_TEST_SYSLOG=$WORK/log.socket
LOG=$WORK/syslog
export BEZALEL_HOST BEZALEL_TEST_SYSLOG
: >"$LOG"
python3 "$TESTS/faults/syslog.py" "$BEZALEL_TEST_SYSLOG" "$LOG" &
LOG_PID=$!
until [ -S "$BEZALEL_TEST_SYSLOG" ]; do
  kill -0 $LOG_PID || { echo "no syslog could be made"; exit 1; }
  sleep 0.05
done
failed=0
passed=0
skipped=0
CANARY=stub-token

# --- what is expected -------------------------------------------------------

wrong() { printf '    %s\n' "$*" >>"$WORK/wrong"; }

# same WHAT EXPECTED GOT
same() { [ "$2" = "$3" ] || wrong "$1: expected '$2', got '$3'"; }

# Everything that was logged so far is in $LOG: a socket keeps its order, so a
# line of our own comes last.
log_is_written() {
  mark="mark $(date +%s%N) of this test"
  python3 -c 'import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.sendto(sys.argv[2].encode(), sys.argv[1])' \
    "$BEZALEL_TEST_SYSLOG" "$mark"
  tries=0
  until grep -qF "$mark" "$LOG"; do
    tries=$((tries + 1))
    [ $tries -lt 500 ] || break
    sleep 0.02
  done
}

# has WHAT TEXT FILE, and its opposite.
has() {
  [ "$3" != "$LOG" ] || log_is_written
  grep -qF -- "$2" "$3" || wrong "$1: no '$2' in: $(head -c 600 "$3")"
}
hasnt() {
  [ "$3" != "$LOG" ] || log_is_written
  ! grep -qF -- "$2" "$3" || wrong "$1: '$2' in: $(grep -F -- "$2" "$3" | head -n 3)"
}

skip() {
  printf '%s\n' "$*" >"$WORK/skip"
  return 77
}

it() {
  : >"$WORK/wrong"
  : >"$WORK/skip"
  "$2"
  if [ $? -eq 77 ]; then
    echo "skip - $1: $(cat "$WORK/skip")"
    skipped=$((skipped + 1))
  elif [ -s "$WORK/wrong" ]; then
    echo "not ok - $1"
    cat "$WORK/wrong"
    failed=$((failed + 1))
  else
    echo "ok - $1"
    passed=$((passed + 1))
  fi
}

finish() {
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" -eq 0 ] || exit 1
  [ "$passed" -gt 0 ] || exit 77
  exit 0
}

# --- the tracker -------------------------------------------------------------

start_tracker() {
  "$STUB" --port 0 --port-file "$WORK/port" --state-file "$WORK/tracker.json" \
    >/dev/null 2>&1 &
  TRACKER_PID=$!
  tries=0
  until [ -s "$WORK/port" ]; do
    tries=$((tries + 1))
    [ $tries -lt 200 ] || { echo "the stub tracker did not start"; exit 1; }
    sleep 0.05
  done
  TRACKER=http://127.0.0.1:$(cat "$WORK/port")
}

# control WHAT JSON
control() {
  curl -sf -o "$WORK/control" --data "${2-}" "$TRACKER/_control/$1" ||
    wrong "control $1 $2 was refused"
}

# mode MODE METHOD PATH [COUNT [RETRY_AFTER]]
mode() {
  control mode "{\"mode\":\"$1\",\"method\":\"$2\",\"path\":\"$3\",
    \"count\":${4:--1},\"retry_after\":\"${5-}\"}"
}

# ask QUESTION: of the tracker's state; tests/faults/ask.py has the questions.
ask() {
  curl -sf "$TRACKER/_control/state" | python3 "$TESTS/faults/ask.py" "$@"
}

# --- a root ------------------------------------------------------------------

# An empty root of its own for a case, with the tracker for its channel.
new_root() {
  ROOT=$WORK/$1
  HB=$ROOT/heartbeats
  rm -rf "$ROOT"
  mkdir -p "$HB" "$ROOT/jobs.d"
  printf '%s\n' "$CANARY" >"$ROOT/forge.token"
  chmod 600 "$ROOT/forge.token"
  cat >"$ROOT/bezalel.toml" <<TOML
[channel.forge]
type = "gitea"
url = "${TRACKER-http://127.0.0.1:9}"
repo = "ops/alerts"
token_file = "$ROOT/forge.token"
timeout = "2s"

[route]
default = ["forge"]
TOML
  BEZALEL_ROOT=$ROOT
  export BEZALEL_ROOT
  [ -z "${TRACKER-}" ] || control reset
}

# declare JOB EVERY
declare_job() {
  printf '[job.%s]\nevery = "%s"\n' "$1" "$2" >"$ROOT/jobs.d/$1.toml"
}

# heartbeat JOB AGE INTERVAL: a success AGE seconds ago.
heartbeat() {
  printf '{"v":1,"job":"%s","timestamp":%s,"interval_seconds":%s}\n' \
    "$1" "$(($(date +%s) - $2))" "$3" >"$HB/$1.last"
}

# later SECONDS COMMAND...: both clocks are SECONDS ahead.
later() {
  seconds=$1
  shift
  BEZALEL_TEST_NOW=+$seconds BEZALEL_TEST_BOOT=+$seconds "$@"
}

# Judges; leaves the status in $status, output in $OUT, errors in $ERR.
OUT=$WORK/out
ERR=$WORK/err
look() {
  "$BZ" check --format json "$@" >"$OUT" 2>"$ERR"
  status=$?
}
notify() {
  "$BZ" check --notify "$@" >"$OUT" 2>"$ERR"
  status=$?
}

# verdict JOB: as `check` says now.
verdict() {
  "$BZ" check --format json 2>/dev/null |
    python3 "$TESTS/faults/ask.py" verdict "$1"
}
findings() {
  "$BZ" check --format json 2>/dev/null |
    python3 "$TESTS/faults/ask.py" findings
}

whole_state() { sqlite3 "$ROOT/state.db" 'pragma integrity_check' 2>&1; }

can_unshare() { unshare -m true 2>/dev/null; }
