#!/bin/bash
# SIGKILL at every system call of a run: whatever was on disk is old or new,
# never torn, and the next run mends what is left.
. "$(dirname "$0")/lib.sh"
KILLAT=$HELPERS/killat
HB=$BEZALEL_ROOT/heartbeats
WHOLE=$HERE/whole.py

"$KILLAT" 1 /bin/true
status=$?
[ $status -eq 137 ] || { echo "SKIPPED: ptrace is not allowed here"; exit 77; }

sweep() {
  n=1
  while :; do
    "$KILLAT" "$@" $n "$BZ" run job --every 1d -- /bin/true \
      >/dev/null 2>&1 </dev/null
    status=$?
    python3 "$WHOLE" "$HB" || fail "after a kill at call $n ($*)"
    [ $status -eq 0 ] && break
    [ $status -eq 137 ] || { fail "killat says $status"; break; }
    n=$((n + 1))
    [ $n -lt 2000 ] || { fail "endless"; break; }
  done
  echo "$n system calls ($*)"
}

"$BZ" run job --every 1d -- /bin/true
sweep
sweep --first-only
[ $n -gt 40 ] || fail "only $n calls were seen"

# Litter of the killed is swept when it is an hour old and a day begins.
find "$HB" -name '.*.tmp' -exec touch -d '2 hours ago' {} +
rm -f "$HB"/runs-*.jsonl
"$BZ" run job --every 1d -- /bin/true
[ -z "$(find "$HB" -name '.*.tmp')" ] || fail "litter stays"
finish
