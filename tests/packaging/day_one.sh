#!/bin/sh
# A bare Debian host on day one: init, adopt --all, and a week of test-clock time
# in which all goes well. No false alarm, at most the one baseline issue. Then a
# job goes silent, so that the quiet is known to be no deafness.
# Runs in the copy that in_copy.sh makes. usage: day_one.sh BUILD-DIR STUB
#
# The crontabs and packages are those of this host. The cron daemon is the real
# one, held still: jobs are started as it would, by bezalel-sh, at their times.
. "$(dirname "$0")/walk_lib.sh"

install_build
start_tracker

HOUR=3600
# A Monday at midnight, UTC: the host's own zone.
START=$(($(date +%s) / 604800 * 604800 + 345600))
BOOT=1000000
export TZ=UTC BEZALEL_HOST=bare

# at SECONDS COMMAND...: both clocks that far into the week.
at() {
  NOW=$((START + $1))
  UPTIME=$((BOOT + $1))
  shift
  BEZALEL_TEST_NOW=$NOW BEZALEL_TEST_BOOT=$UPTIME "$@"
}
# start SECONDS USER COMMAND: as cron starts a line of an adopted crontab.
start() {
  at "$1" setpriv --reuid="$2" --regid="$2" --init-groups env -i \
    BEZALEL_TEST_NOW=$((START + $1)) BEZALEL_TEST_BOOT=$((BOOT + $1)) \
    SHELL=/usr/bin/bezalel-sh PATH=/usr/bin:/bin HOME=/ LOGNAME="$2" \
    BEZALEL_HOST=bare /usr/bin/bezalel-sh -c "$3" >/dev/null 2>&1 ||
    wrong "$3 of $2 failed at hour $(($1 / HOUR))"
}
all_issues() {
  curl -sf "$TRACKER/_control/state" | python3 -c '
import json, sys
for i in json.load(sys.stdin).get("issues", []):
    print(i["state"], i["title"])'
}

has_jobs_of_its_own() {
  useradd --create-home --shell /bin/sh ann
  printf '%s\n' 'MAILTO=root' '30 3 * * * true backup' \
    '*/30 * * * * true poll' '0 6 * * 1 true weekly' | crontab -
  printf '%s\n' '15 4 * * * true tidy' | crontab -u ann -
  printf '%s\n' '0 */6 * * * root true sync' >/etc/cron.d/local-sync
  # Held still, not dead: nothing is started at this machine's own time.
  /usr/sbin/cron
  kill -STOP "$(cat /run/crond.pid)"
}

starts_well() {
  run 0 "init" at 0 bezalel init --gitea "$TRACKER" ops/alerts \
    --token-file /root/token
  says "an alarm would reach you tonight, by 1 of 1 channel"
  run 0 "the first look" at 60 bezalel check --notify --quiet
  run 0 "adopt" at 120 bezalel adopt --all
  run 0 "the look after adopting" at 180 bezalel check --notify --quiet
  all_issues >$OUT
  [ "$(wc -l <$OUT)" -le 1 ] || wrong "issues: $(cat $OUT)"
  ! grep -vq 'never watched' $OUT || wrong "no baseline: $(cat $OUT)"
}

# One hour of a week: what is due, and the looks.
hour_passes() {
  hour=$1
  from=$((hour * HOUR))
  of_day=$((hour % 24))
  start $((from + 1)) root 'true poll'
  [ $((of_day % 6)) -ne 0 ] || start $((from + 1)) root 'true sync'
  [ $hour -ne 6 ] || start $((from + 2)) root 'true weekly'
  start $((from + 1801)) root 'true poll'
  [ "$of_day" -ne 3 ] || start $((from + 1802)) root 'true backup'
  [ "$of_day" -ne 4 ] || start $((from + 901)) ann 'true tidy'
  run 0 "the look of hour $hour" \
    at $((from + 3300)) bezalel check --notify --quiet
  says_not opened
}

a_week_is_quiet() {
  hour=0
  while [ $hour -lt 168 ]; do
    hour_passes $hour
    [ ! -s $WRONG ] || return
    hour=$((hour + 1))
  done
  all_issues >$OUT
  [ "$(grep -vc 'never watched' $OUT)" -eq 0 ] || wrong "$(cat $OUT)"
  [ "$(wc -l <$OUT)" -le 1 ] || wrong "more than one: $(cat $OUT)"
  run 0 "the panel" at $((168 * HOUR)) bezalel status
  says_not stale
  run 0 "the report" at $((168 * HOUR)) bezalel report
}

then_silence_is_heard() {
  # Nothing but the polling goes on.
  start $((168 * HOUR + 1)) root 'true poll'
  start $((192 * HOUR - 1799)) root 'true poll'
  start $((192 * HOUR + 1)) root 'true poll'
  run 1 "a day later" at $((192 * HOUR + 600)) bezalel check --notify --quiet
  says 'P1 true-'
  all_issues >$OUT
  says 'open [heartbeat-checker] P1'
}

it "has jobs of its own" has_jobs_of_its_own
it "starts well" starts_well
it "a week is quiet" a_week_is_quiet
it "then silence is heard" then_silence_is_heard
finish
