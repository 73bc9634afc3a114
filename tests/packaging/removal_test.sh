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

# Words that are not ours do not hold the removal up.
fresh
cat >"$tab" <<'TEXT'
# bezalel run was here once
0 6 * * * root ls /var/lib/bezalel /etc/bezalel/jobs.d
0 6 * * * root /bin/true /var/lib/bezalel-old/x mybezalel bezalel.old
TEXT
sh "$prerm" remove >"$box/said" 2>&1 || fail "foreign words: $(cat "$box/said")"

# An upgrade asks nothing.
printf 'SHELL=/usr/bin/bezalel-sh\n' >"$tab"
sh "$prerm" upgrade 0.2.0 || fail "an upgrade was refused"

[ "$failures" = 0 ] || exit 1
echo "removal leaves every crontab whole"
