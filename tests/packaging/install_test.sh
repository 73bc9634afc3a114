#!/bin/sh
# A build installed below a folder of its own runs from there, and the package
# holds the same files. usage: install_test.sh BUILD-DIR
set -eu
release=$1
[ -x "$release/libexec/bezalel/bezalel" ] || {
  echo "skipped: no finished build in $release"
  exit 77
}
box=$(mktemp -d)
trap 'rm -rf "$box"' EXIT
failures=0
fail() {
  echo "FAILED: $*"
  failures=$((failures + 1))
}

DESTDIR=$box/tree cmake --install "$release" --prefix /usr >"$box/log" 2>&1 || {
  cat "$box/log"
  exit 1
}
for path in usr/bin/bezalel usr/bin/bezalel-sh usr/libexec/bezalel/bezalel \
  usr/lib/systemd/system/bezalel-check.service \
  usr/lib/systemd/system/bezalel-check.timer \
  usr/lib/systemd/system/bezalel-report.service \
  usr/lib/systemd/system/bezalel-report.timer \
  usr/lib/sysusers.d/bezalel.conf usr/lib/tmpfiles.d/bezalel.conf \
  usr/share/man/man1/bezalel.1.gz usr/share/man/man5/bezalel.toml.5.gz \
  usr/share/bash-completion/completions/bezalel \
  usr/share/bezalel/clients/sh/cron-heartbeat-write.sh \
  usr/share/doc/bezalel/copyright \
  usr/share/doc/bezalel/examples/jobs.d/four-jobs.toml etc/cron.d/bezalel; do
  [ -e "$box/tree/$path" ] || fail "$path is not installed"
done
[ "$(stat -c %a "$box/tree/etc/cron.d/bezalel")" = 644 ] ||
  fail "cron ignores a file of its folder with this mode"

# It runs from where it is, under both names, and finds its other half.
bin=$box/tree/usr/bin
BEZALEL_ROOT=$box/state
export BEZALEL_ROOT
mkdir "$box/state"
"$bin/bezalel" --version | grep -q '^bezalel [0-9]' || fail "--version"
status=0
# A job that failed: not in the root that is checked below.
mkdir "$box/other"
BEZALEL_ROOT=$box/other "$bin/bezalel-sh" -c 'exit 7' || status=$?
[ "$status" = 7 ] || fail "bezalel-sh -c 'exit 7' ended with $status"
"$bin/bezalel" run hello --every 1d -- true || fail "run"
[ -f "$box/state/heartbeats/hello.last" ] || fail "run left no heartbeat"
status=0
"$bin/bezalel" check >"$box/said" 2>&1 || status=$?
[ "$status" = 0 ] && grep -q 'evaluated 1 of 1: 1 ok' "$box/said" || {
  fail "check, exit $status"
  cat "$box/said"
}
# Sanitizers need a program that is not static.
if ! grep -qx 'BEZALEL_SANITIZE:BOOL=ON' "$release/CMakeCache.txt" &&
  readelf -l "$bin/bezalel" | grep -q INTERP; then
  fail "the small program is not static"
fi

# What "./dev deb" makes.
if command -v dpkg-shlibdeps >/dev/null && command -v dpkg-deb >/dev/null; then
  # The other way of compressing takes longer than all the rest of this.
  (cd "$release" && cpack -G DEB -D CPACK_DEBIAN_COMPRESSION_TYPE=gzip \
    -B "$box/deb") >"$box/log" 2>&1 || {
    cat "$box/log"
    exit 1
  }
  package=$(echo "$box"/deb/*.deb)
  dpkg-deb --fsys-tarfile "$package" | tar -tf - | sed 's#^\./##; /\/$/d' |
    sort >"$box/packed"
  (cd "$box/tree" && find . ! -type d | sed 's#^\./##' | sort) >"$box/installed"
  diff "$box/installed" "$box/packed" || fail "the package holds other files"
  for script in postinst prerm postrm conffiles; do
    dpkg-deb --ctrl-tarfile "$package" | tar -tf - | grep -qx "./$script" ||
      fail "the package has no $script"
  done
  dpkg-deb -f "$package" Depends | grep -q tzdata || fail "tzdata is not needed"
  ! dpkg-deb -f "$package" Depends | grep -qw 'systemd' ||
    fail "the package depends on systemd"
fi

[ "$failures" = 0 ] || exit 1
echo "a release runs from where it is installed"
