#!/bin/sh
# How runs fail without being noticed, and how the one who watches does: rows 47
# to 93 of doc/silent-failures.md, each beside a twin that is well.
. "$(dirname "$0")/../faults/lib.sh"

# The newest end record of JOB.
ended() { grep -h "\"e\":\"end\",\"job\":\"$1\"" "$HB"/runs-*.jsonl | tail -n 1; }
# How often JOB has started.
starts() { cat "$HB"/runs-*.jsonl 2>/dev/null | grep -c "\"e\":\"start\",\"job\":\"$1\""; }
# run JOB WORD...: in the background, its output thrown away; pid in $RUN.
background() {
  before=$(starts "$1")
  "$BZ" run "$@" >/dev/null 2>&1 </dev/null &
  RUN=$!
  until [ "$(starts "$1")" -gt "$before" ]; do sleep 0.02; done
}
# judged WHAT JOB VERDICT
judged() { same "$1" "$3" "$(verdict "$2")"; }
# As on the screen.
panel() { "$BZ" check --all >"$OUT" 2>"$ERR"; }

discarded_output() {
  new_root discarded
  "$BZ" run nobody --every 1d -- sh -c 'echo lost >/dev/null 2>&1; exit 3'
  "$BZ" run well --every 1d -- sh -c 'echo lost >/dev/null 2>&1'
  judged "no mail, no output" nobody failed
  judged "twin" well ok
  panel
  has "the status is kept" "exit 3" "$OUT"
}

not_found() {
  new_root notfound
  # As cron does it, with its own PATH; a command of somebody's login.
  PATH=/usr/bin:/bin "$TREE/bin/bezalel-sh" -c \
    'nvm-only-tool --all # bezalel: job=login every=1d' 2>/dev/null
  PATH=/usr/bin:/bin "$TREE/bin/bezalel-sh" -c \
    'true --all # bezalel: job=well every=1d'
  judged "a command of the login shell" login failed
  judged "twin" well ok
  panel
  has "why" "not found" "$OUT"
}

hung() {
  new_root hung
  "$BZ" run stuck --every 1h --max 10min -- true
  "$BZ" run slow --every 1h --max 2h -- true
  background stuck --every 1h --max 10min -- sleep 600
  stuck=$RUN
  background slow --every 1h --max 2h -- sleep 600
  later 300 judged "within its limit" stuck running
  later 900 judged "beyond its limit" stuck hung
  later 900 judged "twin with a longer one" slow running
  later 900 "$BZ" check >"$OUT" 2>&1
  has "what happened" "running since" "$OUT"
  kill "$stuck" "$RUN"
  wait "$stuck" "$RUN"
}

skipped_for_ever() {
  new_root skipped
  "$BZ" run stuck --every 1d --no-overlap -- true
  background stuck --every 1d --no-overlap -- sleep 600
  for n in 1 2; do "$BZ" run stuck --every 1d --no-overlap -- true; done
  judged "two skips" stuck running
  "$BZ" run stuck --every 1d --no-overlap -- true
  same "a skip is no failure to cron" 0 $?
  judged "three skips in a row" stuck failed
  kill "$RUN"
  wait "$RUN"
  "$BZ" run stuck --every 1d --no-overlap -- true
  judged "after a run" stuck ok
}

stale_lock() {
  new_root lock
  background locked --every 1d --no-overlap -- sleep 600
  child=$(pgrep -P "$RUN" -x sleep)
  kill -KILL "$RUN" "$child"
  wait "$RUN" 2>/dev/null
  [ -e "$HB/locked.lock" ] || wrong "there is no lock file left to trip over"
  "$BZ" run locked --every 1d --no-overlap -- touch "$WORK/ran"
  [ -e "$WORK/ran" ] || wrong "a file that nobody holds kept the run away"
  judged "afterwards" locked ok
}

no_overlap() {
  new_root overlap
  background alone --every 1d --no-overlap -- sleep 600
  "$BZ" run alone --every 1d --no-overlap -- touch "$WORK/both"
  [ ! -e "$WORK/both" ] || wrong "two ran at once"
  "$BZ" run other --every 1d --no-overlap -- touch "$WORK/other"
  [ -e "$WORK/other" ] || wrong "the lock of one job kept another away"
  kill "$RUN"
  wait "$RUN"
}

# ran JOB SECONDS N: N successes of that length, a day apart, as the log has them.
ran() {
  python3 - "$1" "$2" "$3" "$(date +%s)" "$(id -u)" <<'PY' >>"$HB/runs-$(date -u +%Y%m%d).jsonl"
import json, sys
job, took, count, now, uid = sys.argv[1], *map(int, sys.argv[2:])
for i in range(count, 0, -1):
    end = now - i * 86400
    run = {"v": 1, "job": job, "run_id": "01JD%022d" % i, "boottime": 5.0}
    print(json.dumps({**run, "e": "start", "uid": uid, "host": "testhost",
        "boot_id": "before", "pid_ns": 1, "pid": 9, "pid_start": 9,
        "timestamp": end - took, "trigger": "run", "cmd": "x",
        "schedule": {"every": "1d"}}))
    print(json.dumps({**run, "e": "end", "timestamp": end,
        "started": end - took, "duration_seconds": took, "outcome": "ok",
        "exit_code": 0, "cpu_seconds": 0, "max_rss_kib": 0, "out_bytes": 0,
        "err_bytes": 0, "out_head": "", "out_tail": ""}))
PY
}

out_of_pace() {
  new_root pace
  for job in nothing well; do ran "$job" 600 12; done
  ran quick 1 12
  "$BZ" run quick --every 1d -- true
  "$BZ" run nothing --every 1d -- true
  judged "it succeeded" nothing ok
  look
  has "told" '"id":"run-too-fast"' "$OUT"
  has "of which" '"source":"nothing"' "$OUT"
  has "and what was usual" 'its last 12 runs took 10m to 10m' "$OUT"
  hasnt "twin" '"source":"well"' "$OUT"
  hasnt "a job that is always quick" '"source":"quick"' "$OUT"
}

# Declared, and the line that would run it was never installed.
never_installed() {
  new_root never
  mkdir -p "$BEZALEL_ROOT/jobs.d"
  printf '[job.%s]\nevery = "1d"\n' nightly well >"$BEZALEL_ROOT/jobs.d/a.toml"
  "$BZ" run well -- true
  later 90000 judged "within its time" nightly late
  later 180000 judged "and no sign of it" nightly never
  later 180000 "$BZ" run well -- true
  later 180000 judged "twin" well ok
}

parts() {
  new_root parts
  # One job for five hosts, which ends well whatever happens.
  for host in a b c d e; do
    code=0
    case $host in b | d) code=23 ;; esac
    "$BZ" run "sync@$host" --every 1d -- sh -c "exit $code" || :
  done
  for host in a c e; do judged "the part that went well" "sync@$host" ok; done
  for host in b d; do judged "the part that did not" "sync@$host" failed; done
  # The same where the job says it.
  "$BZ" run whole --every 1d --fail-output '[0-4] of 5' -- \
    sh -c 'echo synced 3 of 5' >/dev/null
  "$BZ" run twin --every 1d --fail-output '[0-4] of 5' -- \
    sh -c 'echo synced 5 of 5' >/dev/null
  judged "its own words" whole failed
  judged "twin" twin ok
}

killed_for_memory() {
  new_root oom
  # What the kernel does to the job, not to the wrapper.
  background eater --every 1d -- sleep 600
  kill -KILL "$(pgrep -P "$RUN" -x sleep)"
  wait "$RUN" 2>/dev/null
  same "cron sees the same signal" 137 $?
  "$BZ" run well --every 1d -- true
  judged "killed" eater failed
  judged "twin" well ok
  panel
  has "by what" "signal 9 (KILL)" "$OUT"
}

shut_down() {
  new_root shutdown
  background asked --every 1d -- sleep 600
  kill -TERM "$RUN"
  wait "$RUN" 2>/dev/null
  judged "asked to go" asked failed
  ended asked >"$WORK/end"
  has "by whom" "terminated by SIGTERM from pid" "$WORK/end"
  background cut --every 1d -- sleep 600
  # The wrapper first: it would write down the death of its command.
  kill -KILL "$RUN" "$(pgrep -P "$RUN" -x sleep)"
  wait "$RUN" 2>/dev/null
  judged "both killed" cut lost
  # The power goes: the same processes would be others after the boot.
  background power --every 1d -- sleep 600
  judged "before" power running
  BEZALEL_TEST_BOOT_ID=00000000-0000-4000-8000-000000000000 \
    judged "after the boot" power lost
  kill "$RUN"
  wait "$RUN"
}

denied() {
  new_root denied
  "$BZ" run secret --every 1d -- setpriv --reuid 65534 --regid 65534 \
    --clear-groups cat /etc/shadow >/dev/null 2>&1
  "$BZ" run mount --every 1d -- sh -c 'cd /srv/not-mounted/backup' 2>/dev/null
  "$BZ" run well --every 1d -- cat /etc/hostname >/dev/null
  judged "permission" secret failed
  judged "a mount that is not up" mount failed
  judged "twin" well ok
  panel
  has "why" "Permission denied" "$OUT"
  has "why" "/srv/not-mounted/backup" "$OUT"
}

detached() {
  new_root detached
  "$BZ" run parent --every 1d -- sh -c 'sleep 600 >/dev/null 2>&1 & :'
  "$BZ" run well --every 1d -- true
  ended parent >"$WORK/end"
  has "counted" '"lingering":1' "$WORK/end"
  "$BZ" logs parent >"$OUT" 2>&1
  has "named" "1 child outlives the job" "$OUT"
  "$BZ" logs well >"$OUT" 2>&1
  hasnt "twin" "outlives" "$OUT"
  kill "$(sed -n 's/.*outlives the job: \([0-9]*\).*/\1/p' "$WORK/end")"
}

empty_backup() {
  new_root empty
  mkdir -p "$WORK/mount" "$WORK/full"
  head -c 100000 /dev/urandom >"$WORK/full/data"
  for what in mount full; do
    (cd "$WORK" && "$BZ" run "backup_$what" --every 1d \
      --expect-file "$what-*.tgz,newer,min=10k" -- \
      tar czf "$what-1.tgz" "$what") >/dev/null 2>&1
  done
  judged "nothing was mounted" backup_mount failed
  judged "twin" backup_full ok
}

not_checked() {
  new_root unchecked
  "$BZ" run first --every 1d -- true 2>"$ERR"
  same "no check was ever promised" "" "$(cat "$ERR")"
  notify
  later 600 "$BZ" run second --every 1d -- true 2>"$ERR"
  same "checked a while ago" "" "$(cat "$ERR")"
  later 4000 "$BZ" run third --every 1d -- true 2>"$ERR"
  has "every job says so" "nobody has checked this host's jobs since" "$ERR"
  has "the log, too" "nobody has checked" "$LOG"
  later 4000 "$BZ" doctor >"$OUT" 2>&1
  has "doctor" "check --notify" "$OUT"
  later 40000 "$BZ" check --notify >/dev/null 2>&1
  later 40000 "$BZ" report >"$OUT" 2>&1
  has "the report" "nobody checked" "$OUT"
}

blind_spot() {
  new_root rhythm
  "$BZ" run yearly --every 365d -- true
  "$BZ" run daily --every 1d -- true
  "$BZ" report >"$OUT" 2>&1
  has "the slowest alarm" "slowest alarm possible today: yearly" "$OUT"
  "$BZ" status yearly >"$OUT" 2>&1
  has "of one job" "alarm after" "$OUT"
}

as_of() {
  new_root asof
  heartbeat job 10 86400
  notify
  later 200000 "$BZ" report >"$OUT" 2>&1
  has "when it was made" "As of " "$OUT"
  has "when it was last checked" "last full check" "$OUT"
  has "and when not" "**nobody checked** from" "$OUT"
  # Not what was stored: judged anew.
  hasnt "the old green is not shown" '| + | job' "$OUT"
}

# Listens on a port of its own and notes what is asked for, a line each.
listen() {
  python3 "$TESTS/listener.py" "$WORK/pings" "$WORK/pings.port" &
  LISTENER=$!
  until [ -s "$WORK/pings.port" ]; do
    kill -0 $LISTENER || { wrong "no listener"; return; }
    sleep 0.05
  done
}

dead_man() {
  new_root deadman
  listen
  printf '\n[deadman]\nurl = "http://127.0.0.1:%s/uuid"\n' \
    "$(cat "$WORK/pings.port")" >>"$ROOT/bezalel.toml"
  heartbeat job 10 86400
  "$BZ" check >/dev/null 2>&1
  [ ! -e "$WORK/pings" ] || wrong "a look pinged"
  notify
  same "a committed cycle" /uuid "$(cat "$WORK/pings")"
  # A cycle that cannot be committed is no proof of life.
  : >"$WORK/pings"
  mode 500 "" /api/
  heartbeat silent 500000 86400
  notify
  later 90000 notify
  has "an outbox that does not drain" /uuid/fail "$WORK/pings"
  "$BZ" doctor >"$OUT" 2>&1
  has "doctor of a twin" "+ dead man " "$OUT"
  kill $LISTENER
  control reset
  for cycle in 91000 91900 92800 93600; do later $cycle notify; done
  hasnt "not told yet" dead-man-failing "$OUT"
  later 94700 notify
  has "a ping that nobody takes is told" dead-man-failing "$OUT"
  later 94700 "$BZ" doctor >"$OUT" 2>&1
  has "doctor says so" "- dead man   fails since" "$OUT"
  sed -i 's|^url = "http:.*/uuid"|url = "ftp://x"|' "$ROOT/bezalel.toml"
  look
  has "an address that nobody could ask" "bezalel.toml" "$OUT"
  "$BZ" doctor >"$OUT" 2>&1
  has "doctor names it, too" "- dead man   [deadman] gives no address" "$OUT"
}

no_growth() {
  new_root growth
  "$BZ" run loud --every 1d -- sh -c 'head -c 30000000 /dev/zero | tr "\0" x' \
    >/dev/null
  ended loud >"$WORK/end"
  [ "$(wc -c <"$WORK/end")" -le 65536 ] || wrong "a line beyond 64 KiB"
  has "counted all the same" '"out_bytes":30000000' "$WORK/end"
  touch -d '20 days ago' "$HB/runs-20200101.jsonl"
  later 90000 "$BZ" run loud --every 1d -- true
  [ ! -e "$HB/runs-20200101.jsonl" ] || wrong "an old log is still there"
}

odd_times() {
  new_root times
  for odd in 253402300800 99999999999999999999 -1 4294967296; do
    printf '{"v":1,"job":"odd%s","timestamp":%s,"interval_seconds":86400}\n' \
      "$odd" "$odd" >"$HB/odd$odd.last"
  done
  heartbeat well 10 86400
  LC_ALL=de_DE.UTF-8 LC_TIME=de_DE.UTF-8 TZ=right/Europe/Riga look
  for odd in 253402300800 99999999999999999999 -1 4294967296; do
    odd_verdict=$(python3 "$TESTS/faults/ask.py" verdict "odd$odd" <"$OUT")
    [ "$odd_verdict" != ok ] || wrong "odd$odd is ok"
  done
  same "beyond 32 bits" clock \
    "$(python3 "$TESTS/faults/ask.py" verdict odd4294967296 <"$OUT")"
  same "twin" ok "$(python3 "$TESTS/faults/ask.py" verdict well <"$OUT")"
}

start_tracker
it "48: a failure whose mail and output nobody gets" discarded_output
it "49: a command that only the login shell finds" not_found
it "38: a job that was declared and never installed" never_installed
it "53: a run that is over at once" out_of_pace
it "54: a run that hangs" hung
it "55: a lock that is never given back" skipped_for_ever
it "56: a lock file that a crash left" stale_lock
it "57: two runs at once" no_overlap
it "59: a job killed for memory" killed_for_memory
it "61: a run that a shutdown ends, or the power" shut_down
it "65, 70: what a job may not read, or is not mounted" denied
it "66: three parts of five" parts
it "67: a job that goes on behind its own back" detached
it "71: a backup of nothing" empty_backup
it "78: nobody checks" not_checked
it "82: an alarm that would come too late" blind_spot
it "87: an old verdict shown as today's" as_of
it "89: the host itself is gone" dead_man
it "92: records that grow" no_growth
it "93: times that no clock shows" odd_times
finish
