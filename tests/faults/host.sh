#!/bin/sh
# No network, full and read-only disks, failing reads and writes, few
# descriptors (faults 19, 23 to 26, 28).
. "$(dirname "$0")/lib.sh"
RELEASE=${3-}
start_tracker

silent_job() {
  new_root "$1"
  heartbeat silent 500000 86400
}

no_network() {
  unshare -n true 2>/dev/null || { skip "no network namespaces"; return; }
  silent_job offline
  : >"$LOG"
  unshare -n "$BZ" check --notify >"$OUT" 2>"$ERR"
  same "exit" 1 $?
  has "told locally" "silent@testhost" "$LOG"
  same "issues" 0 "$(ask issues | wc -l)"
  later 900 notify
  same "open when the network is back" 1 "$(ask open)"
}

# mounted OPTIONS COMMAND...: with $ROOT/small, a tmpfs, in place of the state.
# The root's files are copied into it first.
mounted() {
  options=$1
  shift
  unshare -m sh -c '
    set -e
    cp -a "$BEZALEL_ROOT" "$BEZALEL_ROOT.copy"
    mount -t tmpfs -o "$1" none "$BEZALEL_ROOT"
    cp -a "$BEZALEL_ROOT.copy/." "$BEZALEL_ROOT"
    rm -rf "$BEZALEL_ROOT.copy"
    shift
    eval "$1"
    shift
    exec "$@"' sh "$options" "$@"
}
FILL='head -c 64M /dev/zero >"$BEZALEL_ROOT/fill" 2>/dev/null || :'

full_state() {
  can_unshare || { skip "no mount namespaces"; return; }
  silent_job "full$1"
  [ "$1" = fresh ] || {
    heartbeat silent 60 86400
    notify
    heartbeat silent 500000 86400
  }
  : >"$LOG"
  mounted size=1M "$FILL" "$BZ" check --notify >"$OUT" 2>"$ERR"
  same "exit" 1 $?
  same "sent all the same" 1 "$(ask issues | grep -c 'silent@testhost')"
  has "told locally" "silent@testhost" "$LOG"
  has "it is said" state-full "$OUT"
  hasnt "no cycle was committed, so none is stamped" stamp "$ERR"
  # It is found, not made again.
  mounted size=1M "$FILL" "$BZ" check --notify >"$OUT" 2>"$ERR"
  same "issues after the second" 1 "$(ask issues | grep -c 'silent@testhost')"
  later 900 notify
  same "issues with room again" 1 "$(ask issues | grep -c 'silent@testhost')"
  same "open with room again" 1 "$(ask issues | grep -c 'open.*silent@')"
}
# What only looks tells of it as the cycle does that cannot write, and before
# what is silent for it.
full_seen() {
  can_unshare || { skip "no mount namespaces"; return; }
  silent_job seen
  notify
  for format in text json; do
    mounted size=1M "$FILL" "$BZ" check --format $format >"$WORK/$format" 2>&1
  done
  same "once" 1 "$(grep -c state-full "$WORK/text")"
  has "whose" "host " "$WORK/text"
  has "in json" '"source":"host"' "$WORK/json"
  hasnt "nor twice" heartbeats-full "$WORK/json"
  grep -E 'state-full|^. silent' "$WORK/text" | head -n 1 >"$WORK/first"
  has "the cause first" state-full "$WORK/first"
  mounted size=1M "$FILL" "$BZ" check --notify >"$OUT" 2>"$ERR"
  same "once by what notifies" 1 "$(grep -c state-full "$OUT")"
  hasnt "nor by another name" heartbeats-full "$OUT"
}
full_at_first() { full_state fresh; }
full_later() { full_state later; }

# Of a user's own state, too, whom no root helps.
doctor_of_full() {
  can_unshare || { skip "no mount namespaces"; return; }
  silent_job sick_disk
  notify
  mounted size=1M "$FILL" "$BZ" doctor >"$OUT" 2>"$ERR"
  has "what to do" "do:  make room on the disk of the state directory" "$OUT"
  has "of the disk" "is 100 % full" "$OUT"
  hasnt "nor" "full, writable" "$OUT"
  mounted size=1M "$FILL; chown -R 65534 \"\$BEZALEL_ROOT\"" \
    setpriv --reuid=65534 --clear-groups "$BZ" doctor >"$OUT" 2>"$ERR"
  has "a user's" "do:  make room on the disk of the state directory" "$OUT"
}

promises_nothing() {
  can_unshare || { skip "no mount namespaces"; return; }
  silent_job promises
  for words in "silence silent --until 2h --reason x" "pause silent" \
    "ack silent" "retire silent"; do
    # shellcheck disable=SC2086  # words to be split
    mounted size=1M "$FILL" "$BZ" $words >"$OUT" 2>"$ERR"
    same "exit of $words" 1 $?
    has "$words: said" "nothing was changed" "$ERR"
    same "$words: promised" "" "$(cat "$OUT")"
  done
}

full_heartbeats() {
  can_unshare || { skip "no mount namespaces"; return; }
  new_root fullhb
  got=$(mounted "$1" "$2" "$BZ" run job --every 1d -- echo ran 2>"$ERR")
  same "the job" ran "$got"
  has "what could not be recorded is said" recorded "$ERR"
}
no_bytes() { full_heartbeats size=64k "$FILL"; }
no_inodes() {
  full_heartbeats nr_inodes=8 \
    'i=0; while touch "$BEZALEL_ROOT/i$i"; do i=$((i + 1)); done 2>/dev/null'
}

# A file system of its own for what jobs leave, on a host of its own.
full_store() {
  { can_unshare && [ "$(id -u)" -eq 0 ]; } || { skip "not root"; return; }
  new_root store
  mkdir -p "$WORK/etc/bezalel" "$WORK/home"
  cp /etc/nsswitch.conf "$WORK/etc/" 2>/dev/null
  echo "root:x:0:0::$WORK/home:/bin/sh" >"$WORK/etc/passwd"
  cat >"$WORK/host" <<'HOST'
mount --bind "$WORK/etc" /etc && mount -t tmpfs none /var/lib || exit 70
hb=/var/lib/bezalel/heartbeats
mkdir -p $hb && mount -t tmpfs -o size=200k none $hb || exit 70
export HOME="$WORK/home"
unset BEZALEL_ROOT
"$BZ" run mm --every 1m -- true
"$BZ" check --notify >/dev/null 2>&1
"$BZ" check --format json >"$WORK/before"
head -c 1M /dev/zero >$hb/fill 2>/dev/null
for _ in 1 2 3 4 5; do
  "$BZ" run mm --every 1m -- seq 300 >/dev/null 2>&1 || echo "exit $?"
done
# The start may have got into the log before the disk was full.
BEZALEL_TEST_NOW=+30
BEZALEL_TEST_BOOT=+30
export BEZALEL_TEST_NOW BEZALEL_TEST_BOOT
"$BZ" check --notify
"$BZ" check --format json >"$WORK/full"
"$BZ" doctor >"$WORK/doctor" 2>&1
rm $hb/fill
"$BZ" check --notify --quiet
HOST
  export WORK BZ
  unshare -m sh "$WORK/host" >"$OUT" 2>"$ERR"
  same "before" ok "$(python3 "$TESTS/faults/ask.py" verdict mm <"$WORK/before")"
  hasnt "before" heartbeats-full "$WORK/before"
  same "a job that is well" ok \
    "$(python3 "$TESTS/faults/ask.py" verdict mm <"$WORK/full")"
  has "it is said" heartbeats-full "$WORK/full"
  has "whose" '"source":"/var/lib/bezalel/heartbeats"' "$WORK/full"
  has "doctor" "/var/lib/bezalel/heartbeats is 100 % full" "$WORK/doctor"
  has "told of" "heartbeats-full" "$OUT"
  has "and closed" "resolved" "$OUT"
}

read_only() {
  can_unshare || { skip "no mount namespaces"; return; }
  silent_job readonly
  : >"$LOG"
  mounted size=1M 'mount -o remount,ro "$BEZALEL_ROOT"' \
    "$BZ" check --notify >"$OUT" 2>"$ERR"
  same "exit" 1 $?
  same "sent all the same" 1 "$(ask issues | grep -c 'silent@testhost')"
  has "told locally" "silent@testhost" "$LOG"
  has "it is said" state-read-only "$OUT"
  hasnt "of nothing that is full" state-full "$OUT"
  has "and what to type" "do:  mount -o remount,rw $BEZALEL_ROOT" "$OUT"
  # With the state there, whatever SQLite says of it.
  "$BZ" check --notify >"$OUT" 2>"$ERR"
  mounted size=1M 'mount -o remount,ro "$BEZALEL_ROOT"' \
    "$BZ" check --notify >"$OUT" 2>"$ERR"
  has "of a state that is there" state-read-only "$OUT"
  grep -A3 state-read-only "$OUT" | tr -s '\n ' '  ' >"$WORK/said"
  has "in one line" "state.db: the file system of $BEZALEL_ROOT is read-only" \
    "$WORK/said"
  has "and to type" "do:  mount -o remount,rw $BEZALEL_ROOT" "$OUT"
  mounted size=1M 'mount -o remount,ro "$BEZALEL_ROOT"' \
    "$BZ" doctor >"$OUT" 2>"$ERR"
  has "doctor" "do:  mount -o remount,rw $BEZALEL_ROOT" "$OUT"
  got=$(mounted size=1M 'mount -o remount,ro "$BEZALEL_ROOT"' \
    "$BZ" run job --every 1d -- echo ran 2>"$ERR")
  same "a job" ran "$got"
}

# inject WHAT COMMAND...: fails system calls of the full program.
inject() {
  what=$1
  shift
  # A leak check needs the tracer's place.
  ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o /dev/null -e "inject=$what" "$@"
}
can_trace() { strace -o /dev/null true 2>/dev/null; }

failing_sync() {
  can_trace || { skip "no strace"; return; }
  silent_job sync
  : >"$LOG"
  inject fsync,fdatasync:error=EIO "$BZ" check --notify >"$OUT" 2>"$ERR"
  same "exit" 1 $?
  same "sent all the same" 1 "$(ask issues | grep -c 'silent@testhost')"
  notify
  notify
  same "issues with a sound disk" 1 "$(ask issues | grep -c 'silent@testhost')"
  same "state" ok "$(whole_state)"
}

failing_writes() {
  can_trace || { skip "no strace"; return; }
  silent_job writes
  inject pwrite64:error=ENOSPC "$BZ" check --notify >"$OUT" 2>"$ERR"
  same "exit" 1 $?
  same "sent all the same" 1 "$(ask issues | grep -c 'silent@testhost')"
  notify
  same "issues with a sound disk" 1 "$(ask issues | grep -c 'silent@testhost')"
  same "state" ok "$(whole_state)"
}

# One call fails, the 1st, the 2nd, ...; a sound pass after it mends all.
nth_failure() {
  can_trace || { skip "no strace"; return; }
  for n in 1 2 3 5 8 12 17 23 30 40 55 75 100 140 200; do
    silent_job nth
    inject "write,pwrite64,fsync,fdatasync,openat,rename:error=$1:when=$n" \
      "$BZ" check --notify >"$OUT" 2>"$ERR"
    notify
    same "$1 at call $n: open" 1 "$(ask open)"
    same "$1 at call $n: issues" 1 "$(ask issues | wc -l)"
    same "$1 at call $n: state" ok "$(whole_state)"
  done
}
nth_full() { nth_failure ENOSPC; }
nth_broken() { nth_failure EIO; }

# Evidence that cannot be read is corrupt, not silent.
failing_read() {
  can_trace || { skip "no strace"; return; }
  new_root unread
  heartbeat job 60 86400
  heartbeat well 60 86400
  ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o /dev/null -P "$HB/job.last" \
    -e inject=read,pread64:error=EIO "$BZ" check --format json >"$OUT" 2>"$ERR"
  [ $? -ne 2 ] || wrong "nothing was judged: $(cat "$ERR")"
  same "the job" corrupt \
    "$(python3 "$TESTS/faults/ask.py" verdict job <"$OUT")"
  same "the job beside it" ok \
    "$(python3 "$TESTS/faults/ask.py" verdict well <"$OUT")"
}

few_descriptors() {
  silent_job few
  for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    heartbeat "well$i" 60 86400
  done
  : >"$LOG"
  prlimit --nofile=16 "$BZ" check --notify >"$OUT" 2>"$ERR"
  same "exit" 1 $?
  same "sent" 1 "$(ask issues | grep -c 'silent@testhost')"
  has "told locally" "silent@testhost" "$LOG"
}

# A sanitizer needs descriptors of its own: a release shows where the end is.
too_few_descriptors() {
  [ -x "$RELEASE/libexec/bezalel/bezalel" ] || { skip "no release"; return; }
  new_root toofew
  heartbeat silent 500000 86400
  for n in 12 10 8 7 6; do
    fewer $n
    same "$n descriptors: exit" 1 $status
    has "$n descriptors" '"verdict":"stale"' "$OUT"
  done
  for n in 5 4; do
    fewer $n
    # Libraries that cannot be loaded are the loader's to tell.
    case $status in
      1 | 3 | 127)
        grep -q '"verdict":"stale"\|descriptor\|open' "$OUT" ||
          wrong "$n descriptors: $(cat "$OUT")"
        ;;
      *) wrong "$n descriptors: exit $status" ;;
    esac
  done
}

# fewer N: what a test runner leaves open would count, too.
fewer() {
  (
    exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
    exec prlimit --nofile="$1" "$RELEASE/bin/bezalel" check --format json
  ) >"$OUT" 2>&1
  status=$?
}

it "19: without a network the local channel tells, the tracker later" \
  no_network
it "23: a full disk at the first check keeps no alarm in, and repeats none" \
  full_at_first
it "23: nor does one that fills up later" full_later
it "23: what only looks tells of it once, and first" full_seen
it "23: what cannot be remembered is not promised" promises_nothing
it "23: doctor says what mends a full disk" doctor_of_full
it "24: without a byte left a job runs, and it is said" no_bytes
it "24: without an inode left, too" no_inodes
it "24: a full disk of heartbeats is named, and no job is lost for it" \
  full_store
it "25: a read-only state keeps no alarm in" read_only
it "26: a disk that cannot sync loses no alarm" failing_sync
it "26: nor one whose writes fail" failing_writes
it "26: a heartbeat that cannot be read is corrupt, not stale" failing_read
it "27: one call that finds the disk full loses no alarm and repeats none" \
  nth_full
it "27: nor one that fails" nth_broken
it "28: sixteen descriptors are enough" few_descriptors
it "28: six are enough for a look; with fewer it says so" too_few_descriptors
finish
