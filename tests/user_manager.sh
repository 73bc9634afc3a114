#!/bin/sh
# Sourced by scenarios with timers; $WORK is a folder of theirs.
#
# start_user_manager: a real `systemd --user` of root, with units in $UNITS and a
# home and a runtime directory of its own. Fails where it does not start.
start_user_manager() {
  mkdir -p /run/user/0
  chmod 700 /run/user/0
  export XDG_RUNTIME_DIR=/run/user/0 HOME="$WORK/home"
  export XDG_CONFIG_HOME="$WORK/home/.config"
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
    [ "$tries" -lt 100 ] || return 1
    sleep 0.1
  done
}
