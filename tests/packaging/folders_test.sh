#!/bin/sh
# The folders have the owners and modes that ARCHITECTURE.md promises, whether
# systemd makes them or the package's own script does.
# usage: folders_test.sh SOURCE-DIR
set -eu
source=$1
[ "$(id -u)" = 0 ] || exit 77
command -v systemd-tmpfiles >/dev/null || exit 77
box=$(mktemp -d)
trap 'rm -rf "$box"' EXIT

# systemd-sysusers makes the user in a root of its own.
root=$box/root
mkdir -p "$root/etc" "$root/usr/lib/sysusers.d" "$root/usr/lib/tmpfiles.d" \
  "$root/var/lib"
printf 'root:x:0:0:root:/root:/bin/sh\n' >"$root/etc/passwd"
printf 'root:x:0:\n' >"$root/etc/group"
cp "$source/packaging/sysusers.conf" "$root/usr/lib/sysusers.d/bezalel.conf"
cp "$source/packaging/tmpfiles.conf" "$root/usr/lib/tmpfiles.d/bezalel.conf"
systemd-sysusers --root="$root" bezalel.conf >/dev/null 2>&1 || {
  echo "FAILED: systemd-sysusers refuses the file"
  exit 1
}
uid=$(awk -F: '$1 == "bezalel" { print $3 }' "$root/etc/passwd")
gid=$(awk -F: '$1 == "bezalel" { print $3 }' "$root/etc/group")
systemd-tmpfiles --root="$root" --create bezalel.conf || {
  echo "FAILED: systemd-tmpfiles refuses the file"
  exit 1
}

failures=0
expect() {
  found=$(stat -c '%a %u:%g' "$root$1" 2>/dev/null || echo absent)
  [ "$found" = "$2" ] || {
    echo "FAILED: $1: $found, expected $2"
    failures=$((failures + 1))
  }
}
folders() {
  expect /etc/bezalel "750 0:$gid"
  expect /etc/bezalel/jobs.d "750 0:$gid"
  expect /var/lib/bezalel "1775 0:$gid"
  expect /var/lib/bezalel/heartbeats "755 0:0"
  expect /var/lib/bezalel/heartbeats/u "755 0:0"
  expect /var/lib/bezalel/reports "755 $uid:$gid"
}
folders

# The package's own way, where systemd-tmpfiles is not installed.
rm -rf "$root/etc/bezalel" "$root/var/lib/bezalel"
mkdir "$box/bin"
cat >"$box/make" <<SCRIPT
set -e
command() { return 1; }
install() { # -d -m MODE -o USER -g GROUP PATH
  [ "\$5" = root ] && owner=0 || owner=$uid
  [ "\$7" = root ] && group=0 || group=$gid
  /usr/bin/install -d -m "\$3" -o "\$owner" -g "\$group" "$root\$8"
}
$(sed -n '/^make_folders() {/,/^}/p' "$source/packaging/debian/postinst" |
  sed "s#/usr/lib/tmpfiles.d/#$root/usr/lib/tmpfiles.d/#")
make_folders
SCRIPT
sh "$box/make"
folders
[ "$failures" = 0 ] || exit 1
echo "folders are as promised, both ways"
