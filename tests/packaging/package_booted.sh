#!/bin/sh
# The package on a host where systemd is process 1: its timers, its sandbox, the
# timer of a plain user, actions. In the copy that "in_copy.sh --booted" makes.
# usage: package_booted.sh PACKAGE STUB
. "$(dirname "$0")/walk_lib.sh"
PACKAGE=$BUILD
DEBIAN_FRONTEND=noninteractive
export DEBIAN_FRONTEND
rm -f /var/lib/man-db/auto-update
dpkg --purge bezalel >/dev/null 2>&1
userdel bezalel 2>/dev/null
start_tracker
# A sanitized build cannot look for leaks in a process with capabilities.
for service in bezalel-check bezalel-report; do
  mkdir -p "/run/systemd/system/$service.service.d"
  printf '[Service]\nEnvironment=ASAN_OPTIONS=detect_leaks=0\n' \
    >"/run/systemd/system/$service.service.d/leaks.conf"
done

state_of() { systemctl show --property="$2" --value "$1"; }
# cycle: one of the timer's, by the unit; its result is in the journal.
cycle() {
  # A unit that starts this often is held back by systemd, without need here.
  systemctl reset-failed bezalel-check.service 2>/dev/null
  systemctl start bezalel-check.service >$OUT 2>&1 ||
    wrong "bezalel-check.service: $(journalctl -u bezalel-check.service -n 20)"
}

installing_starts_the_timers() {
  run 0 "dpkg --install" dpkg --install "$PACKAGE"
  for timer in bezalel-check.timer bezalel-report.timer; do
    same "$timer" "enabled active" \
      "$(systemctl is-enabled $timer) $(systemctl is-active $timer)"
    [ -n "$(state_of $timer NextElapseUSecRealtime)" ] ||
      wrong "$timer has no next time"
  done
  run 0 "init" bezalel init --gitea "$TRACKER" ops/alerts \
    --token-file /root/token
  says "checking  every 15m by bezalel-check.timer"
  says "+ check      by bezalel-check.timer every 15m"
  says "an alarm would reach you tonight, by 1 of 1 channel"
  ends "next: bezalel drill"
}

the_unit_sees_and_tells() {
  run 0 "the cron daemon" systemctl enable --now cron
  make_user deploy
  as deploy 'echo "@daily true" | crontab -'
  run 0 "a job of root" bezalel run rooted --every 1d -- true
  # Of one that has no folder yet: in a home that nobody else can look into.
  chmod 700 /home/deploy
  as_run 3 deploy "a job of deploy" "bezalel run homely --every 1d -- sh -c 'exit 3'"
  cycle
  same "open issues" "open [heartbeat-checker] P1 homely@testhost failed" \
    "$(ask issues)"
  as_run 0 deploy "that job again" "bezalel run homely --every 1d -- true"
  cycle
  same "issues" "closed [heartbeat-checker] P1 homely@testhost failed" \
    "$(ask issues)"
  same "who owns the state" "600 bezalel:bezalel" \
    "$(stat -c '%a %U:%G' /var/lib/bezalel/state.db)"
  run 0 "check of root" bezalel check --all
  says "+ rooted"
  says "+ homely"
  # Root's own work between two cycles of the unit.
  run 0 "drill" bezalel drill --every 2s
  cycle
  same "open issues" 0 "$(ask open)"
}

the_report_is_sent() {
  systemctl start bezalel-report.service ||
    wrong "bezalel-report.service: $(journalctl -u bezalel-report.service -n 20)"
  same "reports" "644 bezalel:bezalel" \
    "$(stat -c '%a %U:%G' /var/lib/bezalel/reports/*.md)"
  cycle
  run 0 "check" bezalel check --all
  says "+ bezalel-report"
}

the_unit_cannot_write() {
  chown root: /var/lib/bezalel/state.db
  run 1 "doctor with a state of root" bezalel doctor
  says "no alarm would reach you tonight"
  says "- state      /var/lib/bezalel/state.db does not belong to the user"
  sh -c "$(sed -n 's/^next: //p' $OUT)" || wrong "what it says to type failed"
  run 0 "doctor after it" bezalel doctor
}

a_masked_timer() {
  # As somebody does who means to stop it, and as somebody who forgets to.
  systemctl mask bezalel-check.timer >/dev/null 2>&1
  run 1 "doctor with a masked timer that still runs" bezalel doctor
  says "masked"
  ends "next: systemctl unmask bezalel-check.timer"
  systemctl stop bezalel-check.timer
  run 1 "doctor with a masked timer" bezalel doctor
  says "masked"
  ends "next: systemctl unmask bezalel-check.timer"
  run 1 "init with a masked timer" bezalel init
  says "bezalel: bezalel-check.timer is masked"
  ends "next: systemctl unmask bezalel-check.timer"
  run 0 "what it says to type" systemctl unmask bezalel-check.timer
  run 0 "init after it" bezalel init
}

actions_need_a_rule() {
  cat >/etc/bezalel/jobs.d/healed.toml <<'TOML'
[job.healed]
every = "1d"
on_failed = { run = ["/usr/bin/touch", "/root/healed"], limit = "9/6h" }
TOML
  run 1 "doctor without a rule" bezalel doctor
  says "- actions    no rule of polkit lets the user bezalel start them"
  run 1 "the job fails" bezalel run healed -- false
  cycle
  [ ! -e /root/healed ] || wrong "an action was carried out without a rule"
  ask bodies >$OUT
  ask comments >>$OUT
  # The command that doctor names, as it names it.
  mkdir -p /etc/polkit-1/rules.d
  bezalel doctor | sed -n 's/^    do:  \(cp .*rules\.d\/\)$/\1/p' >/run/fix
  run 0 "what doctor says to do" sh /run/fix
  run 0 "the job is well" bezalel run healed -- true
  cycle
  run 0 "doctor with the rule" bezalel doctor
  says "+ actions    a rule of polkit lets bezalel start them"
  [ -x /usr/lib/polkit-1/polkitd ] || { echo "(no polkitd here)"; return; }
  systemctl restart polkit.service
  run 1 "the job fails again" bezalel run healed -- false
  cycle
  [ -e /root/healed ] || wrong "no action with the rule: $(ask comments)"
  run 0 "the job is well" bezalel run healed -- true
  cycle
}

user_by_timer() {
  make_user ann
  uid=$(id -u ann)
  loginctl enable-linger ann || wrong "no lingering"
  systemctl start "user@$uid.service" || {
    echo "(no user manager here: $(journalctl -u "user@$uid" -n 5))"
    return
  }
  USER_ENV="XDG_RUNTIME_DIR=/run/user/$uid"
  as_run 0 ann "init of a user" \
    "bezalel init --gitea $TRACKER ops/alerts --token-file ~/token"
  says "checking  every 15m by bezalel-check.timer of this user"
  says "+ check      by bezalel-check.timer every 15m"
  same "ann's crontab" "no crontab for ann" "$(as ann 'crontab -l' 2>&1)"
  as_run 0 ann "init again" "bezalel init"
  as_run 0 ann "the timer" "systemctl --user is-enabled bezalel-check.timer"
  as_run 4 ann "a job" "bezalel run mine --every 1d -- sh -c 'exit 4'"
  as_run 0 ann "what the timer starts" \
    "systemctl --user start bezalel-check.service"
  ask issues | tail -n 1 >$OUT
  says "open [heartbeat-checker] P1 mine@testhost failed"
  loginctl disable-linger ann
  systemctl start "user@$uid.service"
  as_run 1 ann "doctor without lingering" "bezalel doctor"
  tr -s ' \n' ' ' <$OUT >$OUT.flat && mv $OUT.flat $OUT
  says "it stops when you log out"
  says "next: loginctl enable-linger"
  USER_ENV=
}

removing_stops_them() {
  run 0 "dpkg --remove" dpkg --remove bezalel
  for unit in bezalel-check.timer bezalel-report.timer; do
    same "$unit" inactive "$(systemctl is-active $unit)"
  done
  same "failed units of ours" "" \
    "$(systemctl list-units --failed --plain --no-legend 'bezalel*')"
  run 0 "dpkg --purge" dpkg --purge bezalel
  same "links" "" "$(find /etc/systemd/system -name 'bezalel*')"
}

it "installing enables and starts the timers" installing_starts_the_timers
it "the hardened unit sees every job and tells the tracker" the_unit_sees_and_tells
it "the report is written by its unit" the_report_is_sent
it "doctor names a state that the unit cannot write" the_unit_cannot_write
it "a masked timer is named, with what unmasks it" a_masked_timer
it "actions need a rule of polkit, and doctor says so" actions_need_a_rule
it "a plain user gets a timer of the own" user_by_timer
it "removing stops the timers" removing_stops_them
finish
