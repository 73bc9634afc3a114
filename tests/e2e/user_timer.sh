#!/bin/sh
# A plain user whose systemd runs: `init` makes user timers, and what they start
# checks and reports. With a real `systemd --user` of a user of its own.
. "$(dirname "$0")/../silent/lib.sh"
if [ "${2-}" != inside ]; then
  [ -x /lib/systemd/systemd ] || part_is_missing "no systemd"
  command -v dbus-daemon >/dev/null || part_is_missing "no dbus-daemon"
  export GROUP="bezalel-test-$$"
  # Once nothing of it is left.
  trap 'rm -rf "$WORK" "$HIDDEN"
    find /sys/fs/cgroup -depth -type d -path "*/$GROUP*" -exec rmdir {} \;' EXIT
  enter_namespaces "$@"
fi

UID_OF=54321
hide /run /var/spool/cron /var/lib/bezalel /etc/bezalel
mkdir -p /run/systemd/system /run/user/$UID_OF
chmod 755 "$WORK"
HOME=$WORK/home
mkdir "$HOME"
{
  cat /etc/passwd
  echo "ann:x:$UID_OF:$UID_OF::$HOME:/bin/sh"
} >"$WORK/passwd"
mount --bind "$WORK/passwd" /etc/passwd
chmod 700 /run/user/$UID_OF
chown $UID_OF:$UID_OF "$HOME" /run/user/$UID_OF

# A user's manager needs a cgroup to divide.
for base in /sys/fs/cgroup/systemd /sys/fs/cgroup/unified /sys/fs/cgroup; do
  [ -e "$base/cgroup.procs" ] || continue
  group=$base/$GROUP
  mkdir "$group" 2>/dev/null || continue
  chown -R $UID_OF "$group"
  echo $$ >"$group/cgroup.procs"
done
export HOME XDG_RUNTIME_DIR=/run/user/$UID_OF XDG_CONFIG_HOME="$HOME/.config"
DBUS_SESSION_BUS_ADDRESS=unix:path=$XDG_RUNTIME_DIR/bus
export DBUS_SESSION_BUS_ADDRESS
# shellcheck disable=SC2317  # called as a word of others
ann() {
  setpriv --reuid $UID_OF --regid $UID_OF --clear-groups "$@"
}
# typed EXPECTED ARGUMENT...: as ann.
typed() {
  expected=$1
  shift
  ann "$BEZALEL" "$@" >"$WORK/out" 2>&1
  status=$?
  [ $status -eq "$expected" ] || fail "$*: exit $status, not $expected"
}
cd "$HOME" || exit 1
ann test -x "$BEZALEL" || part_is_missing "no program that others may run"
ann dbus-daemon --session --address="$DBUS_SESSION_BUS_ADDRESS" --nofork \
  --nopidfile >/dev/null 2>&1 &
ann /lib/systemd/systemd --user >"$WORK/systemd.log" 2>&1 &
tries=0
until ann systemctl --user list-units >/dev/null 2>&1; do
  tries=$((tries + 1))
  [ $tries -lt 100 ] || part_is_missing "systemd --user does not start here"
  sleep 0.1
done

scenario "init starts the checking by a user timer"
typed 1 init
says '^checking  every 15m by bezalel-check.timer of this user$'
says '^- check      bezalel-check.timer starts it, but it stops when you log out'
says 'do:  loginctl enable-linger$'
ann systemctl --user is-active bezalel-check.timer >/dev/null ||
  fail "the timer does not run"
crontab -u ann -l >/dev/null 2>&1 && fail "a line in the crontab besides"

scenario "what it starts looks at the user's own jobs, and tells"
ann mkdir -p "$HOME/.bezalel/heartbeats"
echo '{"job":"gone","timestamp":1000000000,"interval_seconds":60}' |
  ann tee "$HOME/.bezalel/heartbeats/gone.last" >/dev/null
ann systemctl --user start bezalel-check.service || fail "the service failed"
typed 0 alerts
says 'gone  *stale'

scenario "a report that is asked for is sent by a timer of its own"
printf '\n[report]\nto = ["file"]\n' | ann tee -a \
  "$XDG_CONFIG_HOME/bezalel/bezalel.toml" >/dev/null
typed 1 init
says '^report    at 06:00 by bezalel-report.timer of this user$'
ann systemctl --user start bezalel-report.service || fail "the service failed"
typed 1 doctor
says '^~ report     last sent .*; bezalel-report.timer sends it'
grep -q 'gone.*stale' "$HOME"/.local/state/bezalel/reports/*.md ||
  fail "no report with the panel"
[ -s "$HOME/.bezalel/heartbeats/bezalel-report.last" ] ||
  fail "the report left no heartbeat"

scenario "init again starts nothing twice"
typed 1 init
says '^checking  every 15m by bezalel-check.timer'
says '^report    by bezalel-report.timer'
finish
