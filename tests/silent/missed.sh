#!/bin/sh
# A host that was down when a job was due, or came up and did not run what belongs
# to its start. With clocks and boots that are moved, and files of its own.
. "$(dirname "$0")/lib.sh"

if [ "${2-}" != inside ]; then
  [ -x /usr/sbin/cron ] || part_is_missing "no cron daemon"
  enter_namespaces "$@"
fi
SMALL=$(dirname "$BEZALEL")/../../bin/bezalel
[ -x "$SMALL" ] || part_is_missing "no small program"

hide /run /var/spool/cron /var/lib/bezalel /etc/bezalel /etc/cron.d \
  /etc/cron.hourly /etc/cron.daily /etc/cron.weekly /etc/cron.monthly
mkdir -p /var/lib/bezalel/heartbeats
: >"$WORK/crontab"
mount --bind "$WORK/crontab" /etc/crontab
[ ! -e /etc/anacrontab ] || mount --bind "$WORK/crontab" /etc/anacrontab
unset BEZALEL_ROOT
export BEZALEL_HOST=testhost TZ=UTC
/usr/sbin/cron -f 2>"$WORK/cron.log" &
CRON=$!

# at NOW BOOT COMMAND...: seconds from midnight of a certain day, in the boot that
# began so many seconds from there. Both clocks agree.
MIDNIGHT=1795478400
at() {
  now=$1
  boot=$2
  shift 2
  BEZALEL_TEST_NOW=$((MIDNIGHT + now)) BEZALEL_TEST_BOOT=$((now - boot)) \
    BEZALEL_TEST_BOOT_ID="boot$boot" "$@"
}
H=3600
FIRST=-86400
SECOND=$((5 * H - 300))
THIRD=$((33 * H - 120))

{
  echo '0 3 * * * root /usr/bin/bezalel run backup -- /bin/true'
  echo '0 5 1 * * root /usr/bin/bezalel run twin -- /bin/true'
  echo '@reboot root /usr/bin/bezalel run warm -- /bin/true'
} >/etc/cron.d/jobs
for job in backup twin warm; do
  at $((3 * H)) $FIRST "$SMALL" run "$job" -- /bin/true
done
at $((4 * H)) $FIRST cycle

scenario "nothing is wrong"
says_not 'opened .*\(backup\|twin\|warm\)'

scenario "18 the host started, and @reboot was not run"
at $((5 * H)) $SECOND cycle
says_not 'reboot-missed'
at $((6 * H)) $SECOND cycle
says 'opened .*P2 testhost reboot-missed warm'
at $((6 * H + 60)) $SECOND "$SMALL" run warm -- /bin/true
at $((7 * H)) $SECOND cycle
says 'resolved .*reboot-missed warm'

scenario "12 the host was down when the job was due"
# Outside, a service that waits for two hosts: when it last heard each, and what
# it says of one from which nothing came for two hours.
python3 "$(dirname "$0")/../listener.py" "$WORK/pings" "$WORK/port" &
LISTENER=$!
until [ -s "$WORK/port" ]; do
  kill -0 "$LISTENER" || part_is_missing "no listener"
  sleep 0.05
done
waits_for() {
  printf '[deadman]\nurl = "http://127.0.0.1:%s/%s"\n' \
    "$(cat "$WORK/port")" "$2" >"$1/bezalel.toml"
}
heard() {
  while read -r ping; do
    echo "$1" >"$WORK/heard-${ping#/}"
  done <"$WORK/pings"
  : >"$WORK/pings"
}
outside() {
  silence=$(($2 - $(cat "$WORK/heard-$1")))
  [ $silence -le $((2 * H)) ] && echo up || echo down
}
TWIN=$WORK/twin
mkdir -p "$TWIN/heartbeats"
on_twin() {
  now=$1
  shift
  at $((now * H)) $FIRST env BEZALEL_ROOT="$TWIN" BEZALEL_HOST=twin "$@"
}
waits_for /etc/bezalel host
waits_for "$TWIN" twin
on_twin 21 "$SMALL" run job --every 2d -- /bin/true
at $((22 * H)) $SECOND cycle
at $((22 * H + 900)) $SECOND cycle
says_not 'opened .*backup'
heard $((22 * H + 900))
# Down from there until nine.
for hour in 22 23 24 25 26 27 28 29 30 31 32 33; do
  on_twin $hour "$BEZALEL" check --notify --quiet >"$WORK/out" 2>&1 ||
    fail "the twin is not well"
  heard $((hour * H))
  [ "$(outside twin $((hour * H)))" = up ] || fail "the twin was not heard"
done
[ "$(outside host $((24 * H)))" = up ] || fail "told too early"
[ "$(outside host $((27 * H)))" = down ] || fail "nobody outside is told"
at $((33 * H)) $THIRD cycle
says 'opened .*testhost gap: nobody checked this host for 10h 45m'
heard $((33 * H))
[ "$(outside host $((33 * H)))" = up ] || fail "its return is not heard"
kill "$LISTENER"
rm /etc/bezalel/bezalel.toml
at $((33 * H + 60)) $THIRD "$SMALL" run warm -- /bin/true
at $((33 * H + 900)) $THIRD "$BEZALEL" status backup >"$WORK/out" 2>&1
says 'backup@testhost  late  since Wed 25 Nov 2026 03:00'
# A boot is no storm of alarms: the next time that is missed, too, opens.
at $((51 * H + 1200)) $THIRD cycle
says 'opened .*backup@testhost stale'
says_not 'twin\|warm'
at $((52 * H)) $THIRD "$SMALL" run backup -- /bin/true
at $((52 * H + 900)) $THIRD cycle
says 'resolved .*backup@testhost stale'

scenario "11 the host slept when the job was due"
# From ten in the evening on, a minute short of eleven hours.
SLEPT=$((11 * H - 60))
at $((70 * H - 900)) $THIRD cycle
at $((70 * H)) $THIRD cycle
BEZALEL_TEST_ASLEEP=+$SLEPT at $((81 * H)) $THIRD cycle
says 'opened .*testhost gap: nobody checked this host for 11h: the host was asleep for 10h 5[0-9]m'
says_not 'opened .*\(backup\|twin\|warm\)'
BEZALEL_TEST_ASLEEP=+$SLEPT at $((81 * H + 900)) $THIRD \
  "$BEZALEL" status backup >"$WORK/out" 2>&1
says 'backup@testhost  late  since Fri 27 Nov 2026 03:00'
says 'the host was asleep for 10h 5[0-9]m when it'
BEZALEL_TEST_ASLEEP=+$SLEPT at $((81 * H + 900)) $THIRD cycle
says 'resolved .*testhost gap'
BEZALEL_TEST_ASLEEP=+$SLEPT at $((82 * H)) $THIRD \
  "$SMALL" run backup -- /bin/true
scenario "11 the host was awake, and its checker was not"
BEZALEL_TEST_ASLEEP=+$SLEPT at $((94 * H)) $THIRD cycle
says 'testhost gap: nobody checked .*: the host was awake, and the checker did not run'

kill "$CRON"
finish
