#!/bin/sh
# What `bezalel simulate` gives a job is what the real cron daemon gives it:
# environment, user, groups, directory, umask, input, session, terminal.
. "$(dirname "$0")/lib.sh"

if [ "${2-}" != inside ]; then
  [ -x /usr/sbin/cron ] || part_is_missing "no cron daemon"
  enter_namespaces "$@"
fi

hide /run /var/log /var/spool/cron /var/lib/bezalel /etc/bezalel \
  /etc/cron.d /etc/cron.hourly /etc/cron.daily /etc/cron.weekly \
  /etc/cron.monthly /opt
mkdir -p /var/spool/cron/crontabs /var/lib/bezalel/heartbeats /run/out
chmod 1777 /run/out
: >"$WORK/crontab"
mount --bind "$WORK/crontab" /etc/crontab
# No file of this machine's decides what a login sets.
printf 'FROM_LOGIN="yes"\nPATH="/nowhere"\nexport BOTH=login # x\n' \
  >"$WORK/environment"
[ -e /etc/environment ] || part_is_missing "no /etc/environment"
mount --bind "$WORK/environment" /etc/environment
unset BEZALEL_ROOT
export BEZALEL_HOST=testhost TZ=UTC ONLY_HERE=yes

says() {
  grep -q -e "$1" "$WORK/out" || fail "expected \"$1\""
}

cat >/opt/probe <<'PROBE'
#!/bin/sh
{
  env | sort
  echo "directory $(pwd)"
  echo "umask $(umask)"
  id
  echo "input $(od -An -c)"
  [ -t 0 ] || [ -t 1 ] || [ -t 2 ] || echo "no terminal"
  [ "$(ps -o sid= -p $$)" = "$(ps -o sid= -p 1)" ] || echo "own session"
  grep -E '^Sig(Blk|Ign)' /proc/self/status
} >"/run/out/new.$1" 2>&1
mv "/run/out/new.$1" "/run/out/$1"
PROBE
chmod 755 /opt/probe
cat >/etc/cron.d/jobs <<'TAB'
BOTH=table
SPACED = "  a  b "
PATH=/usr/bin:/bin:/opt
* * * * * root probe system # bezalel: job=system%one%two\%x
* * * * * nobody /opt/probe other # bezalel: job=other
HOME=/opt
SHELL=/bin/bash
* * * * * root [[ -n $BASH ]] && probe later # bezalel: job=later%last%
0 0 1 1 * root onlyhere --now # bezalel: job=lost
0 0 1 1 * root exit 7 # bezalel: job=seven
0 0 1 1 * root kill -TERM $$ # bezalel: job=killed
TAB
printf '* * * * * /opt/probe own  # bezalel: job=own\n' \
  >/var/spool/cron/crontabs/root
chmod 600 /var/spool/cron/crontabs/root
printf '#!/bin/sh\n/opt/probe daily\n' >/etc/cron.daily/tidy
chmod 755 /etc/cron.daily/tidy
printf '#!/bin/sh\n/opt/probe weekly\n' >/etc/cron.weekly/sweep
chmod 755 /etc/cron.weekly/sweep
{
  echo '* * * * * root cd / && run-parts --report /etc/cron.daily'
  echo '* * * * * root run-parts --report /etc/cron.weekly'
} >/etc/cron.d/daily

# Anacron, which cron starts.
ANACRON=
if [ -x /usr/sbin/anacron ] && [ -e /etc/anacrontab ]; then
  ANACRON=yes
  hide /var/spool/anacron
  printf '#!/bin/sh\nexec probe anacron\n' >/opt/ofanacron
  printf '#!/bin/sh\n/opt/probe monthly\n' >/etc/cron.monthly/moon
  chmod 755 /opt/ofanacron /etc/cron.monthly/moon
  cat >"$WORK/anacrontab" <<'TAB'
SHELL=/bin/bash
 SPACED =  "a b"
PATH=/usr/bin:/bin:/opt
BOTH=early
1 5 of /opt/ofanacron
BOTH=anacrontab
1 5 cron.monthly run-parts --report /etc/cron.monthly
BOTH=late
1 5 lost onlyhere --then
TAB
  mount --bind "$WORK/anacrontab" /etc/anacrontab
  printf 'BY=cron\nHOME=/opt\n* * * * * root %s %s\n' /usr/sbin/anacron \
    '-d -n -s' >/etc/cron.d/anacron
fi

# As a service manager starts a daemon: in the foreground, and still as it would
# be without this shell, which leaves no session and ignores two signals.
daemon() {
  exec env -i --default-signal=INT,QUIT PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    setsid "$@"
}
daemon /usr/sbin/cron -f 2>"$WORK/cron.log" &
CRON=$!
# Of busybox, where it is: a spool of its own, so that neither runs the other's.
BUSYBOX=
if busybox crond --help >/dev/null 2>&1; then
  mkdir /run/busy
  {
    echo 'SHELL=/bin/bash'
    echo 'PATH=/usr/bin:/bin:/opt'
    echo '* * * * * [[ -n $BASH ]] && /opt/probe busy 1% # bezalel: job=busy'
    echo '0 0 1 1 * onlyhere --now # bezalel: job=busy-lost'
    echo '0 0 1 1 * /opt/closed # bezalel: job=busy-closed'
  } >/run/busy/root
  daemon busybox crond -f -L /dev/null -c /run/busy &
  BUSYBOX=$!
fi
tries=0
until [ -e /run/out/system ] && [ -e /run/out/other ] && [ -e /run/out/own ] &&
  [ -e /run/out/later ] && [ -e /run/out/daily ] && [ -e /run/out/weekly ] &&
  { [ -z "$ANACRON" ] || [ -e /run/out/monthly ]; } &&
  { [ -z "$BUSYBOX" ] || [ -e /run/out/busy ]; }; do
  tries=$((tries + 1))
  [ "$tries" -lt 900 ] || {
    fail "cron did not run the jobs: $(cat "$WORK/cron.log")"
    exit 1
  }
  sleep 0.1
done
kill $CRON $BUSYBOX
wait $CRON $BUSYBOX
mkdir "$WORK/cron"
mv /run/out/* "$WORK/cron/"

for job in system other later own; do
  scenario "$job gets what cron gives it"
  "$BEZALEL" simulate "$job" >"$WORK/out" 2>&1 || fail "exit status $?"
  says 'nothing is recorded'
  diff "$WORK/cron/$job" "/run/out/$job" >"$WORK/out" ||
    fail "cron (<) and simulate (>) differ"
done
scenario "a script of /etc/cron.daily gets what cron gives it"
"$BEZALEL" simulate tidy >"$WORK/out" 2>&1 || fail "exit status $?"
diff "$WORK/cron/daily" /run/out/daily >"$WORK/out" ||
  fail "cron (<) and simulate (>) differ"
grep -q '^directory /$' /run/out/daily || fail "not where its line went"
"$BEZALEL" simulate sweep >"$WORK/out" 2>&1 || fail "exit status $?"
diff "$WORK/cron/weekly" /run/out/weekly >"$WORK/out" ||
  fail "cron (<) and simulate (>) differ"
grep -q '^directory /$' /run/out/weekly && fail "its line goes nowhere"

if [ -n "$ANACRON" ]; then
  scenario "a job of anacron gets what anacron gives it, and cron that"
  for job in anacron:ofanacron monthly:moon; do
    "$BEZALEL" simulate "${job#*:}" >"$WORK/out" 2>&1 || fail "exit status $?"
    says "as /etc/anacrontab:[57] starts it"
    diff "$WORK/cron/${job%:*}" "/run/out/${job%:*}" >"$WORK/out" ||
      fail "anacron (<) and simulate (>) differ"
  done
  grep -q '^BOTH=early$' /run/out/anacron || fail "of a line below it"
  "$BEZALEL" simulate moon --dry-run >"$WORK/out" 2>&1 ||
    fail "exit status $?"
  says '^  shell      /bin/sh -c$'
  says '^  anacron    started by /etc/cron.d/anacron:3$'
  says '^  BY=cron$'
  "$BEZALEL" simulate onlyhere >"$WORK/out" 2>&1
  [ $? -eq 127 ] || fail "expected 127"
  says "in anacron's PATH (/usr/bin:/bin:/opt)"
  scenario "nobody knows what would start anacron"
  rm /etc/cron.d/anacron
  "$BEZALEL" simulate moon >"$WORK/out" 2>&1
  [ $? -eq 2 ] || fail "expected 2"
  says 'nothing is seen to start anacron, which starts moon-[0-9a-f]*; see .bezalel audit'
fi

scenario "the exit status is the job's"
"$BEZALEL" simulate seven >"$WORK/out" 2>&1
[ $? -eq 7 ] || fail "expected 7"
"$BEZALEL" simulate killed >"$WORK/out" 2>&1
[ $? -eq 143 ] || fail "expected 143"
"$BEZALEL" simulate nosuchjob >"$WORK/out" 2>&1
[ $? -eq 2 ] || fail "expected 2"

scenario "49 a command that cron's PATH does not hold"
mkdir /opt/bin
printf '#!/bin/sh\n' >/opt/bin/onlyhere
chmod 755 /opt/bin/onlyhere
PATH=$PATH:/opt/bin "$BEZALEL" simulate lost >"$WORK/out" 2>&1
[ $? -eq 127 ] || fail "expected 127"
says 'onlyhere is /opt/bin/onlyhere, which cron.s PATH (/usr/bin:/bin:/opt) does not hold'
says 'PATH=/opt/bin:/usr/bin:/bin:/opt'

scenario "what ends simulate ends its job"
echo "0 0 1 1 * root echo started; exec sleep 1000 # bezalel: job=slow" \
  >/etc/cron.d/slow
"$BEZALEL" simulate slow >"$WORK/out" 2>&1 &
SIMULATED=$!
until grep -q started "$WORK/out"; do sleep 0.1; done
kill -INT $SIMULATED 2>/dev/null
wait $SIMULATED
[ $? -eq 130 ] || fail "another exit status"
pgrep -f 'sleep 1000' >/dev/null && fail "the job goes on"
rm /etc/cron.d/slow

scenario "--dry-run starts nothing"
rm /run/out/system
"$BEZALEL" simulate system --dry-run >"$WORK/out" 2>&1 ||
  fail "exit status $?"
says 'system of root, as /etc/cron.d/jobs:4 starts it'
says '^  FROM_LOGIN=yes$'
says '^  BOTH=table$'
says '^next: bezalel simulate root/system$'
[ ! -e /run/out/system ] || fail "it was started"

scenario "an adopted job is run, and nothing is recorded"
sed -i '1i SHELL=/usr/bin/bezalel-sh' /etc/cron.d/jobs
"$BEZALEL" simulate seven >"$WORK/out" 2>&1
[ $? -eq 7 ] || fail "expected 7"
[ -z "$(ls /var/lib/bezalel/heartbeats)" ] || fail "a record was written"
"$BEZALEL" simulate system --dry-run >"$WORK/out" 2>&1
says 'nothing: /usr/bin/bezalel-sh is passed over'
says '^  SHELL=/bin/sh$'

if [ -n "$BUSYBOX" ]; then
  scenario "a line of busybox crond gets what that gives it"
  daemon busybox crond -f -L /dev/null -c /run/busy &
  BUSYBOX=$!
  until tr '\0' ' ' </proc/$BUSYBOX/cmdline | grep -q '^busybox crond'; do
    [ -d /proc/$BUSYBOX ] || { fail "crond did not start"; break; }
  done
  rm -f /run/out/busy
  "$BEZALEL" simulate busy >"$WORK/out" 2>&1 || fail "exit status $?"
  diff "$WORK/cron/busy" /run/out/busy >"$WORK/out" ||
    fail "crond (<) and simulate (>) differ"

  scenario "49, 65 a program of busybox crond's that is not found, or closed"
  PATH=$PATH:/opt/bin "$BEZALEL" simulate busy-lost >"$WORK/out" 2>&1
  [ $? -eq 127 ] || fail "expected 127"
  says 'onlyhere is /opt/bin/onlyhere, which cron.s PATH (/usr/sbin:/usr/bin:/sbin:/bin) does not hold; write the whole path$'
  printf '#!/bin/sh\n' >/opt/closed
  chmod 600 /opt/closed
  "$BEZALEL" simulate busy-closed >"$WORK/out" 2>&1
  [ $? -eq 126 ] || fail "expected 126"
  kill "$BUSYBOX"
fi

# A timer's service, by a real systemd --user: simulate has systemd start it.
if [ ! -x /lib/systemd/systemd ] || ! command -v dbus-daemon >/dev/null; then
  finish
fi
mkdir -p /run/systemd/system
# A user's manager takes this file, too.
: >"$WORK/environment"
start_user_manager || finish
# simulated STATUS JOB [OPTION]
simulated() {
  expected=$1
  shift
  "$BEZALEL" simulate "$@" >"$WORK/out" 2>&1
  status=$?
  [ "$status" -eq "$expected" ] || fail "exit status $status, not $expected"
}

good_timer night '/opt/probe night'
for lost in gone nowhere deep; do
  good_timer "$lost" /opt/gone
done
unit nowhere.service <<'UNIT'
[Service]
Type=oneshot
WorkingDirectory=/nowhere
ExecStart=/opt/probe nowhere
UNIT
unit deep.service <<'UNIT'
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'onlyhere --now'
UNIT
# The timer triggers a service of another name, which is no oneshot.
good_timer other-name '/opt/probe wrong'
echo 'Unit=late.service' >>"$UNITS/other-name.timer"
sed -i '/^\[Install\]/,$d; /^OnCalendar/a Unit=late.service' \
  "$UNITS/other-name.timer"
unit late.service <<'UNIT'
[Service]
Environment=OWN=yes "TWO=two words" API_TOKEN=s3cret
ExecStart=/bin/sh -c 'sleep 0.3; test "$OWN $TWO" = "yes two words" && exit 65'
UNIT
good_timer never /opt/gone
unit never.service <<'UNIT'
[Unit]
ConditionPathExists=/nowhere
[Service]
Type=oneshot
ExecStart=/opt/probe never
UNIT
good_timer busy '/bin/sleep 1000'
systemctl --user daemon-reload
systemctl --user start timers.target night.timer gone.timer nowhere.timer \
  deep.timer other-name.timer never.timer busy.timer

scenario "a timer's service gets from simulate what it gets from systemd"
rm -f /run/out/*
systemctl --user start night.service
same_but_its_own() {
  grep -v '^INVOCATION_ID=\|^JOURNAL_STREAM=\|^SYSTEMD_EXEC_PID=' "$1"
}
same_but_its_own /run/out/night >"$WORK/by-systemd"
simulated 0 night.timer --start
says 'bezalel: night.service, started by systemd; it counts as a run'
same_but_its_own /run/out/night | diff "$WORK/by-systemd" - >"$WORK/out" ||
  fail "systemd (<) and simulate (>) differ"

scenario "49 a program that is not there, or not in the PATH of the manager"
simulated 203 gone.timer --start
says 'exit 203'
says 'systemd could not start it: the program of ExecStart= is not there'
simulated 127 deep.timer --start
says 'exit 127'
says 'next: journalctl --user -u deep.service'

scenario "65, 70 what it needs is not there"
simulated 200 nowhere.timer --start
says 'systemd could not start it: its WorkingDirectory= is not there'
simulated 65 other-name.timer --start
says 'bezalel: late.service, started by systemd'
says 'exit 65'
simulated 1 never.timer --start
says 'not started: a condition of never.service does not hold'
[ ! -e /run/out/never ] || fail "it was started"

scenario "a service that runs already is not started twice"
systemctl --user start --no-block busy.service
until [ "$(systemctl --user show -P MainPID busy.service)" != 0 ]; do
  sleep 0.1
done
simulated 1 busy.timer --start
says 'busy.service runs already; nothing was started'

scenario "without --start nothing is started, with --dry-run it is told"
rm -f /run/out/*
simulated 2 night.timer
says 'expected --start, or --dry-run'
simulated 0 other-name.timer --dry-run
says 'as other-name.timer of root has systemd start it'
says '^  unit       late.service$'
says '^  shell      none: systemd starts the program itself$'
says '^  OWN=yes "TWO=two words" API_TOKEN='
says '^  PATH=/'
says_not s3cret
[ -z "$(ls /run/out)" ] || fail "it was started"

finish
