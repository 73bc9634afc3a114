#!/bin/sh
# Crontabs that look well and do not run: each fault is put into a host's files
# and must be found under its name; a healthy twin beside it stays quiet.
#
# The files lie below a root of their own (--sysroot), which `discover` reads by
# the rules of the daemon that is installed there. That Debian's cron does what
# is claimed here was observed once; tests/data and the manual say where.
. "$(dirname "$0")/lib.sh"

if [ "$(id -u)" -ne 0 ]; then
  echo "skipped: not root"
  exit 77
fi

new_host() {
  HOST=$WORK/host
  rm -rf "$HOST"
  mkdir -p "$HOST/etc/cron.d" "$HOST/etc/cron.daily" "$HOST/usr/sbin" \
    "$HOST/var/spool/cron/crontabs"
  printf 'root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\n' \
    >"$HOST/etc/passwd"
  : >"$HOST/usr/sbin/cron"
  echo '25 6 * * * root run-parts --report /etc/cron.daily' >"$HOST/etc/crontab"
  chmod 644 "$HOST/etc/crontab"
  echo '17 3 * * * root /usr/bin/twin' >"$HOST/etc/cron.d/twin"
  printf '#!/bin/sh\n' >"$HOST/etc/cron.daily/twin-script"
  chmod 755 "$HOST/etc/cron.daily/twin-script"
}

look() {
  "$BEZALEL" discover --sysroot "$HOST" --format json >"$WORK/out" 2>&1 ||
    fail "discover ended with $?"
  grep -q '"source":"/etc/cron.d/twin","line":1' "$WORK/out" ||
    fail "the healthy line is not listed"
  grep -q '"source":"/etc/cron.daily/twin-script"' "$WORK/out" ||
    fail "the healthy script is not listed"
}

# finds ID SOURCE: one finding, of this source.
finds() {
  look
  grep -q "\"id\":\"$1\",\"severity\":\"[a-z]*\",\"source\":\"$2\"" \
    "$WORK/out" || fail "expected finding $1 of $2"
  [ "$(grep -o '"id":' "$WORK/out" | wc -l)" -eq 1 ] ||
    fail "expected one finding"
}

quiet() {
  look
  grep -q '"findings":\[\]' "$WORK/out" || fail "expected no finding"
}

tab() {
  printf "$2" >"$HOST/etc/cron.d/$1"
}
user_tab() {
  printf "$2" >"$HOST/var/spool/cron/crontabs/$1"
  chown "$3" "$HOST/var/spool/cron/crontabs/$1"
  chmod "$4" "$HOST/var/spool/cron/crontabs/$1"
}

scenario "nothing is wrong"
new_host
user_tab ann '0 4 * * * /usr/bin/x\n' 1000 600
quiet

scenario "23 a syntax error loses the whole file"
new_host
tab broken '0 1 * * * root /usr/bin/a\n61 1 * * * root /usr/bin/b\n'
finds file-ignored /etc/cron.d/broken
grep -q '/usr/bin/a' "$WORK/out" && fail "a job of an ignored file is listed"

scenario "24 no newline at the end"
new_host
tab broken '0 1 * * * root /usr/bin/a'
finds file-ignored /etc/cron.d/broken

scenario "25 a name that the daemon passes over"
for name in backup.sh backup~ 'back up'; do
  new_host
  tab "$name" '0 1 * * * root /usr/bin/a\n'
  finds file-ignored "/etc/cron.d/$name"
done
new_host
tab .placeholder '# nothing here\n'
quiet
new_host
tab twin.sh '0 1 * * * root /usr/bin/a\n'
finds file-ignored /etc/cron.d/twin.sh
grep -q 'else: mv -n /etc/cron.d/twin.sh /etc/cron.d/twin-sh"' "$WORK/out" ||
  fail "the new name is not free"

scenario "25 what dpkg, ucf and editors leave beside a file"
for left in twin.dpkg-dist twin.dpkg-old twin.dpkg-new twin.ucf-dist \
  twin.ucf-old .twin.swp twin~ twin.bak; do
  new_host
  tab "$left" '0 1 * * * root /usr/bin/a\n'
  quiet
done

scenario "25 systemd-cron leaves a file to the timer of its name"
new_systemd_cron() {
  new_host
  rm "$HOST/usr/sbin/cron"
  mkdir -p "$HOST/lib/systemd/system-generators" "$HOST/lib/systemd/system" \
    "$HOST/var/lib/dpkg/info"
  : >"$HOST/lib/systemd/system-generators/systemd-crontab-generator"
}
new_systemd_cron
tab certbot '0 1 * * * root /usr/bin/certbot\n'
tab anacron '30 7 * * * root /usr/bin/started\n'
look
for job in certbot started; do
  grep -q "\"command\":\"/usr/bin/$job\"" "$WORK/out" ||
    fail "$job is not listed"
done
grep -q '"id":"file-ignored"' "$WORK/out" && fail "nothing is ignored"
: >"$HOST/lib/systemd/system/certbot.timer"
look
grep -q '"command":"/usr/bin/certbot"' "$WORK/out" && fail "cron has it run"
grep -q '"id":"file-ignored","severity":"warning","source":"/etc/cron.d/certbot"' \
  "$WORK/out" || fail "expected file-ignored"
echo /etc/cron.d/certbot >"$HOST/var/lib/dpkg/info/certbot.list"
look
grep -q '"command":"/usr/bin/certbot"' "$WORK/out" && fail "cron has it run"
grep -q '"id":"file-ignored"' "$WORK/out" && fail "the package has a timer"

scenario "26 scripts that run-parts passes over"
new_host
printf '#!/bin/sh\n' >"$HOST/etc/cron.daily/backup.sh"
chmod 755 "$HOST/etc/cron.daily/backup.sh"
finds script-ignored /etc/cron.daily/backup.sh
new_host
printf '#!/bin/sh\n' >"$HOST/etc/cron.daily/backup"
chmod 644 "$HOST/etc/cron.daily/backup"
finds script-ignored /etc/cron.daily/backup
new_host
ln -s /nowhere "$HOST/etc/cron.daily/backup"
finds script-ignored /etc/cron.daily/backup
new_host
cp -p "$HOST/etc/cron.daily/twin-script" "$HOST/etc/cron.daily/twin-script.sh"
finds script-ignored /etc/cron.daily/twin-script.sh
grep -q 'mv -n [^ ]* /etc/cron.daily/twin-script-sh"' "$WORK/out" ||
  fail "the new name is not free"
for left in twin-script.dpkg-old twin-script.ucf-dist twin-script~; do
  new_host
  cp -p "$HOST/etc/cron.daily/twin-script" "$HOST/etc/cron.daily/$left"
  quiet
done

scenario "26 scripts in a directory that nothing runs"
mkdir "$HOST/etc/cron.yearly"
quiet
printf '#!/bin/sh\n' >"$HOST/etc/cron.yearly/renew"
quiet
chmod 755 "$HOST/etc/cron.yearly/renew"
finds script-ignored /etc/cron.yearly
says 'no line runs this directory: renew is never started'
printf '@yearly root run-parts /etc/cron.yearly\n' >"$HOST/etc/cron.d/yearly"
quiet
rm -r "$HOST/etc/cron.yearly" "$HOST/etc/cron.d/yearly"

scenario "27 owner, mode and links"
new_host
tab x '0 1 * * * root /usr/bin/a\n'
chmod 664 "$HOST/etc/cron.d/x"
finds file-ignored /etc/cron.d/x
new_host
tab x '0 1 * * * root /usr/bin/a\n'
chown 1000 "$HOST/etc/cron.d/x"
finds file-ignored /etc/cron.d/x
new_host
tab x '0 1 * * * root /usr/bin/a\n'
ln "$HOST/etc/cron.d/x" "$HOST/etc/x"
finds file-ignored /etc/cron.d/x
new_host
user_tab ann '0 4 * * * /usr/bin/x\n' 1000 644
finds file-ignored "crontab of ann"

scenario "28 a user that does not exist, in a line"
new_host
tab x '0 1 * * * nobody-here /usr/bin/a\n'
finds file-ignored /etc/cron.d/x

scenario "29 the table of a user that was deleted"
new_host
user_tab bob '0 4 * * * /usr/bin/x\n' 1001 600
finds file-ignored "crontab of bob"

scenario "32 a schedule that never matches"
for when in '0 0 30 2 *' '0 22-2 * * *' '0 1 * * fri-mon'; do
  new_host
  tab x "$when root /usr/bin/a\n"
  finds never-runs /etc/cron.d/x
done

scenario "35 lines of DOS"
new_host
tab x '0 1 * * * root /usr/bin/a\r\n\r\n'
finds file-ignored /etc/cron.d/x

scenario "35 what lint says to write and to type puts lines of DOS right"
printf '0 1 * * * root date +%%F >>/tmp/x\r\n0 2 * * * root true\r\n\r\n' >"$WORK/dos"
lint_dos() {
  "$BEZALEL" lint "$WORK/dos" --kind system >"$WORK/out" 2>&1
}
lint_dos && fail "nothing is wrong"
sed -n 's/^  fix:  \(0 1 .*\)/\1/p' "$WORK/out" >"$WORK/line"
sed -n 's/^  fix:  \(sed .*\)/\1/p' "$WORK/out" | head -1 >"$WORK/fix"
sed 1d "$WORK/dos" | cat "$WORK/line" - >"$WORK/dos.new"
mv "$WORK/dos.new" "$WORK/dos"
sh "$WORK/fix" || fail "its command does not work"
lint_dos || fail "it is not put right"
grep -q "$(printf '\r')" "$WORK/dos" && fail "carriage returns are left"

scenario "36 MAILTO= without quotes"
new_host
tab x 'MAILTO=\n0 1 * * * root /usr/bin/a\n'
finds file-ignored /etc/cron.d/x

scenario "37 a command too long"
new_host
printf '0 1 * * * root /usr/bin/a %01000d\n' 1 >"$HOST/etc/cron.d/x"
finds file-ignored /etc/cron.d/x

scenario "hostile files are findings, and nothing hangs"
new_host
ln -s loop "$HOST/etc/cron.d/loop"
mkdir "$HOST/etc/cron.d/folder"
finds file-ignored /etc/cron.d/loop
new_host
head -c 10000000 /dev/zero >"$HOST/etc/cron.d/zeroes"
finds source-unreadable /etc/cron.d/zeroes
new_host
tab x "$(printf '\001\002')\n"
finds file-ignored /etc/cron.d/x

scenario "what is no file: the daemon waits in a FIFO, and reads no other"
for place in etc/cron.d/pipe var/spool/cron/crontabs/ann; do
  new_host
  mkfifo "$HOST/$place"
  finds cron-blocked "/$place"
  grep -q '"fix":"rm /.* && ' "$WORK/out" || fail "no fix"
done
new_host
mkfifo "$HOST/etc/cron.d/pipe.off"
quiet
new_host
mknod "$HOST/etc/cron.d/null" c 1 3
finds file-ignored /etc/cron.d/null
new_host
mknod "$HOST/var/spool/cron/crontabs/ann" c 1 3
finds file-ignored "crontab of ann"
new_host
mkdir "$HOST/etc/cron.d/folder" "$HOST/var/spool/cron/crontabs/ann"
quiet

scenario "a link to a user's table, which Debian's cron does not follow"
new_host
user_tab ann '0 4 * * * /usr/bin/x\n' 1000 600
mkdir "$HOST/srv"
mv "$HOST/var/spool/cron/crontabs/ann" "$HOST/srv/ann"
ln -s /srv/ann "$HOST/var/spool/cron/crontabs/ann"
finds file-ignored "crontab of ann"
grep -q '"command":"/usr/bin/x"' "$WORK/out" && fail "its job is listed"
grep -q '"fix":"crontab -u ann /var' "$WORK/out" || fail "no fix"

scenario "lines of a user's table are counted as crontab -e shows them"
new_host
user_tab ann '# DO NOT EDIT THIS FILE - edit the master and reinstall.\n# (- installed on Fri Nov 27 19:00:00 2026)\n# (Cron version -- $Id$)\n# mine\n0 4 * * * /usr/bin/x\n' 1000 600
quiet
grep -q '"source":"crontab of ann","line":2' "$WORK/out" || fail "another line"
user_tab ann '# mine\n#\n#\n0 4 * * * /usr/bin/x\n' 1000 600
quiet
grep -q '"source":"crontab of ann","line":4' "$WORK/out" || fail "another line"

scenario "26 run-parts with another rule of names, or without a directory"
new_host
mkdir -p "$HOST/opt/p"
printf '#!/bin/sh\n' >"$HOST/opt/p/two.sh"
chmod 755 "$HOST/opt/p/two.sh"
tab parts '0 5 * * * root run-parts --regex=".*" /opt/p\n'
quiet
grep -q '"source":"/etc/cron.d/parts","line":1' "$WORK/out" ||
  fail "the line is no job"
tab parts '0 5 * * * root run-parts /opt/nodir\n'
finds directory-missing /etc/cron.d/parts
grep -q '"source":"/etc/cron.d/parts","line":1,"watched"' "$WORK/out" ||
  fail "the line is no job"

scenario "links of an image stay within it"
new_host
echo '0 2 * * * root /usr/bin/inside' >"$HOST/etc/table"
ln -s /etc/table "$HOST/etc/cron.d/linked"
look
grep -q '/usr/bin/inside' "$WORK/out" || fail "an absolute link is not followed"
new_host
echo '0 2 * * * root /usr/bin/outside' >"$WORK/outside"
chmod 644 "$WORK/outside"
ln -s "../../../../../../../../../$WORK/outside" "$HOST/etc/cron.d/linked"
look
grep -q '/usr/bin/outside' "$WORK/out" && fail "a link led out of the image"

scenario "a run-parts line that is watched answers for its scripts"
new_host
mkdir -p "$HOST/usr/bin"
cp "$BEZALEL_SH" "$HOST/usr/bin/bezalel-sh"
{
  echo 'SHELL=/usr/bin/bezalel-sh'
  echo '25 6 * * * root run-parts --report /etc/cron.daily'
} >"$HOST/etc/crontab"
look
grep -q '"source":"/etc/crontab"' "$WORK/out" &&
  fail "the line counts beside its script"
grep -q '"watched":"its line"' "$WORK/out" || fail "its script is not watched"

# lists JOB-FIELDS: one job line with these, in the order of the output.
lists() {
  sed 's/},{/},\n{/g' "$WORK/out" | grep -q "$1" || fail "expected \"$1\""
}
inspect() {
  "$BEZALEL" discover --sysroot "$HOST" --format json >"$WORK/out" 2>&1 ||
    fail "discover ended with $?"
}

scenario "45 jobs where cronie keeps them"
new_host
mv "$HOST/usr/sbin/cron" "$HOST/usr/sbin/crond"
mkdir "$HOST/etc/cron.hourly"
echo '01 * * * * root run-parts /etc/cron.hourly' >"$HOST/etc/cron.d/0hourly"
printf '#!/bin/sh\n' >"$HOST/etc/cron.hourly/0anacron"
chmod 755 "$HOST/etc/cron.hourly/0anacron"
rmdir "$HOST/var/spool/cron/crontabs"
printf 'CRON_TZ=Pacific/Apia\n5~5 4 * * * /usr/bin/x\n' \
  >"$HOST/var/spool/cron/ann"
chown 1000 "$HOST/var/spool/cron/ann"
chmod 600 "$HOST/var/spool/cron/ann"
look
lists '"user":"ann".*"dialect":"cronie","tz":"Pacific/Apia".*"source":"crontab of ann","line":2'
lists '"user":"root","schedule":"01 \* .*"dialect":"cronie".*"source":"/etc/cron.hourly/0anacron"'
grep -q '"findings":\[\]' "$WORK/out" || fail "expected no finding"
mkdir "$HOST/var/spool/cron/crontabs"
user_tab ann '0 4 * * * /usr/bin/elsewhere\n' 1000 600
inspect
lists '"id":"spool-unread","severity":"error","source":"/var/spool/cron/crontabs/ann"'

# Alpine's: busybox under the name of crond, whose lines run its own run-parts.
scenario "45 jobs where busybox keeps them, and /etc/periodic"
new_host
rm -r "$HOST/usr/sbin/cron" "$HOST/etc/crontab" "$HOST/etc/cron.d" \
  "$HOST/var/spool/cron/crontabs"
mkdir -p "$HOST/bin" "$HOST/etc/crontabs" "$HOST/etc/periodic/15min" \
  "$HOST/etc/periodic/daily"
: >"$HOST/bin/busybox"
ln -s /bin/busybox "$HOST/usr/sbin/crond"
ln -s /etc/crontabs "$HOST/var/spool/cron/crontabs"
printf '%s\n' '*/15	*	*	*	*	run-parts /etc/periodic/15min' \
  '0	2	*	*	*	run-parts /etc/periodic/daily' \
  '5/15 3 * * * /usr/bin/own' >"$HOST/etc/crontabs/root"
echo '7 4 * * * /usr/bin/of-ann' >"$HOST/etc/crontabs/ann"
chmod 600 "$HOST/etc/crontabs/root" "$HOST/etc/crontabs/ann"
echo root >"$HOST/etc/crontabs/cron.update"
for script in 15min/probe daily/rotate daily/backup.sh; do
  printf '#!/bin/sh\n' >"$HOST/etc/periodic/$script"
  chmod 755 "$HOST/etc/periodic/$script"
done
inspect
lists '"user":"root","schedule":"\*/15 .*"dialect":"busybox".*"source":"/etc/periodic/15min/probe"'
lists '"user":"root","schedule":"0 2 .*"dialect":"busybox".*"source":"/etc/periodic/daily/rotate"'
lists '"user":"root","schedule":"5/15 3 .*"dialect":"busybox".*"source":"crontab of root","line":3'
lists '"user":"ann".*"dialect":"busybox".*"command":"/usr/bin/of-ann"'
lists '"id":"script-ignored","severity":"[a-z]*","source":"/etc/periodic/daily/backup.sh"'
[ "$(grep -o '"job":' "$WORK/out" | wc -l)" -eq 4 ] || fail "expected four jobs"
[ "$(grep -o '"id":' "$WORK/out" | wc -l)" -eq 1 ] || fail "expected one finding"
mv "$HOST/etc/periodic/daily/backup.sh" "$HOST/etc/periodic/daily/backup"
inspect
lists '"source":"/etc/periodic/daily/backup"'
grep -q '"findings":\[\]' "$WORK/out" || fail "expected no finding"

printf '#!/bin/sh\n' >"$HOST/usr/sbin/anacron"
chmod 755 "$HOST/usr/sbin/anacron"
printf '1 5 own /usr/bin/own\n' >"$HOST/etc/anacrontab"
inspect
lists '"id":"anacron-off".*/usr/sbin/anacron -s. >>/etc/crontabs/root"'
rm "$HOST/etc/anacrontab" "$HOST/usr/sbin/anacron"

scenario "44 busybox without crontab(1): what is to be typed works without it"
mkdir -p "$HOST/etc/cron.d" "$HOST/usr/bin" "$HOST/var/spool/cron"
tab deep '0 4 * * * root /usr/bin/x\n'
inspect
lists '"id":"spool-unread".*"fix":"vi /etc/crontabs/root && touch /etc/crontabs"'
: >"$HOST/usr/bin/crontab"
inspect
lists '"id":"spool-unread".*"fix":"crontab -e -u root"'

scenario "an image is read in its own zone, and its timers are not passed over"
new_host
ln -s ../usr/share/zoneinfo/Asia/Kolkata "$HOST/etc/localtime"
inspect
lists '"tz":"Asia/Kolkata".*"source":"/etc/cron.d/twin"'
lists '"next":"[-0-9]*T21:47:00Z"'
grep -q '"id":"timers-unread"' "$WORK/out" && fail "there is no systemd there"
mkdir -p "$HOST/etc/systemd/system"
inspect
lists '"id":"timers-unread","severity":"info"'

finish
