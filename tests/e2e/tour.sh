#!/bin/sh
# The tour as a newcomer sees it: it ends well, and every byte can be read.
#   tour.sh TREE     with TREE/bin/bezalel
set -u
BEZALEL=$1/bin/bezalel
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
[ -x "$BEZALEL" ] || { echo "skipped: no program in '$1'"; exit 77; }
unset BEZALEL_ROOT

"$BEZALEL" tour --keep "$WORK/kept" >"$WORK/out" 2>&1
status=$?
fail() {
  echo "FAILED: $1"
  sed 's/^/  | /' "$WORK/out"
  exit 1
}
[ $status -eq 0 ] || fail "exit status $status"
for line in '  | Expected  *every 4s; ' '  | Tried  *nothing (no on_failed for' \
  '^resolved  P1 db_backup@' '^## Heartbeat Panel' 'That was real'; do
  grep -q "$line" "$WORK/out" || fail "no line \"$line\""
done
# `$(printf '\t')`, newline and printable ASCII are all there may be.
if LC_ALL=C tr -d '\n\t -~' <"$WORK/out" | grep -q .; then
  fail "bytes that are no text"
fi
[ -s "$WORK/kept/state.db" ] || fail "nothing was kept"
