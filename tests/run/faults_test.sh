#!/bin/bash
# Full and read-only disks, failing writes, no descriptors, no processes.
. "$(dirname "$0")/lib.sh"

# What the job prints and returns stays the same, whatever fails in us.
unhurt() {
  what=$1
  shift
  out=$("$@" "$BZ" run fault --every 1d -- sh -c 'echo out; exit 6' 2>err)
  same "$what: status" 6 $?
  same "$what: output" out "$out"
}

unhurt "nothing wrong"
if unshare -m true 2>/dev/null; then
  mounted() {
    unshare -m sh -c 'mkdir -p "$BEZALEL_ROOT" && mount -t tmpfs -o "$1" t \
      "$BEZALEL_ROOT" && mkdir "$BEZALEL_ROOT/heartbeats" && eval "$2" && \
      shift 2 && exec "$@"' sh "$@"
  }
  fill='head -c 200k /dev/zero >"$BEZALEL_ROOT/fill" 2>/dev/null; :'
  unhurt "no space" mounted size=64k "$fill"
  grep -q 'could not be recorded' err || fail "no space: nothing said"
  unhurt "no inodes" mounted nr_inodes=3 :
  unhurt "read-only" mounted size=64k 'mount -o remount,ro "$BEZALEL_ROOT"'
  grep -q 'Read-only' err || fail "read-only: nothing said"
else
  echo "skipped: mount namespaces"
fi

if strace -o /dev/null true 2>/dev/null; then
  inject() { spec=$1; shift; strace -f -qq -o /dev/null -e "inject=$spec" "$@"; }
  unhurt "EIO of fsync" inject fsync,fdatasync:error=EIO
  unhurt "EIO of the log" inject rename:error=EIO
  unhurt "no process" inject clone,clone3,vfork,fork:error=EAGAIN
  grep -q 'runs unrecorded' err || fail "no process: nothing said"
  unhurt "no pipe" inject pipe2:error=EMFILE
  unhurt "no signalfd" inject signalfd4:error=EMFILE
  unhurt "no randomness" inject getrandom:error=ENOSYS
  unhurt "no subreaper" inject prctl:error=EINVAL

  # A disk that takes an hour over the start: the job's output and the signals
  # for it go their way meanwhile.
  within_20s() {
    for _ in $(seq 200); do
      eval "$1" && return
      sleep 0.1
    done
    false
  }
  cat >busy.sh <<'END'
trap 'touch told; exit 0' TERM
echo $PPID >wrapper
sleep 0.2
head -c 300000 /dev/zero
touch printed
while :; do sleep 0.05; done
END
  setsid strace -f -qq -o slow.trace -e trace=fdatasync \
    -e inject=fdatasync:delay_enter=3600000000 \
    "$BZ" run slow -- sh busy.sh >slow.out </dev/null &
  within_20s '[ -e printed ]' || fail "slow disk: the output waits for it"
  within_20s 'grep -q fdatasync slow.trace' || fail "slow disk: not synced"
  kill "$(cat wrapper)"
  within_20s '[ -e told ]' || fail "slow disk: the signal waits for it"
  kill -KILL -$!

  # A disk that never answers: the job starts and ends 5 s late at the most, as
  # it would alone, and what was not recorded is said.
  "$BZ" run dead --every 1d -- true
  dead() {
    what=$1
    rm -f status
    # shellcheck disable=SC2086  # an option and its path, or nothing
    setsid strace -f -qq -o /dev/null ${2:+-P $2} -e "trace=$3" \
      -e "inject=$3:delay_enter=3600000000" sh -c '"$0" run dead --every 1d \
      --no-overlap -- sh -c "echo out; exit $1" >out 2>err; echo $? >status' \
      "$BZ" "$4" </dev/null &
    within_20s '[ -s status ]' || fail "$what: the job waits for the disk"
    same "$what: status" "$4" "$(cat status)"
    same "$what: output" out "$(cat out)"
    grep -q 'not recorded.*no answer from the disk' err ||
      fail "$what: not said: $(cat err)"
    ! grep -q 'outlives\|outlive' err || fail "$what: counts our own child"
    kill -KILL -$!
  }
  records=$(echo "$BEZALEL_ROOT"/heartbeats/runs-*.jsonl)
  dead "dead before the start" "$records" openat 0
  dead "dead in the start" "$records" write 6
  dead "dead at the lock" "$BEZALEL_ROOT/heartbeats/dead.lock" openat 6
  dead "dead at the end" "" fsync 0
else
  echo "skipped: strace"
fi

# The same with the kernel's own: a file system that is frozen.
frozen() {
  truncate -s 16M image && mkfs.ext4 -q image && mkdir -p frozen &&
    mount -o loop image frozen && mkdir frozen/heartbeats || return 77
  "$BZ" run frozen --root "$WORK/frozen" --every 1d -- true || return 1
  fsfreeze -f frozen || return 77
  (
    while ! [ -e over ]; do sleep 0.1; done
    fsfreeze -u frozen
  ) &
  "$BZ" run frozen --root "$WORK/frozen" --every 1d -- sh -c 'exit 6' 2>err
  got=$?
  touch over
  wait $!
  grep -q 'no answer from the disk' err || return 1
  # It answers again: the next run is recorded, and nothing is torn.
  "$BZ" run frozen --root "$WORK/frozen" --every 1d -- true || return 1
  grep -v '^{.*}$' frozen/heartbeats/*.jsonl && return 1
  [ $got = 6 ]
}
export WORK BZ
export -f frozen
timeout 60 unshare -m bash -c frozen >frozen.out 2>&1
case $? in
  0) ;;
  77) echo "skipped: a frozen file system" ;;
  *) fail "a frozen file system: $(cat frozen.out)" ;;
esac
# A quick job's end is all that has to be forced to disk; of one that is waited
# for in vain once, the start was, too. Here the machine says which it is.
if strace -o /dev/null true 2>/dev/null; then
  strace -f -qq -o quick -e trace=fsync,fdatasync,poll "$BZ" run quick -- true
  syncs=1
  ! grep -q 'poll.*(Timeout)' quick || syncs=2
  same "syncs of a quick run" $syncs "$(grep -c 'sync(' quick)"
fi
# What a test runner leaves open counts, too: with none left nothing can start.
few() {
  (
    exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
    ulimit -n "$1"
    shift
    "$@"
  )
}
for n in 4 5 6 7 8 16; do
  unhurt "$n descriptors" few "$n"
done
small() { (ulimit -f 1; "$@"); }
for _ in 1 2 3 4 5; do "$BZ" run fault -- true; done
unhurt "file size limit" small
finish
