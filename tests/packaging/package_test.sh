#!/bin/sh
# The package is really installed, removed and purged by dpkg, on three kinds of
# host: systemd is there and does not run (an image), there is no systemd, and
# there is a cron daemon with jobs. With STUB a fourth: systemd runs.
# usage: package_test.sh SOURCE-DIR BUILD-DIR [STUB]
set -eu
source=$1
build=$2
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
for tool in dpkg-shlibdeps dpkg-deb cpack; do
  command -v "$tool" >/dev/null || { echo "skipped: no $tool"; exit 77; }
done
[ -x "$build/libexec/bezalel/bezalel" ] || { echo "skipped: no build"; exit 77; }
box=$(mktemp -d)
trap 'rm -rf "$box"' EXIT
trap 'exit 130' INT TERM
# Some of dpkg's own scripts run as other users.
chmod 755 "$box"

# The other way of compressing takes longer than all the rest of this.
(cd "$build" && cpack -G DEB -D CPACK_DEBIAN_COMPRESSION_TYPE=gzip \
  -B "$box/deb") >"$box/log" 2>&1 || {
  cat "$box/log"
  exit 1
}
failed=0
for kind in image bare cron; do
  status=0
  sh "$here/in_copy.sh" "$source" "$box" -- "$here/package_inside.sh" \
    "$kind" "$box"/deb/*.deb || status=$?
  [ "$status" != 77 ] || exit 77
  if [ "$status" = 0 ]; then echo "ok - $kind"; else failed=1; fi
done
[ -n "${3-}" ] || exit "$failed"
cp "$3" "$box/stub_tracker"
status=0
sh "$here/in_copy.sh" --booted "$source" "$box" -- "$here/package_booted.sh" \
  "$box"/deb/*.deb "$box/stub_tracker" || status=$?
[ "$status" = 0 ] || [ "$status" = 77 ] || failed=1
exit "$failed"
