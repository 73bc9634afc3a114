#!/bin/sh
# A bare Debian host on day one: init, adopt --all, and a week of test-clock time
# in which all goes well. No false alarm, at most the one baseline issue. Then a
# job goes silent, so that the quiet is known to be no deafness.
# Runs in the copy that in_copy.sh makes. usage: day_one.sh BUILD-DIR STUB
#
# The crontabs and packages are those of this host. A stand-in takes the place of
# the cron daemon: jobs are started as it would, by bezalel-sh, at their times.
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
  # A process of the daemon's name that starts nothing: jobs must not run at
  # this machine's own time, and a daemon held still would rightly alarm.
  cp /bin/sleep /root/cron
  /root/cron infinity &
  STAND_IN=$!
}

starts_well() {
  run 0 "init" at 0 bezalel init --gitea "$TRACKER" ops/alerts \
    --token-file /root/token
  says "an alarm would reach you tonight, by 1 of 1 channel"
  # Nothing has run yet: "0 of 0" is never called well.
  run 3 "the first look" at 60 bezalel check --notify --quiet
  run 0 "adopt" at 120 bezalel adopt --all
  run 0 "the look after adopting" at 180 bezalel check --notify --quiet
  all_issues >$OUT
  [ "$(wc -l <$OUT)" -le 1 ] || wrong "issues: $(cat $OUT)"
  ! grep -vq 'never watched' $OUT || wrong "no baseline: $(cat $OUT)"
}

reports_every_morning() {
  printf '%s\n' '[report]' 'to = ["paper"]' '[channel.paper]' 'type = "exec"' \
    'argv = ["/bin/cat"]' >>/etc/bezalel/bezalel.toml
  touch -d "@$START" /etc/bezalel/bezalel.toml
}

# a_look SECONDS: a check that has nothing to say.
a_look() {
  run 0 "the look at hour $(($1 / HOUR))" \
    at "$1" bezalel check --notify --quiet
  says_not opened
}

# One hour of a week: what is due in each half, and a look at it.
hour_passes() {
  hour=$1
  from=$((hour * HOUR))
  of_day=$((hour % 24))
  start $((from + 1)) root 'true poll'
  [ $((of_day % 6)) -ne 0 ] || start $((from + 1)) root 'true sync'
  [ $hour -ne 6 ] || start $((from + 2)) root 'true weekly'
  [ "$of_day" -ne 4 ] || start $((from + 901)) ann 'true tidy'
  [ "$of_day" -ne 6 ] || run 0 "the report at hour $hour" \
    at $((from + 3)) bezalel report --send
  a_look $((from + 1200))
  start $((from + 1801)) root 'true poll'
  [ "$of_day" -ne 3 ] || start $((from + 1802)) root 'true backup'
  a_look $((from + 3000))
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
  # Nothing but the polling goes on; the backup of 03:30 does not come.
  hour=168
  while [ $hour -lt 172 ]; do
    start $((hour * HOUR + 1)) root 'true poll'
    at $((hour * HOUR + 1200)) bezalel check --notify --quiet >/dev/null
    start $((hour * HOUR + 1801)) root 'true poll'
    [ $hour -eq 171 ] ||
      at $((hour * HOUR + 3000)) bezalel check --notify --quiet >/dev/null
    hour=$((hour + 1))
  done
  run 1 "after the backup did not come" \
    at $((171 * HOUR + 3000)) bezalel check --notify --quiet
  says 'P1 true-'
  all_issues >$OUT
  says 'open [heartbeat-checker] P1'
}

it "has jobs of its own" has_jobs_of_its_own
it "starts well" starts_well
it "reports every morning" reports_every_morning
it "a week is quiet" a_week_is_quiet
it "then silence is heard" then_silence_is_heard
kill "$STAND_IN"
finish
