#!/bin/sh
# Timers of a real `systemd --user`, judged by what systemd itself tells.
. "$(dirname "$0")/lib.sh"

if [ "${2-}" != inside ]; then
  [ -x /lib/systemd/systemd ] || part_is_missing "no systemd"
  command -v dbus-daemon >/dev/null || part_is_missing "no dbus-daemon"
  enter_namespaces "$@"
fi

hide /run /var/lib/bezalel /etc/bezalel /etc/cron.d /var/spool/cron \
  /var/lib/systemd
mkdir -p /run/systemd/system /var/lib/bezalel/heartbeats \
  /var/lib/systemd/linger
touch /var/lib/systemd/linger/root
: >"$WORK/crontab"
mount --bind "$WORK/crontab" /etc/crontab
export BEZALEL_HOST=testhost TZ=UTC
unset BEZALEL_ROOT
start_user_manager || part_is_missing "systemd --user does not start here"

cycle() {
  "$BEZALEL" check --notify --quiet >"$WORK/out" 2>&1
}
# seen_at WALL BOOT: what audit says when the clocks show that.
seen_at() {
  BEZALEL_TEST_NOW=$1 BEZALEL_TEST_BOOT=$2 "$BEZALEL" audit >"$WORK/out" 2>&1
}
await() {
  what=$1
  shift
  tries=0
  until "$@"; do
    tries=$((tries + 1))
    [ "$tries" -lt 200 ] || { fail "waited in vain: $what"; return; }
    sleep 0.1
  done
}
triggered() {
  [ "$(systemctl --user show -P LastTriggerUSec "$1.timer")" != "" ] &&
    [ "$(systemctl --user show -P LastTriggerUSec "$1.timer")" != n/a ]
}
manager_is_gone() {
  [ "$(systemctl --user is-system-running 2>/dev/null)" != running ] &&
    ! pgrep -f '^/lib/systemd/systemd --user' >/dev/null
}
# Elapses at once, and every midnight.
now_and_daily() {
  unit "$1.service" <<UNIT
$2
[Service]
Type=oneshot
ExecStart=/bin/true
$3
UNIT
  printf '[Timer]\nOnActiveSec=0\nOnCalendar=daily\n' | unit "$1.timer"
  systemctl --user daemon-reload
  systemctl --user start "$1.timer"
  await "$1.timer elapses" triggered "$1"
}
# forget NAME...: timers that later scenarios do not need.
forget() {
  for name; do
    systemctl --user stop "$name.timer" "$name.service" 2>/dev/null
    rm -f "$UNITS/$name".* "$UNITS/timers.target.wants/$name.timer"
  done
  systemctl --user daemon-reload
  for name; do
    "$BEZALEL" retire "$name.timer" >/dev/null 2>&1
  done
  cycle
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
says 'testhost timer-stopped backup.timer'
says_not 'twin\|vanished'
systemctl --user start backup.timer
cycle
says resolved

scenario "5 a timer is disabled, or masked"
systemctl --user disable --now backup.timer 2>/dev/null
cycle
says 'backup.timer@testhost vanished'
says_not twin
systemctl --user enable --now backup.timer 2>/dev/null
cycle
says resolved
systemctl --user stop backup.timer
mv "$UNITS/backup.timer" "$WORK/backup.timer"
ln -s /dev/null "$UNITS/backup.timer"
systemctl --user daemon-reload
cycle
says 'backup.timer@testhost vanished'
rm "$UNITS/backup.timer"
mv "$WORK/backup.timer" "$UNITS/backup.timer"
systemctl --user daemon-reload
systemctl --user start backup.timer
cycle
says resolved

scenario "5 a timer is enabled, and systemd was not told"
good_timer later /bin/true
cycle
says 'testhost timer-stopped later.timer'
says_not twin
systemctl --user daemon-reload
systemctl --user start later.timer
cycle
says 'resolved .*timer-stopped'
rm "$UNITS"/later.* "$UNITS/timers.target.wants/later.timer"
systemctl --user stop later.timer 2>/dev/null
systemctl --user daemon-reload

scenario "5 a timer that somebody wrote and never enabled"
unit idle.service <<UNIT
[Service]
ExecStart=/bin/true
UNIT
unit idle.timer <<UNIT
[Timer]
OnCalendar=daily
[Install]
WantedBy=timers.target
UNIT
printf '[Timer]\nOnCalendar=daily\n' | unit part.timer # of another unit
cp "$UNITS/idle.timer" "$UNITS/each@.timer"
ln -s /dev/null "$UNITS/masked.timer"
systemctl --user daemon-reload
cycle
says 'P3 testhost timer-not-enabled idle.timer'
says_not 'part.timer\|each\|masked\|twin'
"$BEZALEL" audit >"$WORK/out" 2>&1
says 'systemctl --user enable --now idle.timer'
systemctl --user enable --now idle.timer 2>/dev/null
cycle
says 'resolved .*timer-not-enabled idle.timer'
# Once it was a job, it is judged as one; retired, it is off on purpose.
systemctl --user disable --now idle.timer 2>/dev/null
cycle
says 'idle.timer@testhost vanished'
says_not 'timer-not-enabled'
"$BEZALEL" retire idle.timer >/dev/null 2>&1
cycle
says_not 'opened'
rm "$UNITS"/idle.* "$UNITS"/part.timer "$UNITS"/each@.timer \
  "$UNITS"/masked.timer
systemctl --user daemon-reload

scenario "5 a timer is enabled, and systemd cannot load it"
unit refused.timer <<UNIT
[Timer]
OnCalendar=dayly
UNIT
ln -s "$UNITS/refused.timer" "$UNITS/timers.target.wants/refused.timer"
ln -s "$UNITS/nowhere.timer" "$UNITS/timers.target.wants/nowhere.timer"
systemctl --user daemon-reload
cycle
says 'P2 testhost timer-broken refused.timer'
says 'P3 testhost timer-broken nowhere.timer'
says_not twin

scenario "5 a timer that runs loses its file"
good_timer orphan /bin/true
systemctl --user daemon-reload
systemctl --user start orphan.timer
cycle
says_not orphan
rm "$UNITS"/orphan.*
systemctl --user stop orphan.timer
systemctl --user daemon-reload
cycle
says 'opened .*timer-broken orphan.timer'
says_not vanished
forget orphan
rm "$UNITS/refused.timer" "$UNITS/timers.target.wants/refused.timer" \
  "$UNITS/timers.target.wants/nowhere.timer"
systemctl --user daemon-reload
cycle
says 'resolved .*timer-broken refused'

scenario "the next time of a monotonic timer, and of several calendars"
good_timer chain /bin/true
unit chain.timer <<UNIT
[Timer]
OnActiveSec=1h
OnUnitActiveSec=1h
UNIT
good_timer several /bin/true
unit several.timer <<UNIT
[Timer]
OnCalendar=*-*-* 03:30
OnCalendar=Mon 05:00
UNIT
systemctl --user daemon-reload
systemctl --user start chain.timer several.timer
"$BEZALEL" discover --format json >"$WORK/out" 2>&1
says '"job":"chain.timer"[^}]*"next":"20'
says '"schedule":"Mon [^"]*05:00:00; [^"]*03:30:00"'
systemctl --user stop chain.timer several.timer
rm "$UNITS"/chain.* "$UNITS"/several.* "$UNITS"/timers.target.wants/chain.timer \
  "$UNITS"/timers.target.wants/several.timer
systemctl --user daemon-reload
"$BEZALEL" retire later.timer >/dev/null 2>&1

scenario "8 a condition keeps the service from running"
for kind in Condition Assert; do
  now_and_daily held "[Unit]
${kind}PathExists=/no/such" ""
  cycle
  says "testhost timer-condition held.timer"
  says_not twin
  now_and_daily held "" ""
  systemctl --user start held.service
  cycle
  says 'resolved .*timer-condition'
  systemctl --user stop held.timer
done
"$BEZALEL" retire held.timer >/dev/null 2>&1

# Each failed when its timer elapsed, and has no command that ended.
scenario "95 a service fails before its command starts"
now_and_daily before "" "ExecStartPre=/bin/false"
now_and_daily nofile "" "EnvironmentFile=/no/such"
has_failed() {
  systemctl --user -q is-failed "$1.service"
}
await "before.service fails" has_failed before
await "nofile.service fails" has_failed nofile
cycle
says 'P1 before.timer@testhost failed: exit-code (systemd), before its command'
says 'P1 nofile.timer@testhost failed: resources (systemd), before its command'
says_not 'backup.timer\|twin.timer'
now_and_daily before "" ""
now_and_daily nofile "" ""
systemctl --user start before.service nofile.service
cycle
says 'resolved .*before.timer@testhost failed'
says 'resolved .*nofile.timer@testhost failed'
forget before nofile

scenario "97 systemd is made to forget that a service failed"
now_and_daily exits "" ExecStart=/bin/false
now_and_daily nofile "" "EnvironmentFile=/no/such"
now_and_daily dash "" ExecStart=-/bin/false
now_and_daily clean "" "ExecStart=/bin/false
SuccessExitStatus=1"
has_ended() {
  [ "$(systemctl --user show -P ExecMainStatus "$1.service")" = 1 ] &&
    [ "$(systemctl --user show -P ActiveState "$1.service")" = inactive ]
}
await "exits.service fails" has_failed exits
await "nofile.service fails" has_failed nofile
await "dash.service ends" has_ended dash
await "clean.service ends" has_ended clean
systemctl --user reset-failed exits.service
cycle
says 'opened .*P1 exits.timer@testhost failed: exit 1'
says 'opened .*P1 nofile.timer@testhost failed: resources'
says_not 'dash\|clean\|twin.timer'
systemctl --user reset-failed
cycle
says_not 'resolved\|dash\|clean'
"$BEZALEL" status nofile.timer >"$WORK/out" 2>&1
says 'nofile.timer@testhost  failed'
now_and_daily exits "" ""
now_and_daily nofile "" ""
systemctl --user start exits.service nofile.service
cycle
says 'resolved .*exits.timer@testhost failed'
says 'resolved .*nofile.timer@testhost failed'
forget exits nofile dash clean

scenario "98 a service that systemd starts again and again"
unit loop.service <<UNIT
[Service]
Type=oneshot
Restart=on-failure
RestartSec=1h
ExecStart=/bin/false
UNIT
# Its first run fails, and the second is seen at work.
unit slow.service <<UNIT
[Service]
Type=oneshot
Restart=on-failure
RestartSec=100ms
ExecStart=/bin/sh -c 'test ! -e $WORK/again || exec sleep 1000; touch $WORK/again; exit 1'
UNIT
for name in loop slow; do
  printf '[Timer]\nOnActiveSec=0\nOnCalendar=daily\n' | unit "$name.timer"
done
systemctl --user daemon-reload
systemctl --user start loop.timer slow.timer
shows() {
  [ "$(systemctl --user show -P "$2" "$1")" = "$3" ]
}
await "loop.service fails" shows loop.service SubState auto-restart
await "slow.service is restarted" shows slow.service NRestarts 1
await "slow.service is at work" shows slow.service SubState start
cycle
says 'opened .*P1 loop.timer@testhost failed: exit 1'
says 'opened .*P1 slow.timer@testhost failed: restarted by systemd'
says_not 'twin.timer'
forget loop slow

scenario "5 a timer that its own condition holds back"
good_timer boxed /bin/true
unit boxed.timer <<UNIT
[Unit]
ConditionPathExists=/no/such
[Timer]
OnCalendar=daily
[Install]
WantedBy=timers.target
UNIT
systemctl --user daemon-reload
systemctl --user start boxed.timer
cycle
says_not 'boxed'
"$BEZALEL" audit >"$WORK/out" 2>&1
says 'boxed.timer .* timer-condition'
says_not 'start boxed.timer'
forget boxed

# The target is reached, and what it wants fails.
scenario "96 a timer starts a target"
unit grp.target <<UNIT
[Unit]
Wants=gm.service
UNIT
unit gm.service <<UNIT
[Service]
Type=oneshot
ExecStart=/bin/false
UNIT
printf '[Timer]\nOnActiveSec=0\nOnCalendar=daily\nUnit=grp.target\n' |
  unit grp.timer
systemctl --user daemon-reload
systemctl --user start grp.timer
await "grp.timer elapses" triggered grp
cycle
says 'grp.timer@testhost unwatched'
"$BEZALEL" discover --format json >"$WORK/out" 2>&1
says '"job":"grp.timer"[^}]*"watched":"trigger"'
"$BEZALEL" audit >"$WORK/out" 2>&1
says 'grp.target is no service: systemd keeps no result of it'
says 'do:  systemctl --user list-dependencies grp.target'
systemctl --user stop grp.timer grp.target
forget grp

scenario "5 the service of a timer that waits is masked, or gone"
good_timer hollow /bin/true
systemctl --user daemon-reload
systemctl --user start hollow.timer
cycle
says_not timer-broken
mv "$UNITS/hollow.service" "$WORK/hollow.service"
systemctl --user daemon-reload
cycle
says 'P2 testhost timer-broken hollow.timer.*there is no hollow.service'
ln -s /dev/null "$UNITS/hollow.service"
systemctl --user daemon-reload
"$BEZALEL" audit >"$WORK/out" 2>&1
says 'hollow.service is masked'
says 'do:  systemctl --user unmask hollow.service'
rm "$UNITS/hollow.service"
mv "$WORK/hollow.service" "$UNITS/hollow.service"
systemctl --user daemon-reload
cycle
says 'resolved .*timer-broken'
forget hollow

scenario "6 a timer that elapses once is over"
unit once.service <<UNIT
[Service]
Type=oneshot
ExecStart=/bin/true
UNIT
printf '[Timer]\nOnActiveSec=0\n' | unit once.timer
systemctl --user daemon-reload
systemctl --user start once.timer
await "once.timer elapses" triggered once
has_elapsed() {
  [ "$(systemctl --user show -P SubState once.timer)" = elapsed ]
}
await "once.timer is over" has_elapsed
cycle
says_not 'once.timer'
forget once

scenario "9 the timers of a user who does not linger"
rm /var/lib/systemd/linger/root
cycle
says 'testhost timer-linger'
says_not 'backup.timer\|twin.timer'
touch /var/lib/systemd/linger/root
cycle
says 'resolved .*timer-linger'
# logind takes away what was the user's when the last session ends.
systemctl --user exit
await "systemd --user ends" manager_is_gone
rm -rf /run/user/0
cycle
says 'opened .*backup.timer@testhost vanished'
start_user_manager || fail "systemd --user does not start again"
systemctl --user start twin.timer backup.timer twin.service backup.service
cycle
says 'resolved .*backup.timer@testhost vanished'

scenario "7 a service that stays active swallows what elapses"
now_and_daily stuck "" "RemainAfterExit=yes"
await "stuck.service is active" systemctl --user -q is-active stuck.service
seen_at +0 +0
says_not timer-swallowed
seen_at +172800 +172800
says 'stuck.timer .* timer-swallowed'
says 'do:  systemctl --user stop stuck.service'
says_not 'twin.timer .* timer-'
systemctl --user stop stuck.service stuck.timer

scenario "10 the clock is set back"
seen_at +0 +0
says_not timer-late
seen_at -864000 +0
says 'twin.timer .* timer-late'
says 'do:  systemctl --user restart twin.timer'

# As systemd-cron's generator writes them for a line of /etc/cron.d/jobs.
cron_unit() {
  unit "cron-jobs-root-$1.service" <<UNIT
[Unit]
SourcePath=/etc/cron.d/jobs
[Service]
Type=oneshot
ExecStart=/bin/sh -c '$2'
UNIT
  unit "cron-jobs-root-$1.timer" <<UNIT
[Unit]
Description=[Timer] "17 $1 * * * root $2 # bezalel: job=cron$1"
SourcePath=/etc/cron.d/jobs
[Timer]
Unit=cron-jobs-root-$1.service
OnCalendar=*-*-* $1:17:00
UNIT
}
scenario "a crontab that systemd-cron runs is judged by systemd"
cron_unit 3 'exit 0'
cron_unit 4 'exit  5'
{
  echo '17 3 * * *  root exit 0 # bezalel: job=cron3'
  echo '17 4 * * * root exit  5 # bezalel: job=cron4'
} >/etc/cron.d/jobs
systemctl --user daemon-reload
systemctl --user start cron-jobs-root-3.timer cron-jobs-root-4.timer
"$BEZALEL" discover --format json >"$WORK/out" 2>&1
says '"job":"cron3".*"watched":"systemd"'
says_not '"job":"cron-jobs-root'
systemctl --user start cron-jobs-root-3.service
systemctl --user start cron-jobs-root-4.service 2>/dev/null
cycle
says 'opened .*P1 cron4@testhost failed: exit 5'
says_not 'cron3'
rm /etc/cron.d/jobs "$UNITS"/cron-jobs-root-*
systemctl --user stop cron-jobs-root-3.timer cron-jobs-root-4.timer 2>/dev/null
systemctl --user daemon-reload
"$BEZALEL" retire cron3 >/dev/null 2>&1
"$BEZALEL" retire cron4 >/dev/null 2>&1

scenario "a timer of which \"cron\" is a part of the source"
good_timer acronis /bin/false
printf '[Unit]\nSourcePath=/opt/acronis/backup.conf\n' >>"$UNITS/acronis.timer"
systemctl --user daemon-reload
systemctl --user start acronis.timer
systemctl --user start acronis.service 2>/dev/null
cycle
says 'opened .*P1 acronis.timer@testhost failed: exit 1'
forget acronis

scenario "19 systemd-cron has the work of anacron"
if [ -f /etc/anacrontab ]; then
  # Without cron and anacron, and with what makes timers of crontabs.
  hide /usr/sbin /lib/systemd/system-generators /etc/cron.weekly
  : >/lib/systemd/system-generators/systemd-crontab-generator
  printf '@daily 10 own /bin/false\n1 10 more /bin/true\n' >"$WORK/anacrontab"
  mount --bind "$WORK/anacrontab" /etc/anacrontab
  printf '#!/bin/sh\n' >/etc/cron.weekly/tidy
  chmod +x /etc/cron.weekly/tidy
  echo '47 6 * * 7 root run-parts --report /etc/cron.weekly' >"$WORK/crontab"
  good_timer cron-own-root /bin/false
  printf '[Unit]\nSourcePath=/etc/anacrontab\n' >>"$UNITS/cron-own-root.timer"
  good_timer cron-weekly /bin/true
  sed -i 's/OnCalendar=.*/OnCalendar=Mon 06:47/' "$UNITS/cron-weekly.timer"
  systemctl --user daemon-reload
  systemctl --user start cron-own-root.timer cron-weekly.timer
  "$BEZALEL" discover --format json >"$WORK/out" 2>&1
  says '"job":"cron-own-root.timer"'
  says '"command":"/etc/cron.weekly/tidy"[^}]*"schedule":"Mon [^"]*06:47:00"\|"schedule":"Mon [^"]*06:47:00"[^}]*"command":"/etc/cron.weekly/tidy"'
  says_not '"id":"anacron-\|"source":"/etc/anacrontab"'
  umount /usr/sbin /lib/systemd/system-generators /etc/cron.weekly \
    /etc/anacrontab
  : >"$WORK/crontab"
  forget cron-own-root cron-weekly
fi

scenario "80 a unit file that systemd cannot read hides only itself"
good_timer garbled /bin/true
systemctl --user daemon-reload
systemctl --user start garbled.timer
cycle
systemctl --user stop garbled.timer
head -c 2000 /dev/urandom | unit garbled.timer
systemctl --user daemon-reload
systemctl --user start garbled.timer 2>/dev/null
cycle
says 'timer-broken garbled.timer'
says_not 'backup.timer\|twin.timer'
"$BEZALEL" discover --format json >"$WORK/out" 2>&1
says '"job":"backup.timer"'
says '"job":"twin.timer"'
rm "$UNITS"/garbled.* "$UNITS/timers.target.wants/garbled.timer"
systemctl --user daemon-reload
"$BEZALEL" retire garbled.timer >/dev/null 2>&1
cycle

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

# The last one: the state has seen these days, and would not believe in today.
scenario "95 a timer that stopped elapsing, and one that starts nothing"
unit needs.service <<UNIT
[Service]
Type=oneshot
ExecStart=/bin/false
UNIT
now_and_daily needy "[Unit]
Requires=needs.service
After=needs.service" ""
await "needs.service fails" has_failed needs
# Active since before its timer elapsed.
printf '[Service]\nExecStart=/bin/sleep 1000000\n' | unit busy.service
printf '[Timer]\nOnActiveSec=2\nOnCalendar=daily\n' | unit busy.timer
systemctl --user daemon-reload
systemctl --user start busy.service busy.timer
await "busy.timer elapses" triggered busy
cycle
says_not needy
says 'opened .*timer-swallowed busy.timer'
"$BEZALEL" status twin.timer >"$WORK/out" 2>&1
says 'twin.timer@testhost  ok'
says 'evidence  *systemd'
BEZALEL_TEST_NOW=+172800 BEZALEL_TEST_BOOT=+172800 cycle
BEZALEL_TEST_NOW=+345600 BEZALEL_TEST_BOOT=+345600 cycle
says 'opened .*P1 twin.timer@testhost stale'

# Nothing is wrong with it, and it never starts.
says 'opened .*P1 needy.timer@testhost never: it has never run'
says_not 'busy.timer@testhost'

systemctl --user exit 2>/dev/null
finish
