#!/bin/bash
# Every edge of the wrapper's contract: alone and wrapped, side by side.
. "$(dirname "$0")/lib.sh"
# Else a sanitizer sets the limit of core files before we could keep it.
export ASAN_OPTIONS=disable_coredump=0

# exit 0..255
for code in 0 1 2 42 126 127 128 137 200 255; do
  compare "exit $code" sh -c "exit $code"
done
for code in $(seq 0 255); do
  "$BZ" run codes --no-output -- sh -c "exit $code" 2>/dev/null
  same "exit $code" "$code" $?
done

# death by signal: the same signal, seen by waitpid
for signal in TERM KILL INT HUP USR1 PIPE ALRM; do
  bare=$(python3 "$HERE/status.py" sh -c "kill -$signal \$\$")
  wrapped=$(python3 "$HERE/status.py" \
    "$BZ" run sig -- sh -c "kill -$signal \$\$")
  same "signal $signal" "$bare" "$wrapped"
  ended_with '"outcome":"signal"' "signal $signal"
done
[ -z "$(find . -name 'core*')" ] || fail "a core file of our own"

# a command that is not there, or no program
"$BZ" run gone -- ./nosuch 2>err
same "not there" 127 $?
ended_with '"outcome":"exec_failed"'
grep -q 'nosuch: No such file' err || fail "no reason said: $(cat err)"
touch plain
"$BZ" run noexec -- ./plain 2>/dev/null
same "not executable" 126 $?

# what the job sees of its surroundings
probe() { (cd / && umask 027 && ulimit -n 99 && nice -n 3 "$@" 7</etc/passwd \
  </dev/null 2>&1 | cat); }
probe "$HELPERS/probe" a 'b c' '' '$x' >bare
probe "$BZ" run probe -- "$HELPERS/probe" a 'b c' '' '$x' >wrapped
diff bare wrapped >&2 || fail "surroundings differ"
(trap '' HUP CHLD; "$HELPERS/probe" x 2>&1 | cat >bare
 "$BZ" run probe -- "$HELPERS/probe" x 2>&1 | cat >wrapped)
grep -v "^env _=" bare >a; grep -v "^env _=" wrapped >b
diff a b >&2 || fail "ignored signals differ"
for closed in '<&-' '>&-' '2>&-' '<&- >&- 2>&-'; do
  eval "'$HELPERS/probe' x 8>bare8 $closed" >bare.x 2>/dev/null
  eval "'$BZ' run probe -- '$HELPERS/probe' x $closed" >wrapped.x 2>/dev/null
done
sh -c 'exec >&-; "$1" run shut -- sh -c "echo x" 2>/dev/null' sh "$BZ"
same "write to closed output" 1 \
  "$(sh -c '"$1" run shut -- sh -c "echo x 2>/dev/null" >&- 2>/dev/null
     [ $? -ne 0 ] && echo 1' sh "$BZ")"

# stdin is the job's own
same "stdin" "$(printf 'a\nb\n' | wc -l)" \
  "$(printf 'a\nb\n' | "$BZ" run stdin -- wc -l)"
(read -r first; echo "$first"; cat) <<END >bare
one
two
END
("$BZ" run stdin -- head -c 0; cat) <<END >rest
two
END
same "stdin is not eaten" two "$(cat rest)"

# order of the two streams, when they are one file
order='for i in 1 2 3 4 5 6 7 8 9; do echo o$i; echo e$i >&2; done'
same "order" "$(sh -c "$order" 2>&1)" "$("$BZ" run order -- sh -c "$order" 2>&1)"
ended_with '"merged":true'
compare "two streams" sh -c "$order"

# any bytes
head -c 3000000 /dev/urandom >random
compare "binary" cat random
ended_with '"out_bytes":3000000'
compare "no newline" printf 'abc'
compare "NUL" printf 'a\0b\n'
tr '\0' x </dev/zero | head -c 20000000 >long
compare "one long line" cat long

# nobody reads: the job gets its SIGPIPE
bare=$(sh -c '(yes; echo $? >&3) 3>&1 >/dev/full 2>/dev/null; :' | head -n 1)
timeout 20 sh -c '"$1" run pipe -- yes 2>/dev/null | head -n 1 >/dev/null' \
  sh "$BZ" || fail "reader gone: the job went on"
ended_with '"signal":13' "reader gone"
# the output's disk is full: the job must not feel it through us
"$BZ" run full -- sh -c 'yes | head -c 100000; exit 5' >/dev/full 2>err
same "output on a full disk" 5 $?
# what is lost there is no success
head -c 100000 /dev/zero >/dev/full 2>/dev/null
bare=$?
"$BZ" run full -- head -c 100000 /dev/zero >/dev/full 2>err
same "output lost on a full disk" "$bare" $?
ended_with '"outcome":"assertion"' "output lost on a full disk"
grep -q 'its output could not be written: No space left' err ||
  fail "output lost: $(cat err)"
(
  ulimit -f 10
  "$BZ" run cut -- head -c 100000 /dev/zero >out 2>err
  same "output cut by a limit" 1 $?
)
grep -q 'its output could not be written: File too large' err ||
  fail "output cut: $(cat err)"
"$BZ" run full --no-output -- sh -c 'echo out; exit 0' >/dev/full 2>/dev/null
same "output that is not ours" 0 $?

# a daemon that keeps the output: we end with the job
began=$(date +%s)
"$BZ" run daemon -- sh -c '(sleep 3; echo late) & echo early; exit 4' >out
same "daemon: status" 4 $?
[ $(($(date +%s) - began)) -lt 3 ] || fail "waited for the daemon"
same "daemon: output so far" early "$(cat out)"
ended_with '"lingering":1' daemon
piped=$("$BZ" run daemon2 -- sh -c '(sleep 1; echo late; echo more) & echo early')
same "daemon: all output" "$(printf 'early\nlate\nmore')" "$piped"

# orphans are reaped, not left as zombies to us
"$BZ" run orphan -- sh -c 'sh -c "sleep 0.2 & exit 0"; sleep 0.6'
ended_with '"outcome":"ok"' orphan
log | tail -n 1 | grep -q lingering && fail "a reaped orphan counted"

# signals are passed on
for signal in TERM HUP USR1; do
  rm -f out
  "$BZ" run told -- sh -c 'trap "echo got; exit 9" '"$signal"'
    echo ready; while :; do sleep 0.05; done' >out 2>/dev/null </dev/null &
  pid=$!
  until grep -qs ready out; do sleep 0.02; done
  kill -$signal $pid
  wait $pid
  same "told $signal" 9 $?
  grep -q got out || fail "told $signal: not passed on"
done
"$BZ" run told -- sleep 60 </dev/null &
pid=$!
until log | grep -q '"cmd":"sleep 60"'; do sleep 0.02; done
kill $pid
wait $pid
same "ended by SIGTERM" 143 $?
ended_with 'terminated by SIGTERM from pid'
# A terminal is the job's own: what it prints there is not checked, and that is
# said. (Of script(1), which gives it one.)
script -qec "'$BZ' run seen --every 1d --expect-output zzz -- echo a" /dev/null \
  >out 2>&1 </dev/null
same "on a terminal" 0 $?
grep -q 'seen: its output was not checked' out || fail "on a terminal: not said"
ended_with 'its output was not checked' seen
# What it was started deaf to, as by nohup, asks for no end.
rm -f out told
(
  trap '' HUP
  exec "$BZ" run deaf --kill-after 0.1 -- sh -c 'echo ready
    until [ -e told ]; do sleep 0.05; done
    sleep 0.5'
) >out 2>/dev/null </dev/null &
pid=$!
until grep -qs ready out; do sleep 0.02; done
kill -HUP $pid
touch told
wait $pid
same "deaf to SIGHUP" 0 $?
ended_with '"outcome":"ok"' deaf
log | tail -n 1 | grep -q terminated && fail "deaf to SIGHUP: told as an end"
rm -f out
"$BZ" run stubborn --kill-after 0.2 -- sh -c 'trap "" TERM; echo ready
  while :; do sleep 0.05; done' >out 2>/dev/null </dev/null &
pid=$!
until grep -qs ready out; do sleep 0.02; done
kill $pid
wait $pid
same "--kill-after" 137 $?

# limits of our own
"$BZ" run slow --timeout 0.2 -- sleep 60
same "--timeout" 124 $?
ended_with '"outcome":"timeout"'
"$BZ" run slow --timeout 0.2 --kill-after 0.2 -- sh -c 'trap "" TERM
  while :; do sleep 0.05; done'
same "--timeout, stubborn" 124 $?

# overlap
rm -f out
"$BZ" run lock --no-overlap -- sh -c 'echo ready; sleep 1' >out &
until grep -qs ready out; do sleep 0.02; done
"$BZ" run lock --no-overlap -- touch overlapped
same "overlap: status" 0 $?
[ ! -e overlapped ] || fail "overlap: it ran"
ended_with '"outcome":"skipped"'
wait
"$BZ" run lock --no-overlap -- "$BZ" run lock --no-overlap -- touch within
[ -e within ] || fail "the lock of the outer run held back the same run"
ended_with '"outcome":"ok"' "a run within itself"
"$BZ" run lock --no-overlap -- touch alone && [ -e alone ] ||
  fail "overlap: the lock outlived its run"

# nested: the same job once, another one with its parent
"$BZ" run outer -- "$BZ" run outer -- "$BZ" run inner -- sh -c 'exit 0'
same "nested: starts of outer" 1 \
  "$(log | grep -c '"e":"start","job":"outer"')"
log | grep '"e":"start","job":"inner"' | grep -q '"parent":"outer/' ||
  fail "nested: no parent"
# a daemon that was started in a job keeps the variable; its jobs are no part
BEZALEL_RUN_ID=left/01HZZZZZZZZZZZZZZZZZZZZZZZ "$BZ" run left -- true
log | grep -q '"job":"left"' || fail "an inherited variable hid a run"

# nothing can be recorded: the job runs
(BEZALEL_ROOT=/proc/nowhere "$BZ" run lostrec -- sh -c 'echo out; exit 6') \
  >out 2>err
same "unwritable: status" 6 $?
same "unwritable: output" out "$(cat out)"
same "unwritable: said once" 1 "$(wc -l <err)"

# a root that is not there is not made: nobody would look into it
for words in "run lostroot" run-parts beat; do
  case $words in
    run-parts) set -- "$WORK/parts"; mkdir -p "$WORK/parts" ;;
    beat) set -- lostroot --every 1d ;;
    *) set -- -- sh -c 'exit 6' ;;
  esac
  # shellcheck disable=SC2086  # words
  BEZALEL_ROOT=$WORK/no/such "$BZ" $words "$@" 2>err
  status=$?
  [ ! -e "$WORK/no" ] || fail "$words made the root"
  [ "$words" = run-parts ] && continue
  same "$words: said once" 1 "$(wc -l <err)"
  grep -q "could not be recorded: .*$WORK/no/such.*: No such file" err ||
    fail "$words: no reason said: $(cat err)"
  [ "$words" = beat ] || same "no root: status" 6 "$status"
done

# a wrong line runs the command and says what is wrong
"$BZ" run --evry 1d typo --timeout "1 dya" -- touch ran 2>err
same "typo: status" 0 $?
[ -e ran ] || fail "typo: the command did not run"
grep -q -- 'unknown option --evry' err || fail "typo: $(cat err)"
grep -q -- '--timeout: "1 dya"' err || fail "typo: $(cat err)"
log | grep -q '"e":"end","job":"typo"' || fail "typo: not recorded"
"$BZ" run 'bad/name' -- touch ran2 2>err
[ -e ran2 ] || fail "bad name: the command did not run"
"$BZ" run nothing 2>/dev/null
same "no command" 2 $?
"$BZ" run --help | grep -q 'bezalel run db_backup' || fail "no example in help"
"$BZ" help run | grep -q 'bezalel run db_backup' || fail "help run"

# assertions
"$BZ" run e1 --expect-output '^[0-9]+ rows$' -- echo '12 rows' ||
  fail "expect-output"
"$BZ" run e2 --expect-output '^[0-9]+ rows$' -- echo 'no rows' 2>/dev/null
same "expect-output missed" 1 $?
"$BZ" run e2 --no-output --expect-output NEVER -- echo x >/dev/null 2>&1
same "expect-output missed, nothing kept" 1 $?
ended_with '"outcome":"assertion"'
"$BZ" run e3 --fail-output 'ERROR' -- sh -c 'echo ERROR >&2' 2>/dev/null
same "fail-output" 1 $?
[ ! -e "$BEZALEL_ROOT/heartbeats/e3.last" ] || fail "a heartbeat of a failure"
"$BZ" run e4 --expect-file 'dump-*.gz,newer,min=3' -- \
  sh -c 'echo full >dump-1.gz' || fail "expect-file"
"$BZ" run e5 --expect-file 'dump-*.gz,newer,min=1k' -- true 2>err
same "expect-file missed" 1 $?
grep -q 'dump-' err || fail "expect-file: no reason"
"$BZ" run e6 --ok-exit 1,24 -- sh -c 'exit 24'
same "ok-exit keeps the status" 24 $?
[ -e "$BEZALEL_ROOT/heartbeats/e6.last" ] || fail "ok-exit: no heartbeat"

# quiet
same "quiet, good" "" "$("$BZ" run q1 --quiet -- sh -c 'echo x; echo y >&2' 2>&1)"
same "quiet, bad" x "$("$BZ" run q2 --quiet -- sh -c 'echo x; exit 1')"
# --no-output
"$BZ" run no --no-output -- echo secret >/dev/null
ended_with '"out_bytes":0'

# the files
mode=$(stat -c %a "$BEZALEL_ROOT"/heartbeats/runs-*.jsonl)
same "mode of the run log" 600 "$mode"
mkdir r2
(umask 0; BEZALEL_ROOT=$WORK/r2 "$BZ" run m -- true)
same "mode whatever the umask" "600 644" \
  "$(stat -c %a r2/heartbeats/runs-*.jsonl r2/heartbeats/m.last | xargs)"
printf 'torn' >>"$(ls r2/heartbeats/runs-*.jsonl)"
BEZALEL_ROOT=$WORK/r2 "$BZ" run m -- true
same "newline repair" 1 "$(grep -c '^torn$' r2/heartbeats/runs-*.jsonl)"
# a new day's file sweeps what is old
mkdir -p r3/heartbeats
touch r3/heartbeats/runs-20200101.jsonl r3/heartbeats/keep.last
touch -d '3 hours ago' r3/heartbeats/.x.last.0123456789ab.tmp
touch r3/heartbeats/.y.last.0123456789ab.tmp
BEZALEL_ROOT=$WORK/r3 "$BZ" run m -- true
[ ! -e r3/heartbeats/runs-20200101.jsonl ] || fail "an old log was kept"
[ ! -e r3/heartbeats/.x.last.0123456789ab.tmp ] || fail "litter was kept"
[ -e r3/heartbeats/.y.last.0123456789ab.tmp ] || fail "a live file was swept"
[ -e r3/heartbeats/keep.last ] || fail "a heartbeat was swept"
# secrets in the command line
"$BZ" run sec -- true --token=abcdef123456 >/dev/null
log | grep -q abcdef123456 && fail "a secret in the record"

# the watcher is watched
printf '{"v":1,"timestamp":1000000000,"interval_seconds":900}\n' \
  >"$BEZALEL_ROOT/bezalel-check.last"
"$BZ" run w -- true 2>err
grep -q "nobody has checked this host's jobs since" err || fail "no warning"
"$BZ" run w -- true 2>err
same "warned once a day" "" "$(cat err)"
rm "$BEZALEL_ROOT/bezalel-check.last"

# what may stand in front of the subcommand
"$BZ" --mine run front -- sh -c 'exit 7'
same "--mine in front" 7 $?
ended_with '"exit_code":7' "--mine in front"
"$BZ" --mine beat front --every 1d || fail "beat: --mine in front"
"$BZ" --root '' run empty -- sh -c 'exit 8' 2>err
same "an empty --root: the job" 8 $?
grep -q -- '--root: "": expected a directory' err || fail "empty --root"
ended_with '"job":"empty"' "an empty --root counts as none"
"$BZ" run empty --root= -- sh -c 'exit 9' 2>err
same "run --root=: the job" 9 $?
grep -q -- '--root: "": expected a directory' err || fail "run --root="
"$BZ" beat empty --root '' 2>err
same "beat --root ''" 2 $?
"$BZ" --root '' beat empty 2>err
same "--root '' beat" 2 $?

# another subcommand belongs to the full program
"$BZ" nosuchcommand 2>err
[ $? -ne 0 ] || fail "an unknown subcommand succeeded"
finish
