#!/bin/bash
# bezalel-sh beside /bin/sh, beat and run-parts.
. "$(dirname "$0")/lib.sh"
SH=$BIN/bezalel-sh

both() {
  what=$1
  shift
  /bin/sh "$@" >bare.out 2>bare.err
  bare=$?
  "$SH" "$@" >wrapped.out 2>wrapped.err
  same "$what: status" $bare $?
  cmp -s bare.out wrapped.out || fail "$what: output differs"
  cmp -s bare.err wrapped.err || fail "$what: errors differ"
}

both "simple" -c 'echo hello'
both "status" -c 'exit 7'
both "quoting" -c "echo 'a  b' \"\$HOME\" \\\\x"
both "signal" -c 'kill -TERM $$'
both "not there" -c 'nosuchcommand'
both "positional" -c 'echo $0 $1' zero one
both "flags" -ec 'false; echo never'
both "two statements" -c 'echo a; echo b >&2'
printf 'echo script $1\n' >script
both "script path" ./script arg
printf 'echo from stdin\n' | "$SH" >out
same "no arguments" "from stdin" "$(cat out)"
same "SHELL is the real one" /bin/sh "$(SHELL=$SH "$SH" -c 'echo $SHELL')"
same "BEZALEL_SHELL" bash "$(BEZALEL_SHELL=/bin/bash "$SH" -c \
  'echo ${BASH_VERSION:+bash}')"
same "a shell that is gone" x "$(BEZALEL_SHELL=/no/such "$SH" -c 'echo x')"
same "as -sh" x "$(bash -c 'exec -a -sh "$0" -c "echo x"' "$SH")"

"$SH" -c 'true # bezalel: job=named every=1d grace=2h'
grep -q '"interval_seconds":86400' "$BEZALEL_ROOT/heartbeats/named.last" ||
  fail "the comment was not read"
log | grep '"job":"named"' | grep -q '"trigger":"sh"' || fail "trigger"
before=$(log | wc -l)
"$SH" -c "$BZ run self -- true"
same "speaks for itself" 2 $(($(log | wc -l) - before))
# A line that ends with its own beat is that job, and fails at once.
before=$(log | wc -l)
"$SH" -c "true && $BZ beat ended --every 1h"
same "ends with a beat: one run" 2 $(($(log | wc -l) - before))
log | tail -2 | grep -q '"e":"start","job":"ended".*"trigger":"sh"' ||
  fail "ends with a beat: not recorded by the shell"
grep -q '"interval_seconds":3600' "$BEZALEL_ROOT/heartbeats/ended.last" ||
  fail "ends with a beat: no heartbeat with its interval"
"$SH" -c "echo no disk >&2; false && $BZ beat ended --every 1h" 2>/dev/null
ended_with '"outcome":"fail","exit_code":1' "ends with a beat: its failure"
ended_with '"err_head":"no disk' "ends with a beat: its output"
# What could end well without its beat is left to the beat.
before=$(log | wc -l)
"$SH" -c "false && $BZ beat ended --every 1h; true"
same "a beat in the middle" 0 $(($(log | wc -l) - before))
"$SH" -c '/bin/true --x; true'
log | grep -q '"job":"true-[0-9a-f]\{4\}"' || fail "no name was made"

# beat
"$BZ" beat queue --every 5min --message 'all well'
same "beat" 0 $?
grep -q '"interval_seconds":300' "$BEZALEL_ROOT/heartbeats/queue.last" ||
  fail "beat: no heartbeat"
"$BZ" beat bad --every 5min --status fail
[ ! -e "$BEZALEL_ROOT/heartbeats/bad.last" ] || fail "beat: fail made a .last"
ended_with '"outcome":"fail"' "beat fail"
"$BZ" beat 'x/y' --every 5min 2>/dev/null
same "beat: bad name" 2 $?
BEZALEL_ROOT=/proc/nowhere "$BZ" beat q --every 1d 2>/dev/null
same "beat: not recorded" 1 $?
SERVICE_RESULT=exit-code EXIT_CODE=exited EXIT_STATUS=7 "$BZ" beat u --unit
same "beat --unit: a failure of the unit is none of ours" 0 $?
ended_with '"outcome":"fail","exit_code":7' "beat --unit"
log | grep '"job":"u"' | grep -q '"trigger":"unit"' || fail "beat --unit"
SERVICE_RESULT=success EXIT_CODE=exited EXIT_STATUS=0 "$BZ" beat u --unit
[ -e "$BEZALEL_ROOT/heartbeats/u.last" ] || fail "beat --unit: no heartbeat"
"$BZ" beat none --unit 2>/dev/null
same "beat --unit: not in a unit" 2 $?
"$BZ" beat --help | grep -q 'bezalel beat mail_queue' || fail "beat: no example"

# run-parts
mkdir parts
printf '#!/bin/sh\necho a\n' >parts/a-good
printf '#!/bin/sh\nexit 3\n' >parts/b_bad
printf '#!/bin/sh\necho never\n' >parts/c.sh
printf 'echo never\n' >parts/d-plain
chmod +x parts/a-good parts/b_bad parts/c.sh
"$BZ" run-parts --report parts >out 2>err
same "run-parts: status" 1 $?
same "run-parts: output" "$(printf 'parts/a-good:\na')" "$(cat out)"
grep -q 'parts/b_bad exited with return code 3' err || fail "run-parts: $(cat err)"
log | grep -q '"job":"a-good-[0-9a-f]*"' || fail "run-parts: no record"
log | grep '"e":"start","job":"b_bad' | grep -q '"trigger":"parts"' ||
  fail "run-parts: trigger"
# Scripts run whatever is wrong with the line.
for line in '--every 1dd' '--every=1dd' '--every 1d --lsbsysinit'; do
  PATH=$PATH:/usr/bin:/bin "$BZ" run-parts $line parts >out 2>err
  grep -q '^a$' out || fail "run-parts $line: $(cat err)"
done
same "run-parts: test" "$(printf 'parts/a-good\nparts/b_bad')" \
  "$("$BZ" run-parts --test parts)"
finish
