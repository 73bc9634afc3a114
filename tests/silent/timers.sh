#!/bin/sh
# Timers of a real `systemd --user`, judged by what systemd itself tells.
. "$(dirname "$0")/lib.sh"

part_is_missing() {
  echo "skipped: $1"
  exit 77
}
if [ "${2-}" != inside ]; then
  [ "$(id -u)" -eq 0 ] || part_is_missing "not root"
  [ -x /lib/systemd/systemd ] || part_is_missing "no systemd"
  command -v dbus-daemon >/dev/null || part_is_missing "no dbus-daemon"
  unshare -m -p --fork --mount-proc true 2>/dev/null ||
    part_is_missing "no namespaces"
  unshare -m -p --fork --kill-child --mount-proc sh "$0" "$1" inside
  exit $?
fi

for dir in /run /var/lib/bezalel /etc/bezalel /etc/cron.d /var/spool/cron; do
  [ -d "$dir" ] || mkdir -p "$dir" 2>/dev/null || part_is_missing "no $dir"
  mount -t tmpfs none "$dir" || part_is_missing "no tmpfs"
done
mkdir -p /run/systemd/system /run/user/0 /var/lib/bezalel/heartbeats
: >"$WORK/crontab"
mount --bind "$WORK/crontab" /etc/crontab
chmod 700 /run/user/0
export XDG_RUNTIME_DIR=/run/user/0 HOME=$WORK/home BEZALEL_HOST=testhost TZ=UTC
export XDG_CONFIG_HOME=$WORK/home/.config
unset BEZALEL_ROOT
UNITS=$XDG_CONFIG_HOME/systemd/user
mkdir -p "$UNITS/timers.target.wants"
DBUS_SESSION_BUS_ADDRESS=unix:path=$XDG_RUNTIME_DIR/bus
export DBUS_SESSION_BUS_ADDRESS
dbus-daemon --session --address="$DBUS_SESSION_BUS_ADDRESS" --nofork \
  --nopidfile >/dev/null 2>&1 &
/lib/systemd/systemd --user >"$WORK/systemd.log" 2>&1 &
tries=0
until systemctl --user list-units >/dev/null 2>&1; do
  tries=$((tries + 1))
  [ "$tries" -lt 100 ] || part_is_missing "systemd --user does not start here"
  sleep 0.1
done

unit() {
  cat >"$UNITS/$1"
}
good_timer() {
  unit "$1.service" <<UNIT
[Service]
Type=oneshot
ExecStart=$2
UNIT
  unit "$1.timer" <<UNIT
[Timer]
OnCalendar=daily
[Install]
WantedBy=timers.target
UNIT
  ln -sf "../$1.timer" "$UNITS/timers.target.wants/$1.timer"
}
cycle() {
  "$BEZALEL" check --notify --quiet >"$WORK/out" 2>&1
}
says() {
  grep -q -e "$1" "$WORK/out" || fail "expected \"$1\""
}
says_not() {
  grep -q -e "$1" "$WORK/out" && fail "did not expect \"$1\""
}

good_timer twin /bin/true
good_timer backup /bin/true
systemctl --user daemon-reload
systemctl --user start twin.timer backup.timer

scenario "nothing is wrong"
systemctl --user start backup.service twin.service
cycle
says_not 'backup.timer\|twin.timer'
"$BEZALEL" discover --format json >"$WORK/out" 2>&1
says '"job":"backup.timer","user":"root"'
says '"watched":"systemd"'

scenario "the service of a timer fails"
good_timer backup /bin/false
systemctl --user daemon-reload
systemctl --user start backup.service 2>/dev/null
cycle
says 'opened .*P1 backup.timer@testhost failed: exit 1'
says_not twin
good_timer backup /bin/true
systemctl --user daemon-reload
systemctl --user start backup.service
cycle
says 'resolved .*backup.timer@testhost failed'

scenario "5 a timer is stopped"
systemctl --user stop backup.timer
cycle
says 'testhost timer-stopped backup.timer\|backup.timer@testhost vanished'
says_not twin
systemctl --user start backup.timer
cycle
says resolved

scenario "6 a timer without a next time"
unit backup.timer <<UNIT
[Timer]
OnCalendar=2001-01-01
[Install]
WantedBy=timers.target
UNIT
systemctl --user daemon-reload
systemctl --user restart backup.timer 2>/dev/null
cycle
says 'testhost timer-no-next backup.timer\|timer-stopped backup.timer\|backup.timer@testhost vanished'
says_not twin

systemctl --user exit 2>/dev/null
finish
