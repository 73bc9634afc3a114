#!/bin/sh
# A job that ran while it was adopted, and is released: nothing will come of it
# any more, so it is not watched, and never stale. Its twin stays adopted, runs
# on, and is well. With the real cron daemon, and days that are moved.
. "$(dirname "$0")/lib.sh"

[ -x "$BIN/bezalel-sh" ] || fail "no bezalel-sh"
/usr/sbin/cron -f 2>"$WORK/cron.log" &
CRON=$!
until [ "$(cat /proc/$CRON/comm 2>/dev/null)" = cron ]; do
  [ -d /proc/$CRON ] || fail "cron did not start: $(cat "$WORK/cron.log")"
done

# at HOUR COMMAND...: so many hours from a certain midnight, in one boot.
MIDNIGHT=1795478400
at() {
  hour=$1
  shift
  BEZALEL_TEST_NOW=$((MIDNIGHT + hour * 3600)) \
    BEZALEL_TEST_BOOT=$((90000 + hour * 3600)) BEZALEL_TEST_BOOT_ID=one "$@"
}
cycle() {
  at "$1" "$BEZALEL" check --notify --quiet >"$WORK/out" 2>&1
}
says_not() {
  grep -q -e "$1" "$WORK/out" && fail "did not expect \"$1\""
}
# As cron runs the line, which has its shell from the table.
by_cron() {
  at "$1" "$BIN/bezalel-sh" -c "true  # bezalel: job=$2 every=1d"
}

for job in freed kept; do
  echo "0 2 * * * root true  # bezalel: job=$job every=1d" >"/etc/cron.d/$job"
done
runs 0 adopt --all
says 'adopted 2 files, 2 jobs'
for hour in 2 26; do
  by_cron $hour freed
  by_cron $hour kept
  cycle $((hour + 1))
  says_not 'freed\|kept'
done

runs 0 release --file /etc/cron.d/freed
says 'tells of each as unwatched'
cycle 28
says 'opened .*P2 freed@testhost unwatched'
says_not 'kept'
at 28 "$BEZALEL" audit >"$WORK/out" 2>&1
says 'freed .*lost its wrapper'
says ' 1 of 2 scheduled jobs are watched'

for day in 2 3 4 5 6; do
  by_cron $((day * 24 + 2)) kept
  for hour in 3 9 15 21; do
    cycle $((day * 24 + hour))
    says_not 'opened.*\(freed\|kept\)\|stale'
  done
done
at 167 "$BEZALEL" status freed >"$WORK/out" 2>&1
says 'freed@testhost  unwatched'

# A script that leaves proof by itself is watched by that.
at 170 "$BIN/bezalel" beat freed --every 1d
cycle 171
says 'resolved .*freed@testhost unwatched'
by_cron 194 kept
for hour in 177 183 189 195 201 207 213 219 225; do
  cycle $hour
  grep -q 'freed@testhost stale' "$WORK/out" && break
done
says 'opened .*freed@testhost stale'

# Adopted again, it is watched as before.
runs 0 adopt --file /etc/cron.d/freed
by_cron 226 freed
cycle 227
says 'resolved .*freed@testhost stale'

# Of lines that record themselves nothing is lost.
echo "0 3 * * * root true && $BIN/bezalel beat own --every 1d" >/etc/cron.d/own
echo "0 4 * * * root $BIN/bezalel run two --every 1d -- true" >>/etc/cron.d/own
runs 0 adopt --file /etc/cron.d/own
runs 0 release --file /etc/cron.d/own
says 'released 1 file, 2 jobs'
says_not 'unwatched'

kill $CRON
