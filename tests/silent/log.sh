#!/bin/sh
# Jobs that nobody wrapped, judged by the starts that cron's own log shows: the
# real cron daemon, a real syslog daemon and a real journal. Time is a test
# clock's where a day has to pass.
. "$(dirname "$0")/lib.sh"

if [ "${2-}" != inside ]; then
  [ -x /usr/sbin/cron ] || part_is_missing "no cron daemon"
  [ -x /usr/sbin/rsyslogd ] || part_is_missing "no syslog daemon"
  enter_namespaces "$@"
fi

# Mounts lie below /run: not in a folder that is removed afterwards.
mount -t tmpfs none /run || part_is_missing "no tmpfs"
hide /var/log /var/spool/cron /var/lib/bezalel /etc/bezalel /etc/cron.d \
  /etc/cron.hourly /etc/cron.daily /etc/cron.weekly /etc/cron.monthly
mkdir -p /run/systemd/journal /run/log/journal /var/spool/cron/crontabs \
  /var/lib/bezalel/heartbeats
: >"$WORK/crontab"
mount --bind "$WORK/crontab" /etc/crontab
# No mail program, whatever this machine has.
mkdir /run/sbin
mount --bind /usr/sbin /run/sbin
mount -t tmpfs none /usr/sbin
ln -s /run/sbin/* /usr/sbin/
rm -f /usr/sbin/sendmail
cp /etc/passwd /etc/shadow "$WORK"
echo 'bz-expired:x:48123:48123::/tmp:/bin/sh' >>"$WORK/passwd"
echo 'bz-expired:*:19000:0:99999:7::1:' >>"$WORK/shadow"
mount --bind "$WORK/passwd" /etc/passwd
mount --bind "$WORK/shadow" /etc/shadow

# A /dev of our own: the log's socket is to be there.
mkdir /run/dev
for node in null zero full random urandom; do
  : >"/run/dev/$node"
  mount --bind "/dev/$node" "/run/dev/$node"
done
mount --rbind /run/dev /dev
unset BEZALEL_ROOT
export BEZALEL_HOST=testhost TZ=UTC

cycle() {
  env ${1:+BEZALEL_TEST_NOW="$1"} "$BEZALEL" check --notify --quiet \
    >"$WORK/out" 2>&1
}
json() {
  env ${1:+BEZALEL_TEST_NOW="$1"} "$BEZALEL" check --format json \
    >"$WORK/out" 2>/dev/null
}
says() {
  grep -q -e "$1" "$WORK/out" || fail "expected \"$1\""
}
says_not() {
  grep -q -e "$1" "$WORK/out" && fail "did not expect \"$1\""
}
# await WHAT COMMAND...: until it succeeds; cron needs up to a minute.
await() {
  what=$1
  shift
  tries=0
  until "$@" >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ "$tries" -lt 900 ] || {
      fail "waited in vain for $what"
      exit 1
    }
    sleep 0.1
  done
}

cat >/etc/cron.d/jobs <<'TAB'
* * * * * root : "two  blanks" a\%b%in %% # c
* * * * * root : --password=tiger café
* * * * * bz-expired : refused
* * * * * root echo printed
TAB

scenario "the daemons start"
cat >"$WORK/rsyslog.conf" <<'CONF'
module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket="/run/syslog-in")
*.* action(type="omfile" file="/var/log/syslog" template="RSYSLOG_TraditionalFileFormat")
*.* action(type="omfile" file="/run/other-stamp" template="RSYSLOG_FileFormat")
CONF
rsyslogd -n -f "$WORK/rsyslog.conf" -i /run/rsyslogd.pid &
SYSLOG=$!
await "the syslog daemon" test -S /run/syslog-in
ln -s /run/syslog-in /dev/log
/usr/sbin/cron -f 2>"$WORK/cron.log" &
CRON=$!
await "a start" grep -q 'CMD (echo printed)' /var/log/syslog
await "a refusal" grep -q 'cron:account' /var/log/syslog
await "the others" sh -c '[ "$(grep -c "CMD (: " /var/log/syslog)" -ge 2 ]'
await "lost output" grep -q 'No MTA' /var/log/syslog

scenario "starts are seen in the syslog file"
cycle
says_not ' stale\| never:\|cron-silent'

scenario "30 a user that cron may start nothing of"
says 'opened .*P1 testhost account-refused.* of bz-expired'
# The log shows the same once more.
says_not 'cron-refused'
json
[ "$(grep -o '"evidence":"log"' "$WORK/out" | wc -l)" -eq 4 ] ||
  fail "expected four jobs judged by the log"
says 'output-lost'
"$BEZALEL" audit >"$WORK/out" 2>&1
says "starts only"

scenario "47 output that cron throws away"
"$BEZALEL" discover >"$WORK/out" 2>&1
says 'threw away what jobs printed, as no mail program is installed'

scenario "a job that is started no more is stale, its twin is well"
kill "$CRON"
wait "$CRON" 2>/dev/null
LATER=$(($(date +%s) + 7200))
# What cron would have written of all jobs but one.
for minute in 3600 7000; do
  grep 'CRON.*CMD' /run/other-stamp | grep -v printed |
    sed "s/^[^ ]*/$(date -u -d "@$((LATER - 7200 + minute))" \
      +%Y-%m-%dT%H:%M:%S+00:00)/"
done >/var/log/cron.log
/usr/sbin/cron -f 2>>"$WORK/cron.log" &
CRON=$!
await "the daemon" sh -c "[ \"\$(cat /proc/$CRON/comm)\" = cron ]"
cycle "$LATER"
says 'opened .*P1 echo-[0-9a-f]*@testhost stale'
[ "$(grep -c stale "$WORK/out")" -eq 1 ] || fail "expected one stale job"

scenario "2 a daemon that runs and starts nothing"
rm /var/log/cron.log
STUCK=$((LATER + 3600))
cycle "$STUCK"
says 'opened .*P1 testhost cron-silent'
[ "$(grep -c 'opened .* stale' "$WORK/out")" -eq 0 ] ||
  fail "expected one incident for all jobs"

scenario "2 a daemon that hangs in an ordinary sleep: nobody reads its log"
says "the daemon (pid $CRON, waiting in hrtimer_nanosleep) hangs"
kill -STOP "$SYSLOG"
# Until the queue of the socket is full: then everybody waits who logs.
while timeout 1 logger -u /run/syslog-in full; do :; done
# One that starts says so.
kill "$CRON"
wait "$CRON" 2>/dev/null
/usr/sbin/cron -f 2>>"$WORK/cron.log" &
CRON=$!
await "the daemon hangs" grep -q unix_ "/proc/$CRON/wchan"
grep -q ') S ' "/proc/$CRON/stat" || fail "expected an ordinary sleep"
"$BEZALEL" discover >"$WORK/out" 2>&1
says_not 'no start since'
json "$STUCK"
says "the daemon (pid $CRON, waiting in unix_[a-z_]*) hangs"
kill -CONT "$SYSLOG"
await "the daemon goes on" grep -q hrtimer "/proc/$CRON/wchan"

scenario "64 cron can not fork"
echo "$(date -u -d "@$STUCK" +%Y-%m-%dT%H:%M:%S+00:00) testhost cron[1]:" \
  "(CRON) error (can't fork)" >/var/log/cron.log
cycle "$STUCK"
says 'opened .*P1 testhost cron-cannot-fork'
rm /var/log/cron.log
kill "$CRON" "$SYSLOG"
wait "$CRON" "$SYSLOG" 2>/dev/null

if [ -x /lib/systemd/systemd-journald ]; then
  scenario "starts are seen in the journal"
  rm -rf /var/log/* /var/lib/bezalel/state.db* /dev/log
  /lib/systemd/systemd-journald >/dev/null 2>&1 &
  JOURNAL=$!
  await "the journal" test -S /run/systemd/journal/dev-log
  ln -s /run/systemd/journal/dev-log /dev/log
  /usr/sbin/cron -f 2>>"$WORK/cron.log" &
  CRON=$!
  await "a start" sh -c 'journalctl -q -t CRON | grep -q "CMD (echo printed)"'
  await "the others" sh -c \
    '[ "$(journalctl -q -t CRON | grep -c "CMD (: ")" -ge 2 ]'
  cycle
  says_not ' stale\| never:\|cron-silent'
  json
  [ "$(grep -o '"evidence":"log"' "$WORK/out" | wc -l)" -eq 4 ] ||
    fail "expected four jobs judged by the journal"
  kill "$CRON"
  wait "$CRON" 2>/dev/null
  cycle +1200
  says 'echo-[0-9a-f]*@testhost stale\|cron-dead'
  kill "$JOURNAL"
  wait "$JOURNAL" 2>/dev/null
fi

finish
