#!/bin/sh
# Runs a script in a copy of this host that is thrown away afterwards: the same
# files below an overlay, mounts and processes of its own, nothing in /run, no
# crontab, no trace of an installed bezalel. What the script installs, starts or
# breaks is gone with it. Needs root and an overlay; exit 77 where it cannot be.
#
# usage: in_copy.sh KEPT-DIR... -- SCRIPT ARG...
# The KEPT-DIRs are there under their own names, as they are (not copied).
set -eu

skip() {
  echo "skipped: $1"
  exit 77
}

if [ "${1-}" != --inside ]; then
  [ "$(id -u)" = 0 ] || skip "not root"
  unshare -m -p -u --fork --mount-proc true 2>/dev/null || skip "no namespaces"
  BOX=$(mktemp -d)
  export BOX
  trap 'rmdir "$BOX"' EXIT
  trap 'exit 130' INT TERM
  status=0
  unshare -m -p -u --fork --kill-child sh "$0" --inside "$@" || status=$?
  exit "$status"
fi
shift

mount -t tmpfs -o mode=755 tmpfs "$BOX"
copy=$BOX/copy
mkdir "$copy" "$BOX/upper" "$BOX/work"
mount -t overlay -o "lowerdir=/,upperdir=$BOX/upper,workdir=$BOX/work" \
  overlay "$copy" 2>/dev/null || skip "no overlay"
mount -t proc proc "$copy/proc"
mount --rbind /dev "$copy/dev"
mount -t tmpfs -o mode=755 tmpfs "$copy/run"
mkdir -m 1777 "$copy/run/lock"
while [ "$1" != -- ]; do
  mkdir -p "$copy$1"
  mount --rbind "$1" "$copy$1"
  shift
done
shift
hostname testhost

# Nothing of this host's own is to run in there, or to be mistaken for ours.
rm -f "$copy"/etc/cron.d/* "$copy"/etc/crontab "$copy"/etc/anacrontab
rm -rf "$copy"/var/spool/cron/crontabs/* "$copy/etc/bezalel" \
  "$copy/var/lib/bezalel"
exec chroot "$copy" env -i TERM=dumb LC_ALL=C.UTF-8 HOME=/root \
  PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
  sh "$@"
