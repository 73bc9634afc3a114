#!/bin/sh
# Removing the package never leaves a crontab that no longer runs.
# usage: removal_test.sh SOURCE-DIR
set -eu
source=$1
prerm=$source/packaging/debian/prerm
box=$(mktemp -d)
trap 'rm -rf "$box"' EXIT
BEZALEL_PRERM_ROOT=$box
export BEZALEL_PRERM_ROOT
failures=0
fail() {
  echo "FAILED: $*"
  failures=$((failures + 1))
}
fresh() {
  rm -rf "$box/etc" "$box/var"
  mkdir -p "$box/etc/cron.d" "$box/var/spool/cron/crontabs"
  printf '17 * * * * root run-parts /etc/cron.hourly\n' >"$box/etc/crontab"
  cp "$source/packaging/bezalel.cron" "$box/etc/cron.d/bezalel"
}
header() {
  cat <<'TEXT'
# Adopted 2026-11-24. Undo: bezalel release --file /etc/cron.d/logwatch
# If bezalel is gone, delete these 3 lines: cron then runs as before.
SHELL=/usr/bin/bezalel-sh
TEXT
}

fresh
sh "$prerm" remove >"$box/said" 2>&1 || fail "a host without references: $(cat "$box/said")"

# Our own header goes; every other byte, the mode and the name stay.
fresh
tab=$box/etc/cron.d/logwatch
printf '# nightly\n0 6 * * * root /usr/sbin/logwatch\n' >"$box/before"
{ header; cat "$box/before"; } >"$tab"
user=$box/var/spool/cron/crontabs/deploy
{
  echo 'MAILTO=bezalel'
  header
  echo '5 * * * * /bin/sync'
  echo '*/15 * * * * /usr/libexec/bezalel/bezalel --mine check --notify --quiet'
} >"$user"
chmod 600 "$user"
sh "$prerm" remove >"$box/said" 2>&1 || fail "own headers: $(cat "$box/said")"
cmp -s "$tab" "$box/before" || fail "the crontab is not what it was"
printf 'MAILTO=bezalel\n5 * * * * /bin/sync\n' >"$box/before"
cmp -s "$user" "$box/before" || fail "the user's crontab is not what it was"
[ "$(stat -c %a "$user")" = 600 ] || fail "the user's crontab lost its mode"
[ "$(ls -A "$box/etc/cron.d" | xargs)" = "bezalel logwatch" ] ||
  fail "something was left: $(ls -A "$box/etc/cron.d")"

# refused LINE..: the removal is refused, names the line and changes nothing.
refused() {
  fresh
  printf '%s\n' "$@" >"$tab"
  cp "$tab" "$box/before"
  if sh "$prerm" remove >"$box/said" 2>&1; then
    fail "removed in spite of: $*"
  fi
  grep -q '^  /etc/cron.d/logwatch:[0-9]*: ' "$box/said" || {
    fail "no line is named for: $*"
    cat "$box/said"
  }
  cmp -s "$tab" "$box/before" || fail "changed although refused: $*"
}
refused 'SHELL=/usr/bin/bezalel-sh' '0 6 * * * root /bin/true'
refused '0 6 * * * root bezalel run x --every 1d -- /bin/true'
refused '0 6 * * * root /usr/bin/bezalel beat x'
refused '0 6 * * * root /bin/true && bezalel beat x'
refused '0 6 * * * root /bin/true; "/usr/libexec/bezalel/bezalel" check'
refused '0 6 * * * root /x && /usr/share/bezalel/clients/sh/w.sh x 60'
refused '0 6 * * * root sh -c "cd / && nice bezalel run x -- /bin/true"'
refused '0 6 * * * root echo bezalel; sudo -u ann bezalel beat x # bezalel: x'
# A command of the root's table each; a "%" is cron's.
while IFS= read -r command; do
  refused "0 6 * * * root $command"
done <<'TABLE'
cd /x && bezalel run a -- b
nice bezalel run a -- b
nice -n 5 ionice -c3 bezalel run a -- b
sudo -u bob bezalel run a -- b
sudo -u mail bezalel run a -- b
sudo -u bezalel bezalel check
su bob -s /usr/bin/bezalel-sh -c true
su - bob -c "bezalel run a -- b"
runuser -u bob -- bezalel run a -- b
env X=1 bezalel run a -- b
X=1 bezalel run a -- b
foo; bezalel beat a
foo&bezalel beat a
foo || bezalel beat a
foo >/dev/null 2>&1 && bezalel beat a
foo >x&& bezalel beat a
if foo; then bezalel beat a; fi
for i in 1 2; do bezalel run a -- b $i; done
case $(date) in Mon*) bezalel beat a ;; esac
(cd / && bezalel run a -- b)
{ bezalel run a -- b; }
echo "$(bezalel --version)"
echo "$(echo ")" ; bezalel beat a)"
echo `bezalel status`
$(which bezalel) run a -- b
`command -v bezalel` run a -- b
sh -c 'bezalel run x -- y'
sh -c "sh -c 'bezalel run x -- y'"
bash -lc bezalel
eval "bezalel run x -- y"
mywrap 'bezalel run x -- y'
nice mywrap mail bezalel run x -- y
beza"lel" run a -- b
\bezalel run a -- b
B=/usr/bin/bezalel; $B run a -- b
JOB="bezalel run a -- b"; $JOB
${B:-/usr/bin/bezalel} run a -- b
. /usr/share/bezalel/clients/sh/bezalel.sh
find /x -exec bezalel beat a ;
echo 'bezalel beat a' | sh
sh%bezalel beat a
[ -x /usr/bin/bezalel ]; bezalel beat a
[ -x /usr/bin/other ] && bezalel beat a
[ -x /usr/bin/bezalel ] || bezalel beat a
[ -x /usr/bin/bezalel ] && foo || bezalel beat a
foo || [ -x /usr/bin/bezalel ] && bezalel beat a
[ ! -x /usr/bin/bezalel ] && bezalel beat a
[ ! -x /usr/bin/bezalel ] || foo && bezalel beat a
[ -x /usr/bin/bezalel ] & bezalel beat a
if [ -x /usr/bin/bezalel ]; then foo; fi; bezalel beat a
if [ -x /usr/bin/bezalel ]; then foo; else bezalel beat a; fi
if foo; then [ -x /usr/bin/bezalel ] || exit 0; fi; bezalel beat a
command -v bezalel >/dev/null; bezalel beat a
TABLE
refused '# Adopted 2026-11-24. Undo: bezalel release' 'SHELL="/usr/bin/bezalel-sh"'

# A shell that the table had itself comes back under its name.
fresh
{ header; echo 'BEZALEL_SHELL=/bin/bash'; echo '0 6 * * * root [[ 1 ]]'; } >"$tab"
sh "$prerm" remove >"$box/said" 2>&1 || fail "a shell: $(cat "$box/said")"
[ "$(head -n 1 "$tab")" = SHELL=/bin/bash ] || fail "the shell is lost"

# Drop-ins of timers go, those of another hand stay.
fresh
units=$box/etc/systemd/system
mkdir -p "$units/a.service.d" "$units/b.service.d"
printf '%s\n' '# Adopted 2026-11-24. Undo: bezalel release --timer a.timer' \
  >"$units/a.service.d/50-bezalel.conf"
echo '[Service]' >"$units/b.service.d/50-bezalel.conf"
sh "$prerm" remove >"$box/said" 2>&1 || fail "drop-ins: $(cat "$box/said")"
[ ! -e "$units/a.service.d" ] || fail "a drop-in stays"
[ -e "$units/b.service.d/50-bezalel.conf" ] || fail "a foreign drop-in went"

# Cron reads what a link leads to.
fresh
{ header; echo '0 6 * * * root /bin/true'; } >"$box/etc/kept"
ln -s ../kept "$box/etc/cron.d/linked"
sh "$prerm" remove >"$box/said" 2>&1 || fail "a link: $(cat "$box/said")"
[ -L "$box/etc/cron.d/linked" ] || fail "the link is gone"
[ "$(cat "$box/etc/kept")" = '0 6 * * * root /bin/true' ] ||
  fail "what the link leads to still names the shell"

# A refusal keeps the headers of the other files, too.
fresh
{ header; echo '0 6 * * * root /bin/true'; } >"$tab"
echo '* * * * * bezalel beat x' >"$user"
cp "$tab" "$box/before"
! sh "$prerm" remove >"$box/said" 2>&1 || fail "removed in spite of a user's line"
cmp -s "$tab" "$box/before" || fail "a header was dropped although refused"
# By the line that "crontab -e" shows.
{
  echo '# DO NOT EDIT THIS FILE - edit the master and reinstall.'
  echo '# (/tmp/crontab.x installed on Fri Nov 27 22:00:00 2026)'
  echo '# (Cron version -- x)'
  echo '* * * * * bezalel beat x'
} >"$user"
! sh "$prerm" remove >"$box/said" 2>&1 || fail "removed in spite of a header"
grep -q "^  crontab of ${user##*/}:1: " "$box/said" ||
  fail "a user's line is not named: $(cat "$box/said")"

# Words that are not ours do not hold the removal up.
fresh
cat >"$tab" <<'TEXT'
# bezalel run was here once
0 6 * * * root ls /var/lib/bezalel /etc/bezalel/jobs.d
0 6 * * * root /bin/true /var/lib/bezalel-old/x mybezalel bezalel.old
0 6 * * * root echo bezalel is nice
0 6 * * * root cd / && /bin/echo "bezalel is nice" | mail -s bezalel root
0 6 * * * root /bin/true # bezalel: job=x every=1d
0 6 * * * bezalel /bin/true
@daily bezalel /bin/true
0 6 * * * root sudo -u bezalel x
0 6 * * * root sudo -nu bezalel x && nice sudo -u bezalel x
0 6 * * * root runuser -u bezalel -- x; su - bezalel -c x
0 6 * * * root chown -R bezalel /x
0 6 * * * root sudo chown -R bezalel:bezalel /x; sudo chgrp bezalel /x
0 6 * * * root su bezalel -c 'true'
0 6 * * * root echo "; bezalel run x"
0 6 * * * root echo '; bezalel run x' >>/x
0 6 * * * root git commit -m "x; bezalel report"
0 6 * * * root cd /x && git commit -qm 'x && bezalel report' && git push
0 6 * * * root true # ; bezalel run x
0 6 * * * root true # it's; bezalel run x
0 6 * * * root true >bezalel
0 6 * * * root mail -s done root%bezalel beat x
0 6 * * * root find /x -user bezalel -delete
0 6 * * * root GIT_AUTHOR_NAME=bezalel git commit -a
0 6 * * * root [ ! -x /usr/bin/bezalel ] || bezalel beat J
0 6 * * * root [ -x /usr/bin/bezalel ] && bezalel run x -- y
0 6 * * * root test -x /usr/bin/bezalel && x && bezalel run x -- y | tee /z
0 6 * * * root x && [ -x /usr/bin/bezalel ] && bezalel beat x
0 6 * * * root x; [ ! -x /usr/bin/bezalel ] || /usr/bin/bezalel beat x
0 6 * * * root command -v bezalel >/dev/null && bezalel beat x
0 6 * * * root which bezalel >/dev/null 2>&1 && sh -c 'bezalel beat x'
0 6 * * * root ! command -v bezalel >/dev/null || bezalel beat x
0 6 * * * root [ -x /usr/bin/bezalel ] || exit 0; x; bezalel beat x
0 6 * * * root if [ -x /usr/bin/bezalel ]; then x; bezalel beat x; fi
TEXT
cp "$tab" "$box/before"
sh "$prerm" remove >"$box/said" 2>&1 || fail "foreign words: $(cat "$box/said")"
cmp -s "$tab" "$box/before" || fail "lines that only say our name changed"
# What its own test keeps from running is named all the same.
[ "$(grep -c '^  /etc/cron.d/logwatch:' "$box/said")" = 2 ] ||
  fail "guarded jobs are not told of: $(cat "$box/said")"
# In a user's table there is no user, in anacron's a "%" is one.
echo '* * * * * bezalel beat x' >"$user"
! sh "$prerm" remove >"$box/said" 2>&1 || fail "removed in spite of a user's line"
rm "$user"
echo '1 5 stamp date +%F >/x; bezalel beat x' >"$box/etc/anacrontab"
! sh "$prerm" remove >"$box/said" 2>&1 || fail "removed in spite of anacron's line"
rm "$box/etc/anacrontab"

# An upgrade asks nothing.
printf 'SHELL=/usr/bin/bezalel-sh\n' >"$tab"
sh "$prerm" upgrade 0.2.0 || fail "an upgrade was refused"

[ "$failures" = 0 ] || exit 1
echo "removal leaves every crontab whole"
