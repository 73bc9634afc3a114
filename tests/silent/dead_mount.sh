#!/bin/sh
# A mount whose server never answers: what lies there is a finding, and the rest
# of the host is looked at as ever.
. "$(dirname "$0")/lib.sh"

if [ "${2-}" != inside ]; then
  command -v python3 >/dev/null || part_is_missing "no python3"
  [ -c /dev/fuse ] || part_is_missing "no FUSE"
  enter_namespaces "$@"
fi

hide /run /var/log /var/spool/cron /var/lib/bezalel /etc/bezalel /etc/cron.d
mkdir -p "$WORK/dead"
: >"$WORK/crontab"
mount --bind "$WORK/crontab" /etc/crontab 2>/dev/null
[ ! -e /etc/anacrontab ] || mount --bind "$WORK/crontab" /etc/anacrontab
unset BEZALEL_ROOT
export TZ=UTC

echo '0 3 * * * root /bin/true # bezalel: job=twin' >/etc/cron.d/twin
cat >/etc/cron.d/far <<TABLE
SHELL=$WORK/dead/bin/shell
0 4 * * * root /bin/true # bezalel: job=far
0 5 * * * root run-parts $WORK/dead/parts
TABLE

look_in_time() {
  timeout 100 "$BEZALEL" discover --format json >"$WORK/json" 2>&1
  [ $? -ne 124 ] || fail "it hangs"
  sed 's/},{/},\n{/g' "$WORK/json" >"$WORK/out"
}

scenario "all is there"
mkdir -p "$WORK/dead/bin" "$WORK/dead/parts"
ln -s /bin/sh "$WORK/dead/bin/shell"
look_in_time
says_not source-unreadable.*dead
says_not 'shell-missing\|directory-missing'

scenario "the server is dead"
mkfifo "$WORK/hold"
python3 -c '
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
server = os.open("/dev/fuse", os.O_RDWR)
options = f"fd={server},rootmode=40000,user_id=0,group_id=0,allow_other"
if libc.mount(b"dead", sys.argv[1].encode(), b"fuse", 0, options.encode()):
    sys.exit(os.strerror(ctypes.get_errno()))
print("mounted", flush=True)
sys.stdin.read()
' "$WORK/dead" <"$WORK/hold" >"$WORK/mounted" 2>&1 &
SERVER=$!
exec 7>"$WORK/hold"
until [ -s "$WORK/mounted" ]; do
  kill -0 "$SERVER" 2>/dev/null || break
done
grep -q mounted "$WORK/mounted" || part_is_missing "no FUSE mount"
look_in_time
says "\"id\":\"source-unreadable\".*\"source\":\"$WORK/dead/bin/\""
says "\"id\":\"source-unreadable\".*\"source\":\"$WORK/dead/parts\""
says '"job":"twin"'
says '"job":"far"'
[ "$(grep -c "dead/parts\",\"line\":null" "$WORK/out")" -eq 1 ] ||
  fail "a place is told of twice"
# Of what nobody could see nothing bad is said.
says_not 'shell-missing\|directory-missing'
umount -l "$WORK/dead"
exec 7>&-
wait "$SERVER"

finish
