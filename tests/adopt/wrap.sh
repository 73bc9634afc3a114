#!/bin/sh
# A crontab is adopted line by line: the real daemon runs the same commands with
# the same input, each leaves proof, and release gives back every byte.
. "$(dirname "$0")/lib.sh"

TAB=/etc/cron.d/jobs
cat >"$WORK/tab" <<'T'
SHELL=/bin/bash
# quotes, a percent sign, input, and what only bash knows
@reboot	root	[[ 1 == 1 ]] && echo 'it'"'s" 5\% >$WORK/one
@reboot root cat >$WORK/two%first%second
@reboot root exit 3  # bezalel: job=three
@reboot root bezalel beat four --every 1d
T
sed -i "s|\$WORK|$WORK|" "$WORK/tab"
cp "$WORK/tab" $TAB

runs 0 adopt --file $TAB --wrap --dry-run
says 'would adopt 1 file, 4 jobs; job lines are wrapped in bezalel run'
says "^+@reboot root $BIN/bezalel run three -- /bin/bash -c 'exit 3'  # bezalel: job=three"
says "next: bezalel adopt --file $TAB --wrap"
cmp -s "$WORK/tab" $TAB || fail "--dry-run changed the file"
runs 0 adopt --file $TAB --wrap
says 'adopted 1 file, 4 jobs'
cp $TAB "$WORK/wrapped"
runs 0 adopt --file $TAB --wrap
says 'nothing to adopt: 1 crontab is as it should be'
runs 0 adopt --all
cmp -s "$WORK/wrapped" $TAB || fail "adopting twice changed the file"

/usr/sbin/cron -f 2>"$WORK/cron.log" &
CRON=$!
tries=0
until grep -q '"e":"end","job":"three"' \
  /var/lib/bezalel/heartbeats/runs-*.jsonl 2>/dev/null &&
  [ "$(cat "$WORK/one" 2>/dev/null)" = "it's 5%" ] &&
  [ "$(cat "$WORK/two" 2>/dev/null)" = "first
second" ]; do
  tries=$((tries + 1))
  [ "$tries" -lt 300 ] || fail "the jobs did not run: $(cat "$WORK/cron.log")"
  [ -d /proc/$CRON ] || fail "cron ended: $(cat "$WORK/cron.log")"
  sleep 0.1
done
runs 0 audit
says 'all 4 scheduled jobs are watched'
kill "$CRON"
wait "$CRON" 2>/dev/null
grep '"e":"end","job":"three"' /var/lib/bezalel/heartbeats/runs-*.jsonl |
  grep -q '"exit_code":3' || fail "another exit status"

echo '@daily root /bin/true' >>$TAB
runs 0 adopt --file $TAB --wrap
grep -q "^@daily root $BIN/bezalel run true-.* -c '/bin/true'\$" $TAB ||
  fail "a later line was not wrapped"
runs 0 release --file $TAB
says 'released 1 file, 5 jobs; job lines are as they were'
{
  cat "$WORK/tab"
  echo '@daily root /bin/true'
} | cmp -s - $TAB || fail "release did not give back every byte"

# What would not fit is left alone, whole.
printf '@daily root a\n@daily root %0980d\n' 0 >$TAB
cp $TAB "$WORK/long"
runs 1 adopt --file $TAB --wrap
says 'the daemon would ignore it: line 2'
cmp -s "$WORK/long" $TAB || fail "a file that does not fit was changed"
runs 2 adopt --timer x.timer --wrap
exit 0
