#!/bin/sh
# Anacron that does not do its work: with the real one, whose table, stamps and
# scripts lie in namespaces where this machine's files are hidden.
. "$(dirname "$0")/lib.sh"

if [ "${2-}" != inside ]; then
  [ -x /usr/sbin/anacron ] || part_is_missing "no anacron"
  enter_namespaces "$@"
fi

hide /run /var/spool/cron /var/spool/anacron /var/lib/bezalel /etc/bezalel \
  /etc/cron.d /etc/cron.hourly /etc/cron.daily /etc/cron.weekly \
  /etc/cron.monthly
mkdir -p /var/spool/cron/crontabs /var/lib/bezalel/heartbeats
: >"$WORK/crontab"
: >"$WORK/anacrontab"
mount --bind "$WORK/crontab" /etc/crontab
mount --bind "$WORK/anacrontab" /etc/anacrontab ||
  part_is_missing "no /etc/anacrontab"
unset BEZALEL_ROOT
export BEZALEL_HOST=testhost TZ=UTC
# Up for a day: anacron had its time. (Of a build with a test clock.)
export BEZALEL_TEST_BOOT=+86400

table() {
  printf '%s\n' "$@" >"$WORK/anacrontab"
}
stamp() {
  date -u -d "$2" +%Y%m%d >"/var/spool/anacron/$1"
}
script() {
  printf '#!/bin/sh\nexit 0\n' >"$1"
  chmod 755 "$1"
}
starter() {
  echo '30 7-23 * * * root /usr/sbin/anacron -s' >/etc/cron.d/anacron
}

DAILY='1 0 cron.daily run-parts /etc/cron.daily'
GUARDED='25 6 * * * root test -x /usr/sbin/anacron || run-parts /etc/cron.daily'
echo "$GUARDED" >"$WORK/crontab"
script /etc/cron.daily/backup
starter

scenario "nothing is wrong: the real anacron ran the script and left its stamp"
table "$DAILY" '@monthly 0 report /bin/true'
/usr/sbin/anacron -d -n >"$WORK/anacron.log" 2>&1
[ -s /var/spool/anacron/cron.daily ] || fail "no stamp: $(cat "$WORK/anacron.log")"
look
says '"source":"/etc/cron.daily/backup".*"kind":"anacron"'
says '"schedule":"@monthly 0"'
says_not '"kind":"run-parts"'
says_not '"id":"anacron\|"id":"line-ignored'

scenario "what a package brought is judged by its stamp, until that is old"
packaged=$(sed -n 's/\.list$//p' <<LISTS | head -1
$(grep -lx '/etc/cron.daily/[a-z0-9-]*' /var/lib/dpkg/info/*.list)
LISTS
)
packaged=$(grep -x '/etc/cron.daily/[a-z0-9-]*' "$packaged.list" | head -1)
rm /etc/cron.daily/backup
script "$packaged"
table "$DAILY"
/usr/sbin/anacron -d -n >"$WORK/anacron.log" 2>&1
cycle
"$BEZALEL" check >"$WORK/out" 2>&1
says 'evaluated 1 of 1: 1 ok'
says_not 'undeclared'
later() {
  in=$1
  shift
  BEZALEL_TEST_NOW=+$in BEZALEL_TEST_BOOT=+$((in + 86400)) \
    "$BEZALEL" check --format json "$@" >"$WORK/out" 2>&1
}
later 129600
says '"verdict":"late"'
# Nobody checked meanwhile: it is put off for a period, once.
later 259200 --notify
later 349200
says '"verdict":"stale".*"severity":"P3"'
says '"message":"anacron ran cron.daily last on [-0-9]*; expected every day"'
rm -f /var/lib/bezalel/state.db*

scenario "anacron was installed just now: it has its period to come around"
rm /var/spool/anacron/cron.daily
touch -d '40 days ago' "$WORK/anacrontab"
look
says_not '"id":"anacron-late"'
later 259200
says '"message":"anacron never ran cron.daily; expected every day"'
rm "$packaged"
script /etc/cron.daily/backup

scenario "19 a malformed line, skipped by anacron with a word in the log"
table "$DAILY" '1 0 a/b /bin/true' '1 0 twin /bin/true'
/usr/sbin/anacron -d -n >"$WORK/anacron.log" 2>&1
grep -q 'line 2 - skipping' "$WORK/anacron.log" || fail "anacron takes it now"
look
says '"id":"line-ignored","severity":"error","source":"/etc/anacrontab","line":2'
says '"line":3,.*twin\|twin.*"line":3\|"command":"/bin/true"'

# anacron -T and lint name the same lines; `ran` tells what the real one ran.
linted() {
  "$BEZALEL" lint /etc/anacrontab >"$WORK/out" 2>&1
}
ran() {
  rm -f "$WORK/ran"
  /usr/sbin/anacron -d -n >"$WORK/anacron.log" 2>&1
  sort "$WORK/ran" 2>/dev/null | tr '\n' ' '
}

scenario "19 an unknown period: said to be skipped, and run at each start"
table "@fortnightly 0 report echo report >>$WORK/ran"
stamp report today
[ "$(ran)" = "report " ] || fail "anacron does not run it any more"
grep -q 'line 1, skipping' "$WORK/anacron.log" || fail "anacron says nothing"
look
says '"id":"line-misread","severity":"warning","source":"/etc/anacrontab","line":1'
says '"schedule":"@fortnightly 0"'
linted
says '/etc/anacrontab:1:1: warning: unknown period "@fortnightly"'

scenario "19 two jobs of one name: the longer period never comes again"
table "1 0 both echo often >>$WORK/ran" "7 0 both echo seldom >>$WORK/ran"
stamp both yesterday
[ "$(ran)" = "often " ] || fail "anacron ran: $(ran)"
linted
says '/etc/anacrontab:2:5: error: "both" names the job of line 1'
table "1 0 often echo often >>$WORK/ran" "7 0 seldom echo seldom >>$WORK/ran"
[ "$(ran)" = "often seldom " ] || fail "anacron ran them otherwise"
linted
says ', 0 errors, 0 warnings'

scenario "19 quotes of a setting that are part of its value"
table 'PATH="/usr/bin:/bin"' "1 0 quoted ls / >>$WORK/ran"
[ -z "$(ran)" ] || fail "anacron takes them off now"
grep -q 'exit status: 127' "$WORK/anacron.log" || fail "the job went well"
linted
says '/etc/anacrontab:1:6: error: quotes are part of the value of PATH'

scenario "19 a line of a crontab in the table of anacron"
table "0 0 * * * echo ran >>$WORK/ran"
[ -z "$(ran)" ] || fail "anacron runs it"
linted
says '/etc/anacrontab:1:1: error: a line of a crontab'
"$BEZALEL" lint --kind anacron "$WORK/anacrontab" >"$WORK/out" 2>&1
says 'cron-line'
table "$DAILY"
linted
says '1 file, 1 job, 0 errors, 0 warnings'

scenario "19 a stamp older than the period"
stamp cron.daily '4 days ago'
look
says '"id":"anacron-late","severity":"error","source":"/var/spool/anacron/cron.daily"'
cycle
says 'opened .*testhost anacron-late'
/usr/sbin/anacron -d -n >/dev/null 2>&1
cycle
says 'resolved .*testhost anacron-late'

scenario "19 a stamp in the future, and one that is no date"
stamp cron.daily '40 days'
look
says '"id":"anacron-stamp".*lies in the future'
echo hello >/var/spool/anacron/cron.daily
look
says '"id":"anacron-stamp".*is no date'

scenario "19 a stamp that waits for the end of its job, and one that waits on"
rm /var/spool/anacron/cron.daily
table '1 5 cron.daily run-parts /etc/cron.daily'
/usr/sbin/anacron -d >"$WORK/anacron.log" 2>&1 &
WAITING=$!
until [ -e /var/spool/anacron/cron.daily ]; do
  kill -0 "$WAITING" 2>/dev/null || break
done
[ -e /var/spool/anacron/cron.daily ] || fail "$(cat "$WORK/anacron.log")"
look
says_not '"id":"anacron'
kill "$WAITING"
wait "$WAITING" 2>/dev/null
look
says_not '"id":"anacron'
touch -d '4 days ago' /var/spool/anacron/cron.daily
look
says_not '"id":"anacron-stamp"'
says '"id":"anacron-late".*never ran cron.daily.*"fix":"anacron -d -n cron.daily"'
table "$DAILY"
stamp cron.daily today

scenario "19 nothing starts anacron"
rm /etc/cron.d/anacron
look
says '"id":"anacron-off","severity":"error","source":"/etc/anacrontab"'
# A test for the program alone is none that starts it.
says '/etc/cron.daily/backup'
starter
look
says_not '"id":"anacron'

scenario "19 the directory of the stamps is lost"
mount -t tmpfs none /var/spool
look
says '"id":"anacron-stamps-lost"'
umount /var/spool
look
says_not '"id":"anacron'

scenario "20 cron leaves the scripts to anacron, whose table does not have them"
table '1 0 other /bin/true'
stamp other today
look
says '"id":"anacron-off","severity":"error","source":"/etc/cron.daily"'
table "$DAILY"
look
says_not '"id":"anacron'

scenario "20 anacron is gone, its table is not"
table "$DAILY" '1 0 other /bin/true'
HOST=$WORK/host
mkdir -p "$HOST/etc/cron.daily" "$HOST/usr/sbin"
: >"$HOST/usr/sbin/cron"
echo 'root:x:0:0::/root:/bin/sh' >"$HOST/etc/passwd"
echo "$GUARDED" >"$HOST/etc/crontab"
script "$HOST/etc/cron.daily/backup"
cp "$WORK/anacrontab" "$HOST/etc/anacrontab"
look --sysroot "$HOST"
says '"id":"anacron-off".*anacron is not installed: other is not run'
# The guard fails, and cron runs the scripts itself.
says '"source":"/etc/cron.daily/backup".*"kind":"run-parts"'
table "$DAILY"
cp "$WORK/anacrontab" "$HOST/etc/anacrontab"
look --sysroot "$HOST"
says_not '"id":"anacron'

scenario "a table of garbage is findings, and nothing hangs"
head -c 900000 /dev/urandom >"$WORK/anacrontab"
look
head -c 10000000 /dev/zero >"$WORK/anacrontab"
look
table "$DAILY" '1 0 .. /bin/true' "1 0 \$(x) /bin/true"
look

finish
