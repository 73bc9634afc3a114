#!/bin/sh
# One host of package_test.sh, in the copy that in_copy.sh made.
# usage: package_inside.sh image|bare|cron PACKAGE
set -u
kind=$1
package=$2
failures=0
fail() {
  echo "FAILED ($kind): $*"
  failures=$((failures + 1))
}
# same WHAT EXPECTED FOUND
same() { [ "$2" = "$3" ] || fail "$1: expected '$2', found '$3'"; }
# works COMMAND..: says what it said when it does not.
works() {
  "$@" >/run/said 2>&1 || {
    fail "$*: exit $?"
    sed 's/^/    /' /run/said
  }
}
DEBIAN_FRONTEND=noninteractive
export DEBIAN_FRONTEND

# --- a host that never had it ------------------------------------------------
dpkg --purge bezalel >/dev/null 2>&1
userdel bezalel 2>/dev/null
# Pages for man are made anew after each change of a package: not what is asked.
rm -f /var/lib/man-db/auto-update
case $kind in
  bare)
    for tool in systemctl systemd-sysusers systemd-tmpfiles systemd-run; do
      rm -f "/usr/bin/$tool" "/bin/$tool"
    done
    ;;
  cron)
    [ -x /usr/sbin/cron ] || exit 77
    useradd --create-home deploy
    echo '5 * * * * true' | crontab -u deploy -
    /usr/sbin/cron
    ;;
esac

# --- installed ---------------------------------------------------------------
works dpkg --install "$package"
same state "install ok installed" "$(dpkg-query -W -f '${Status}' bezalel)"
uid=$(id -u bezalel)
# expect PATH "MODE OWNER:GROUP"
expect() { same "$1" "$2" "$(stat -c '%a %U:%G' "$1" 2>&1)"; }
expect /etc/bezalel "750 root:bezalel"
expect /etc/bezalel/jobs.d "750 root:bezalel"
expect /var/lib/bezalel "1775 root:bezalel"
expect /var/lib/bezalel/heartbeats "755 root:root"
expect /var/lib/bezalel/reports "755 bezalel:bezalel"
expect /etc/cron.d/bezalel "644 root:root"
expect /usr/bin/bezalel "755 root:root"
expect /usr/libexec/bezalel/bezalel "755 root:root"
same /usr/bin/bezalel-sh bezalel "$(readlink /usr/bin/bezalel-sh)"
# "setup" ran: the folder of the checker itself, and of who owns a crontab.
expect "/var/lib/bezalel/heartbeats/u/$uid" "2750 bezalel:bezalel"
if [ "$kind" = cron ]; then
  expect "/var/lib/bezalel/heartbeats/u/$(id -u deploy)" "2750 deploy:bezalel"
fi
wants=/etc/systemd/system/timers.target.wants
for timer in bezalel-check.timer bezalel-report.timer; do
  unit=$(readlink "$wants/$timer") || fail "$timer is not enabled"
  [ -f "$unit" ] || fail "$timer is enabled as $unit, which is not there"
  if [ "$kind" = image ]; then
    same "$timer" enabled "$(systemctl is-enabled "$timer" 2>&1)"
  fi
done
for page in man1/bezalel.1 man1/bezalel-run.1 man1/bezalel-sh.1 \
  man1/bezalel-init.1 man5/bezalel.toml.5; do
  gzip -t "/usr/share/man/$page.gz" || fail "no manual page $page"
done
bash -n /usr/share/bash-completion/completions/bezalel || fail "no completion"

# It does its work: as root, and as the user that the units name.
works bezalel run hello --every 1d -- true
works bezalel check
as_checker() { setpriv --reuid=bezalel --regid=bezalel --init-groups "$@"; }
works as_checker bezalel check --notify
expect /var/lib/bezalel/state.db "600 bezalel:bezalel"
# A look leaves the database's log behind, as the checker's own.
works bezalel check
works bezalel check --notify
works bezalel silence hello --until tomorrow --reason "a test"
works as_checker bezalel check --notify
expect /var/lib/bezalel/state.db "600 bezalel:bezalel"
expect /var/lib/bezalel/notify.lock "600 bezalel:bezalel"

# cron_line N: runs the Nth job of our cron file as cron would.
cron_line() {
  line=$(grep '^[*0-9]' /etc/cron.d/bezalel | sed -n "$1p")
  /bin/sh -c "${line#* root }"
}
stamp=/var/lib/bezalel/bezalel-check.last
rm -f "$stamp"
works cron_line 1
[ -f "$stamp" ] || fail "the cron line did not check"
works cron_line 2
ls /var/lib/bezalel/reports/*.md >/dev/null || fail "the cron line sent no report"
# Where systemd runs, the timers do it.
rm -f "$stamp"
mkdir -p /run/systemd/system
works cron_line 1
[ ! -f "$stamp" ] || fail "the cron line checks beside the timer"
rmdir /run/systemd/system

# What an administrator disables stays so through an upgrade.
if [ "$kind" = image ]; then
  works systemctl disable bezalel-report.timer
fi
works dpkg --install "$package"
if [ "$kind" = image ]; then
  [ ! -e "$wants/bezalel-report.timer" ] || fail "an upgrade enabled it again"
fi

# --- removed -----------------------------------------------------------------
# A job that needs us: nothing is taken away.
echo '0 3 * * * root bezalel run db --every 1d -- true' >/etc/cron.d/db
! dpkg --remove bezalel >/run/said 2>&1 || fail "removed under a job that needs it"
grep -q '/etc/cron.d/db:1: ' /run/said || fail "the job is not named"
[ -x /usr/bin/bezalel ] || fail "a refused removal took the program"
works dpkg --configure --pending
# What is only our own goes with us, and the job stays: wrapped lines, a header
# that was edited, what a link leads to.
echo '0 4 * * * root true wrapped' >/etc/cron.d/wrapped
works bezalel adopt --file /etc/cron.d/wrapped --wrap
grep -q 'bezalel run' /etc/cron.d/wrapped || fail "it was not wrapped"
echo '0 4 * * * root true edited' >/etc/cron.d/edited
works bezalel adopt --file /etc/cron.d/edited
sed -i '/^#/d' /etc/cron.d/edited
grep -q bezalel-sh /etc/cron.d/edited || fail "it was not adopted"
echo '0 4 * * * root true linked' >/etc/linked
ln -s ../linked /etc/cron.d/linked
works bezalel adopt --file /etc/cron.d/linked
grep -q bezalel-sh /etc/linked || fail "what the link leads to was not adopted"
cat >/etc/cron.d/db <<'TAB'
# Adopted 2026-11-24. Undo: bezalel release --file /etc/cron.d/db
# If bezalel is gone, delete these 3 lines: cron then runs as before.
SHELL=/usr/bin/bezalel-sh
0 3 * * * root true
TAB
if [ "$kind" = cron ]; then
  { crontab -u deploy -l
    echo '*/15 * * * * /usr/bin/bezalel --mine check --notify --quiet'
  } | crontab -u deploy -
fi
works dpkg --remove bezalel
for name in wrapped edited linked; do
  same "the crontab $name" "0 4 * * * root true $name" \
    "$(cat "/etc/cron.d/$name")"
done
rm /etc/cron.d/wrapped /etc/cron.d/edited /etc/cron.d/linked /etc/linked
same "what is left of the crontab" '0 3 * * * root true' "$(cat /etc/cron.d/db)"
if [ "$kind" = cron ]; then
  same "deploy's crontab" '5 * * * * true' "$(crontab -u deploy -l | grep -v '^#')"
fi
[ ! -e /usr/bin/bezalel ] && [ ! -e /usr/bin/bezalel-sh ] &&
  [ ! -e /usr/libexec/bezalel ] || fail "a program was left"
# Settings, proofs and state are kept for the next installation.
[ -f /var/lib/bezalel/heartbeats/hello.last ] || fail "a removal took a proof"
[ -f /var/lib/bezalel/state.db ] || fail "a removal took the state"
[ -f /etc/cron.d/bezalel ] || fail "a removal took a setting"
# The cron file that stays says and does nothing.
same "the cron line without the program" "" "$(cron_line 1 2>&1; cron_line 2 2>&1)"
cron_line 1 || fail "the cron line without the program: exit $?"

# --- purged ------------------------------------------------------------------
works dpkg --purge bezalel
left=$(find /etc /usr /var /run -xdev -name '*bezalel*' -not -path '*/said')
same "what a purge leaves" "" "$left"
[ "$failures" = 0 ]
