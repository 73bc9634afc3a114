# Namespaces in which this machine's crontabs are hidden, and where the tree of
# $1 stands in a place that root alone may write to. Source it first.
set -u
TREE=$1
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

part_is_missing() {
  echo "skipped: $1"
  exit 77
}
if [ "${BEZALEL_INSIDE-}" != yes ]; then
  [ "$(id -u)" -eq 0 ] || part_is_missing "not root"
  [ -x /usr/sbin/cron ] || part_is_missing "no cron daemon"
  [ -x "$TREE/libexec/bezalel/bezalel" ] || part_is_missing "no program in '$TREE'"
  unshare -m -p --fork --mount-proc true 2>/dev/null ||
    part_is_missing "no namespaces"
  BEZALEL_INSIDE=yes unshare -m -p --fork --kill-child --mount-proc sh "$0" "$@"
  exit $?
fi
STATE=$(mktemp -d /var/tmp/state.XXXXXX)
trap 'umount -l "$WORK/etc" 2>/dev/null; rm -rf "$WORK" "$STATE"' EXIT
[ -d /var/lib/bezalel ] || mkdir -p /var/lib/bezalel 2>/dev/null ||
  part_is_missing "no state"
chmod 755 "$STATE"
mount --bind "$STATE" /var/lib/bezalel || part_is_missing "no mounts"
# A copy: adopting makes the user bezalel where there is none, which is nothing
# to leave behind, and takes away what other tests have mounted over files here.
mkdir "$WORK/etc"
mount -t tmpfs none "$WORK/etc" || part_is_missing "no tmpfs"
cp -a /etc/. "$WORK/etc/"
mount --bind "$WORK/etc" /etc
for dir in /run /var/spool/cron /etc/bezalel /etc/cron.d \
  /etc/cron.hourly /etc/cron.daily /etc/cron.weekly /etc/cron.monthly; do
  [ -d "$dir" ] || mkdir -p "$dir" 2>/dev/null || part_is_missing "no $dir"
  mount -t tmpfs none "$dir" || part_is_missing "no tmpfs"
done
[ -d /usr/local/games ] || part_is_missing "no /usr/local/games"
mount --bind "$TREE" /usr/local/games
BIN=/usr/local/games/bin
BEZALEL=/usr/local/games/libexec/bezalel/bezalel
mkdir -p /var/spool/cron/crontabs /var/lib/bezalel/heartbeats
chmod 1730 /var/spool/cron/crontabs
: >/etc/crontab
[ ! -e /etc/anacrontab ] || : >/etc/anacrontab
unset BEZALEL_ROOT
export BEZALEL_HOST=testhost TZ=UTC

fail() {
  echo "FAILED: $1"
  [ -f "$WORK/out" ] && sed 's/^/  | /' "$WORK/out"
  exit 1
}
# runs STATUS ARGUMENTS...: the full program, its words in $WORK/out.
runs() {
  expected=$1
  shift
  "$BEZALEL" "$@" >"$WORK/out" 2>&1
  status=$?
  [ "$status" -eq "$expected" ] ||
    fail "bezalel $*: exit status $status, expected $expected"
}
says() {
  grep -q -e "$1" "$WORK/out" || fail "expected \"$1\""
}
