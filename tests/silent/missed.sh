#!/bin/sh
# A host that came up and did not run what belongs to its start. With clocks and
# boots that are moved, and a host of its own.
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

# at NOW UPTIME BOOT COMMAND...: seconds from midnight of a certain day.
MIDNIGHT=1795478400
at() {
  now=$((MIDNIGHT + $1))
  up=$2
  boot=$3
  shift 3
  BEZALEL_TEST_NOW=$now BEZALEL_TEST_BOOT=$up BEZALEL_TEST_BOOT_ID=$boot "$@"
}
H=3600

{
  echo '0 3 * * * root /usr/bin/bezalel run backup -- /bin/true'
  echo '0 5 1 * * root /usr/bin/bezalel run twin -- /bin/true'
  echo '@reboot root /usr/bin/bezalel run warm -- /bin/true'
} >/etc/cron.d/jobs
for job in backup twin warm; do
  at $((3 * H)) 86400 first "$SMALL" run "$job" -- /bin/true
done
at $((4 * H)) 90000 first cycle

scenario "nothing is wrong"
says_not 'opened .*\(backup\|twin\|warm\)'

scenario "18 the host started, and @reboot was not run"
at $((5 * H)) 300 second cycle
says_not 'reboot-missed'
at $((6 * H)) 3900 second cycle
says 'opened .*P2 testhost reboot-missed warm'
at $((6 * H + 60)) 3960 second "$SMALL" run warm -- /bin/true
at $((7 * H)) 7500 second cycle
says 'resolved .*reboot-missed warm'

kill "$CRON"
finish
