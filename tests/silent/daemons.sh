#!/bin/sh
# Daemons that are there and start nothing, or not what one thinks: the real
# cron, atd and busybox crond, in namespaces where this machine's files are
# hidden.
. "$(dirname "$0")/lib.sh"

if [ "${2-}" != inside ]; then
  [ -x /usr/sbin/cron ] || part_is_missing "no cron daemon"
  [ -x /usr/sbin/atd ] || part_is_missing "no atd"
  busybox crond --help >/dev/null 2>&1 || part_is_missing "no busybox crond"
  enter_namespaces "$@"
fi

hide /run /var/spool/cron /var/lib/bezalel /etc/bezalel /etc/cron.d \
  /etc/cron.hourly /etc/cron.daily /etc/cron.weekly /etc/cron.monthly \
  /etc/systemd/system
mkdir -p /var/spool/cron/crontabs /var/lib/bezalel/heartbeats
: >"$WORK/crontab"
mount --bind "$WORK/crontab" /etc/crontab
[ ! -e /etc/anacrontab ] || mount --bind "$WORK/crontab" /etc/anacrontab
unset BEZALEL_ROOT
export BEZALEL_HOST=testhost TZ=UTC

# await NAME PID: until the process is that daemon, or has failed.
await() {
  until [ "$(cat "/proc/$2/comm" 2>/dev/null)" = "$1" ]; do
    [ -d "/proc/$2" ] || {
      fail "$1 did not start"
      exit 1
    }
  done
}
start_cron() {
  "$@" /usr/sbin/cron -f 2>"$WORK/cron.log" &
  CRON=$!
  await cron "$CRON"
}
stop_cron() {
  kill "$CRON"
  wait "$CRON" 2>/dev/null
}
user_tab() {
  echo "$2" >"/var/spool/cron/crontabs/$1"
  chown "$1" "/var/spool/cron/crontabs/$1"
  chmod 600 "/var/spool/cron/crontabs/$1"
}

{
  echo "SHELL=$BEZALEL_SH"
  echo '0 1 * * * root /bin/twin  # bezalel: job=twin'
} >/etc/cron.d/twin

start_cron
scenario "nothing is wrong"
cycle
says_not opened

scenario "2 the daemon is there and stands still"
kill -STOP "$CRON"
until grep -q ') T ' "/proc/$CRON/stat"; do :; done
cycle
says 'opened .*P1 testhost cron-stuck'
kill -CONT "$CRON"
until grep -q ') S ' "/proc/$CRON/stat"; do :; done
cycle
says 'resolved .*testhost cron-stuck'
stop_cron

scenario "1 what is left of a daemon that nobody buried is none"
mkfifo "$WORK/pid"
sh -c '/usr/sbin/cron -f & echo $! >"$1"; exec sleep 600' sh "$WORK/pid" &
PARENT=$!
read -r DEAD <"$WORK/pid"
await cron "$DEAD"
kill -9 "$DEAD"
until grep -q ') Z ' "/proc/$DEAD/stat"; do :; done
cycle
says 'opened .*P1 testhost cron-dead'
look
says '"id":"cron-dead".*"fix":"service cron start"'
"$BEZALEL" ack cron-dead >"$WORK/out" 2>&1
says '^cron-dead: seen, no more reminders'
"$BEZALEL" alerts >"$WORK/out" 2>&1
says 'acked [A-Z]'
kill "$PARENT"
start_cron
cycle
says 'resolved .*testhost cron-dead'

scenario "1 what stays with the job of a daemon that was killed is none"
stop_cron
echo '@reboot root exec sleep 654' >/etc/cron.d/long
rm -f /run/crond.reboot
start_cron
until LONG=$(pgrep -x -f 'sleep 654'); do
  [ -d "/proc/$CRON" ] || {
    fail "cron ended"
    break
  }
done
kill -9 "$CRON"
wait "$CRON" 2>/dev/null
pgrep -f '^/usr/sbin/CRON' >/dev/null || fail "nothing stayed with the job"
cycle
says 'opened .*P1 testhost cron-dead'
"$BEZALEL" doctor >"$WORK/out" 2>&1
says '^~ cron .*no cron daemon is running'
start_cron
cycle
says 'resolved .*testhost cron-dead'
says_not 'cron-doubled'
rm /etc/cron.d/long
kill "$LONG"

scenario "60 the daemon and its jobs are killed at once, as for memory"
RUN=${BEZALEL%/libexec/*}/bin/bezalel
[ -x "$RUN" ] || part_is_missing "no small program"
"$RUN" run sibling --every 1d -- sleep 600 >/dev/null 2>&1 &
SIBLING=$!
"$RUN" run spared --every 1d -- sleep 600 >/dev/null 2>&1 &
SPARED=$!
until [ "$(pgrep -c -x sleep -P "$SIBLING,$SPARED")" = 2 ]; do
  [ -d "/proc/$SIBLING" ] && [ -d "/proc/$SPARED" ] || {
    fail "the jobs did not start"
    break
  }
done
# What systemd does to a unit with OOMPolicy=stop, but for the time it takes;
# the wrapper before its command, whose death it would write down.
kill -KILL "$CRON" "$SIBLING" "$(pgrep -P "$SIBLING" -x sleep)"
wait "$CRON" "$SIBLING" 2>/dev/null
cycle
says 'opened .*P1 testhost cron-dead'
says 'opened .*P1 sibling@testhost lost'
says_not 'spared'
kill "$SPARED"
wait "$SPARED" 2>/dev/null
start_cron
cycle
says 'resolved .*testhost cron-dead'

scenario "4 the service is not started at the next boot"
mkdir -p /run/systemd/system /etc/systemd/system/multi-user.target.wants
cycle
says 'opened .*P2 testhost cron-disabled'
ln -s /lib/systemd/system/cron.service \
  /etc/systemd/system/multi-user.target.wants/cron.service
cycle
says 'resolved .*testhost cron-disabled'
rm -r /run/systemd/system

scenario "4 without systemd, the links of rc only stop it"
mkdir -p /etc/rc2.d
rm -f /etc/rc2.d/???cron
ln -s ../init.d/cron /etc/rc2.d/K01cron
cycle
says 'opened .*P2 testhost cron-disabled'
mv /etc/rc2.d/K01cron /etc/rc2.d/S01cron
cycle
says 'resolved .*testhost cron-disabled'
stop_cron

scenario "31 a library is replaced under the daemon"
mkdir "$WORK/lib"
cp -L "$(ldd /usr/sbin/cron | sed -n 's/.*libpam.so.0 => \(.*\) (.*/\1/p')" \
  "$WORK/lib/libpam.so.0"
start_cron env "LD_LIBRARY_PATH=$WORK/lib"
look
says_not cron-outdated
cp "$WORK/lib/libpam.so.0" "$WORK/lib/new"
mv "$WORK/lib/new" "$WORK/lib/libpam.so.0"
look
says '"id":"cron-outdated","severity":"warning"'
stop_cron

scenario "15 the daemon reckons in another zone than the host"
start_cron env TZ=America/New_York
look
says '"id":"cron-zone".*reckons in America/New_York, the host in UTC'
says '"job":"twin".*"tz":"America/New_York"'
stop_cron
start_cron
look
says '"job":"twin".*"tz":"UTC"'
says_not cron-zone

scenario "43 crontabs in memory alone"
user_tab root '0 4 * * * /bin/true'
look
says_not spool-volatile
mount -t tmpfs none /var/spool/cron/crontabs
look
says_not spool-volatile
user_tab root '0 4 * * * /bin/true'
look
says '"id":"spool-volatile","severity":"warning","source":"/var/spool/cron/crontabs"'
umount /var/spool/cron/crontabs
scenario "43 what Bezalel knows, in memory alone"
cycle
says_not state-volatile
"$BEZALEL" doctor >"$WORK/out" 2>&1
says '/var/lib/bezalel .*writable'
says_not 'in memory\|container'
mount -t tmpfs none /var/lib/bezalel
mkdir /var/lib/bezalel/heartbeats
cycle
says 'opened .*P2 testhost state-volatile /var/lib/bezalel: .*next boot'
"$BEZALEL" doctor >"$WORK/out" 2>&1
says '/var/lib/bezalel lies in memory'
umount /var/lib/bezalel
cycle
says_not state-volatile
stop_cron

scenario "44 a daemon that was told to look elsewhere"
mkdir "$WORK/tabs"
echo '0 5 * * * /bin/there' >"$WORK/tabs/root"
busybox crond -f -c "$WORK/tabs" >/dev/null 2>&1 &
CRON=$!
await busybox "$CRON"
look
says '"command":"/bin/there"'
says_not '"command":"/bin/true"'
says '"id":"spool-unread","severity":"error","source":"/var/spool/cron/crontabs/root"'
cycle
says 'opened .*testhost spool-unread /etc/cron.d/twin'
says_not 'twin.*vanished'
kill "$CRON"
wait "$CRON" 2>/dev/null
# Alpine: two names of one place.
rm -r /var/spool/cron/crontabs
mkdir -p /etc/crontabs && mount -t tmpfs none /etc/crontabs &&
  ln -s /etc/crontabs /var/spool/cron/crontabs
echo '0 5 * * * /bin/there' >/etc/crontabs/root
busybox crond -f >/dev/null 2>&1 &
CRON=$!
await busybox "$CRON"
look
says '"command":"/bin/there"'
says_not '"id":"spool-unread","severity":"error","source":"[a-z/]*crontabs'
[ "$(grep -c '/bin/there' "$WORK/out")" -eq 1 ] || fail "listed twice"
# It reads no /etc/cron.d: what would start the checking anywhere else does not.
echo '*/15 * * * * root bezalel check --notify' >/etc/cron.d/bezalel
"$BEZALEL" doctor >"$WORK/out" 2>&1
says '^- check .*nothing on this host starts the checking: busybox crond'
"$BEZALEL" init >"$WORK/out" 2>&1
says '^checking .*every 15m by /var/spool/cron/crontabs/root'
grep -q '^0 5 .*/bin/there$' /etc/crontabs/root || fail "root's own line is gone"
"$BEZALEL" init >"$WORK/out" 2>&1
[ "$(grep -c 'check --notify' /etc/crontabs/root)" -eq 1 ] || fail "added twice"
rm /etc/cron.d/bezalel /etc/bezalel/bezalel.toml
# One expression, and the daemon that reads it decides what it means.
"$BEZALEL" explain '0 22-2 * * *' >"$WORK/out" 2>&1
says 'read by  *busybox crond'
says_not never-runs
kill "$CRON"
wait "$CRON" 2>/dev/null
umount /etc/crontabs
rmdir /etc/crontabs 2>/dev/null
rm /var/spool/cron/crontabs
mkdir /var/spool/cron/crontabs

scenario "44 a table in another daemon's place"
start_cron
"$BEZALEL" explain '0 22-2 * * *' >"$WORK/out" 2>&1
says 'read by  *Debian cron'
says 'never-runs'
cp "$WORK/tabs/root" /var/spool/cron/root
chmod 600 /var/spool/cron/root
look
says '"id":"spool-unread","severity":"error","source":"/var/spool/cron/root"'
rm /var/spool/cron/root
look
says_not spool-unread

# cronie is not packaged here: another program stands in under its name, and
# what it makes of a line are the rules of the tables.
scenario "23 a daemon that drops one line, and its job with it"
stop_cron
cp /usr/sbin/cron "$WORK/crond"
"$WORK/crond" -f 2>"$WORK/cron.log" &
CRON=$!
await crond "$CRON"
tab() {
  {
    echo "SHELL=$BEZALEL_SH"
    echo "0 1 $1 * * root /bin/true  # bezalel: job=dropped"
    echo '0 1 * * * root /bin/true  # bezalel: job=kept'
  } >/etc/cron.d/drops
}
tab '*'
cycle
tab 32
cycle
says 'opened .*P2 testhost line-ignored /etc/cron.d/drops'
says_not 'vanished\|kept'
"$BEZALEL" audit >"$WORK/out" 2>&1
says 'not scheduled meanwhile: dropped$'
says_not 'retire dropped\|retire kept\|meanwhile.*kept'
"$BEZALEL" check >"$WORK/out" 2>&1
says 'explains 1 job: dropped$'
tab '*'
cycle
says 'resolved .*line-ignored /etc/cron.d/drops'
rm /etc/cron.d/drops
cycle
"$BEZALEL" retire dropped >/dev/null 2>&1
"$BEZALEL" retire kept >/dev/null 2>&1
stop_cron
start_cron

scenario "2 the daemon waits in a FIFO"
stop_cron
mkfifo /etc/cron.d/pipe
start_cron
until [ "$(cat "/proc/$CRON/wchan")" = wait_for_partner ]; do
  [ -d "/proc/$CRON" ] || {
    fail "cron does not wait any more"
    break
  }
done
cycle
says 'opened .*P1 testhost cron-blocked /etc/cron.d/pipe'
says_not 'cron-stuck'
rm /etc/cron.d/pipe
cycle
says 'opened .*P1 testhost cron-stuck'
kill -9 "$CRON"
wait "$CRON" 2>/dev/null
start_cron
cycle
says 'resolved .*testhost cron-stuck'

scenario "22 jobs of at, and nobody runs them"
mkdir -p /var/spool/cron/atjobs /var/spool/cron/atspool
echo 0 >/var/spool/cron/atjobs/.SEQ
chown -R daemon:daemon /var/spool/cron/atjobs /var/spool/cron/atspool
chmod 600 /var/spool/cron/atjobs/.SEQ
chmod 1770 /var/spool/cron/atjobs /var/spool/cron/atspool
start_atd() {
  /usr/sbin/atd -f 2>"$WORK/atd.log" &
  ATD=$!
  await atd "$ATD"
}
start_atd
look
says_not '"id":"at-'
echo "echo done >$WORK/at-ran" | at now + 3 hours 2>"$WORK/at.log" ||
  fail "at: $(cat "$WORK/at.log")"
look
says '"source":"/var/spool/cron/atjobs/a[0-9a-f]*".*"kind":"at"'
says "\"command\":\"echo done >$WORK/at-ran\""
says_not '"id":"at-'
BEZALEL_TEST_NOW=+14400 look
says '"id":"at-late"'
kill "$ATD"
wait "$ATD" 2>/dev/null
BEZALEL_TEST_NOW=+60 cycle
says 'opened .*P2 testhost at-dead'
start_atd
BEZALEL_TEST_NOW=+120 cycle
says 'resolved .*testhost at-dead'
# The queue is a daemon's own: garbage in it is no job.
head -c 2000000 /dev/zero >/var/spool/cron/atjobs/a0000901c8ab62
mkdir /var/spool/cron/atjobs/a0000a01c8ab62
ln -s /dev/zero /var/spool/cron/atjobs/a0000b01c8ab62
look
kill "$ATD"
stop_cron

finish
