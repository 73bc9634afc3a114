#!/bin/sh
# Runs a script in a copy of this host that is thrown away afterwards: the same
# files below an overlay, mounts and processes of its own, nothing in /run, no
# crontab, no trace of an installed bezalel. What the script installs, starts or
# breaks is gone with it. Needs root and an overlay; exit 77 where it cannot be.
#
# usage: in_copy.sh [--booted] KEPT-DIR... -- SCRIPT ARG...
# The KEPT-DIRs are there under their own names, as they are (not copied).
# With --booted, systemd runs as process 1 of the copy, with D-Bus and logind
# and nothing else of this host's, and starts the script as a service.
set -eu

skip() {
  echo "skipped: $1"
  exit 77
}

# --- outside: namespaces, and a control group that systemd may divide --------
if [ "${1-}" != --inside ]; then
  [ "$(id -u)" = 0 ] || skip "not root"
  BOOTED=no
  flags="-m -p -u -i"
  group=
  if [ "$1" = --booted ]; then
    shift
    BOOTED=yes
    flags="$flags -C"
    [ -x /lib/systemd/systemd ] || skip "no systemd"
    [ -x /usr/bin/dbus-daemon ] || skip "no dbus-daemon"
    if [ -d /sys/fs/cgroup/systemd ]; then
      own=$(sed -n 's/^[0-9]*:name=systemd://p' /proc/self/cgroup)
      group=/sys/fs/cgroup/systemd/$own/bezalel-test.$$
    else
      group=/sys/fs/cgroup/$(sed -n 's/^0:://p' /proc/self/cgroup)/bezalel-test.$$
    fi
    mkdir "$group" 2>/dev/null || skip "no control group can be made"
  fi
  BOX=$(mktemp -d)
  RESULT=$(mktemp -d)
  export BOX RESULT BOOTED
  clean() {
    rmdir "$BOX"
    rm -rf "$RESULT"
    [ -z "$group" ] || find "$group" -depth -type d -exec rmdir {} \;
  }
  trap clean EXIT
  trap 'exit 130' INT TERM
  # shellcheck disable=SC2086  # one word a flag
  unshare $flags --fork --mount-proc true 2>/dev/null || skip "no namespaces"
  status=0
  # shellcheck disable=SC2016,SC2086
  sh -c '[ -z "$0" ] || echo $$ >"$0/cgroup.procs"; exec "$@"' "$group" \
    unshare $flags --fork --kill-child sh "$0" --inside "$@" || status=$?
  [ "$BOOTED" = yes ] || exit "$status"
  # Process 1 that powers off ends by a signal, whatever the script said.
  [ "$status" != 77 ] || exit 77
  [ -e "$RESULT/started" ] || {
    tail -n 20 "$RESULT/console"
    skip "systemd does not start here"
  }
  cat "$RESULT/out"
  [ -s "$RESULT/status" ] || { echo "the script was cut off"; exit 1; }
  exit "$(cat "$RESULT/status")"
fi
shift

# --- inside: the copy ----------------------------------------------------------
mount -t tmpfs -o mode=755 tmpfs "$BOX"
copy=$BOX/copy
mkdir "$copy" "$BOX/upper" "$BOX/work"
mount -t overlay -o "lowerdir=/,upperdir=$BOX/upper,workdir=$BOX/work" \
  overlay "$copy" 2>/dev/null || skip "no overlay"
mount -t proc proc "$copy/proc"
mount -t tmpfs -o mode=755 tmpfs "$copy/run"
mkdir -m 1777 "$copy/run/lock"
# Other tests keep their files there meanwhile.
for scratch in /tmp /var/tmp; do
  mount -t tmpfs -o mode=1777 tmpfs "$copy$scratch"
done
while [ "$1" != -- ]; do
  mkdir -p "$copy$1"
  mount --rbind "$1" "$copy$1"
  shift
done
shift
hostname testhost
echo testhost >"$copy/etc/hostname"

# Nothing of this host's own is to run in there, or to be mistaken for ours;
# what is installed there may be started.
rm -f "$copy"/etc/cron.d/* "$copy"/etc/crontab "$copy"/etc/anacrontab \
  "$copy/usr/sbin/policy-rc.d"
rm -rf "$copy"/var/spool/cron/crontabs/* "$copy/etc/bezalel" \
  "$copy/var/lib/bezalel"

path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
if [ "$BOOTED" = no ]; then
  mount --rbind /dev "$copy/dev"
  exec chroot "$copy" env -i TERM=dumb LC_ALL=C.UTF-8 HOME=/root "PATH=$path" \
    sh "$@"
fi

# --- booted ----------------------------------------------------------------------
# Only such devices as a container has: consoles and disks are this host's.
mount -t tmpfs -o mode=755 tmpfs "$copy/dev"
for device in null zero full random urandom tty; do
  cp -a "/dev/$device" "$copy/dev/"
done
mkdir "$copy/dev/pts" "$copy/dev/shm"
mount -t devpts -o newinstance,ptmxmode=666 devpts "$copy/dev/pts"
ln -s pts/ptmx "$copy/dev/ptmx"
ln -s /proc/self/fd "$copy/dev/fd"
mount -t sysfs -o ro sysfs "$copy/sys"
if [ -d /sys/fs/cgroup/systemd ]; then
  mount -t tmpfs tmpfs "$copy/sys/fs/cgroup"
  mkdir "$copy/sys/fs/cgroup/systemd"
  mount -t cgroup -o none,name=systemd cgroup "$copy/sys/fs/cgroup/systemd"
else
  mount -t cgroup2 cgroup2 "$copy/sys/fs/cgroup"
fi

mount --bind "$RESULT" "$copy/mnt"
{
  echo 'touch /mnt/started'
  for word in sh "$@"; do printf "'%s' " "$word"; done
  echo '>/mnt/out 2>&1'
  echo 'echo $? >/mnt/status'
} >"$copy/root/script"
units=$copy/etc/systemd/system
mkdir -p "$units"
rm -rf "$units"/*.wants "$units"/*.requires
wanted="basic.target timers.target dbus.service systemd-logind.service"
cat >"$units/script.target" <<UNIT
[Unit]
Requires=basic.target script.service
UNIT
cat >"$units/script.service" <<UNIT
[Unit]
Wants=$wanted
After=$wanted
[Service]
Type=oneshot
Environment=TERM=dumb LC_ALL=C.UTF-8 HOME=/root PATH=$path
ExecStart=/bin/sh /root/script
ExecStopPost=/bin/systemctl --no-block --force --force poweroff
UNIT
exec chroot "$copy" env -i container=test "PATH=$path" /lib/systemd/systemd \
  --system --unit=script.target --log-target=console --show-status=no \
  >"$RESULT/console" 2>&1
