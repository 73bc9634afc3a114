#!/bin/sh
# check_sweep.sh TREE KILLAT STUB: SIGKILL at the system calls of `check
# --notify`, for a release in TREE (sanitizers and ptrace exclude each other).
#
# KILL_STEP=1 kills at every call, KILL_PHASES="closing" in that cycle alone;
# the default leaves some out, so that it
# takes about a minute. doc/faults.md has the figures of the full sweep.
set -u
HERE=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
PROGRAM=$1/libexec/bezalel/bezalel
KILLAT=$2
STUB=$3
STEP=${KILL_STEP:-7}

missing() {
  echo "skipped: $1"
  exit 77
}
[ -x "$PROGRAM" ] || missing "no release in '$1'"
# One that is linked with a sanitizer cannot be traced.
"$KILLAT" 1 /bin/true
[ $? -eq 137 ] || missing "ptrace is not allowed here"

# Namespaces of its own, so that alarms reach no log of this machine: where
# nothing listens at /dev/log they go to PID 1, which is us then.
if [ "${BEZALEL_INSIDE-}" != yes ] &&
  unshare -m -p --fork --mount-proc true 2>/dev/null; then
  BEZALEL_INSIDE=yes exec unshare -m -p --fork --kill-child --mount-proc \
    sh "$HERE/$(basename "$0")" "$@"
fi
if [ "${BEZALEL_INSIDE-}" = yes ] && [ -e /dev/log ]; then
  mount --bind /dev/null /dev/log
fi

# What a kill leaves does not depend on the disk; memory is faster.
base=${TMPDIR:-/tmp}
[ -w /dev/shm ] && base=/dev/shm
WORK=$(mktemp -d "$base/bezalel-kill.XXXXXX")
unset BEZALEL_ROOT BEZALEL_RUN_ID
BEZALEL_HOST=testhost
export BEZALEL_HOST
"$STUB" --port 0 --port-file "$WORK/port" >/dev/null 2>&1 &
TRACKER=$!
trap 'kill $TRACKER 2>/dev/null; rm -rf "$WORK"' EXIT
trap 'exit 130' INT TERM
tries=0
until [ -s "$WORK/port" ]; do
  tries=$((tries + 1))
  [ $tries -lt 200 ] || { echo "the stub tracker did not start"; exit 1; }
  sleep 0.05
done

status=0
for what in ${KILL_PHASES:-first opening closing}; do
  python3 "$HERE/sweep.py" $what "$PROGRAM" "$KILLAT" \
    "http://127.0.0.1:$(cat "$WORK/port")" "$WORK" "$STEP" \
    2>"$WORK/errors" ||
    { status=1; grep -v '^bezalel: ' "$WORK/errors" | tail -n 5; }
done
exit $status
