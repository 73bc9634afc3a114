#!/bin/sh
# Files of a host that are made to hang, crash or mislead whoever reads them:
# each is a finding or is passed over, a healthy line beside it stays listed, and
# what is printed holds no byte of theirs that a terminal would obey.
. "$(dirname "$0")/lib.sh"

[ "$(id -u)" -eq 0 ] || part_is_missing "not root"
command -v python3 >/dev/null || part_is_missing "no python3"
ESC=$(printf '\033')
NL='
'

new_host() {
  HOST=$WORK/host
  rm -rf "$HOST"
  mkdir -p "$HOST/etc/cron.d" "$HOST/etc/cron.daily" "$HOST/usr/sbin" \
    "$HOST/var/spool/cron/crontabs" "$HOST/var/spool/cron/atjobs" \
    "$HOST/var/spool/anacron"
  printf 'root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\n' \
    >"$HOST/etc/passwd"
  : >"$HOST/usr/sbin/cron"
  : >"$HOST/usr/sbin/anacron"
  echo '25 6 * * * root run-parts --report /etc/cron.daily' >"$HOST/etc/crontab"
  echo '17 3 * * * root /usr/bin/twin' >"$HOST/etc/cron.d/twin"
}

# 3: something could not be read, and is said.
well() {
  [ "$1" -eq 0 ] || [ "$1" -eq 3 ] || fail "discover ended with $1"
}

# In time, with a status that is no crash, as JSON and as text for a terminal.
survives() {
  timeout 60 "$BEZALEL" discover --sysroot "$HOST" --format json \
    >"$WORK/out" 2>"$WORK/err"
  well $?
  python3 -m json.tool "$WORK/out" >/dev/null || fail "no JSON"
  grep -q '"source":"/etc/cron.d/twin","line":1' "$WORK/out" ||
    fail "the healthy line is not listed"
  timeout 60 "$BEZALEL" discover --sysroot "$HOST" >"$WORK/text" 2>&1
  well $?
  LC_ALL=C grep -q "[^ -~]" "$WORK/text" && fail "raw bytes on the terminal"
}
finds() {
  survives
  grep -q "\"id\":\"$1\"[^}]*$2" "$WORK/out" || fail "expected $1 of $2"
}

scenario "10 MB"
for file in etc/shadow etc/cron.allow etc/crontab etc/cron.d/big \
  etc/anacrontab; do
  new_host
  head -c 10000000 /dev/zero | tr '\0' '*' >"$HOST/$file"
  survives
done
finds source-unreadable /etc/anacrontab

scenario "10 000 lines"
new_host
awk 'BEGIN { for (i = 0; i < 9990; i++) print "1 1 * * * root /bin/job" i }' \
  >"$HOST/etc/cron.d/many"
survives
[ "$(grep -o '"source":"/etc/cron.d/many"' "$WORK/out" | wc -l)" -ge 9990 ] ||
  fail "not all of 9990 lines are listed"
awk 'BEGIN { for (i = 0; i < 30000; i++) print "1 1 * * * root /bin/j" }' \
  >"$HOST/etc/cron.d/many"
finds file-ignored /etc/cron.d/many

scenario "bytes"
for file in etc/cron.d/noise etc/anacrontab etc/shadow etc/passwd- \
  var/spool/cron/crontabs/ann var/spool/cron/atjobs/a0000101c8ab62; do
  new_host
  head -c 100000 /dev/urandom >"$HOST/$file"
  chmod 600 "$HOST/$file"
  survives
done

scenario "names with newlines and escapes"
for dir in etc/cron.d etc/cron.daily var/spool/cron/crontabs \
  var/spool/cron/atjobs var/spool/cron; do
  new_host
  for name in "a${NL}b" "${ESC}[2J" "-rf" "\$(reboot)" "x'y" "$(printf '\377')"
  do
    echo '1 1 * * * root /bin/true' >"$HOST/$dir/$name"
    chmod 755 "$HOST/$dir/$name"
  done
  survives
done

scenario "commands and users with escapes"
new_host
{
  echo "1 1 * * * root /bin/echo ${ESC}[2J"
  echo "2 1 * * * root /bin/echo \"},{\"job\":\"forged\""
} >"$HOST/etc/cron.d/x"
survives
new_host
echo "1 1 * * * ${ESC}[2J /bin/true" >"$HOST/etc/cron.d/x"
finds file-ignored /etc/cron.d/x
new_host
printf '1 0 %s[2J /bin/true\nbad %s line\n' "$ESC" "$ESC" >"$HOST/etc/anacrontab"
finds line-ignored /etc/anacrontab

scenario "loops of links"
for place in etc/cron.d/loop etc/crontab etc/anacrontab etc/shadow \
  etc/cron.daily/loop var/spool/cron/crontabs/ann; do
  new_host
  rm -f "$HOST/$place"
  ln -s "$(basename "$place")" "$HOST/$place"
  survives
done
new_host
rm -r "$HOST/var/spool/cron/crontabs" "$HOST/etc/cron.daily"
ln -s crontabs "$HOST/var/spool/cron/crontabs"
ln -s . "$HOST/etc/cron.daily"
survives

scenario "what is no file"
for place in etc/cron.d/x etc/anacrontab etc/shadow etc/cron.deny \
  var/spool/cron/crontabs/ann var/spool/cron/atjobs/a0000101c8ab62; do
  new_host
  mkfifo "$HOST/$place"
  survives
  rm "$HOST/$place"
  mkdir "$HOST/$place"
  survives
  rmdir "$HOST/$place"
  mknod "$HOST/$place" c 1 5 2>/dev/null || continue
  survives
done

scenario "files that change while they are read"
new_host
cat >"$WORK/change.sh" <<'SH'
while :; do
  echo '1 1 * * * root /bin/short' >"$1/etc/cron.d/moving"
  head -c 300000 /dev/zero | tr '\0' '\n' >"$1/etc/cron.d/moving"
  rm -f "$1/etc/cron.d/moving"
  mkdir "$1/etc/cron.d/moving" && rmdir "$1/etc/cron.d/moving"
  ln -s twin "$1/etc/cron.d/moving" && rm -f "$1/etc/cron.d/moving"
done
SH
sh "$WORK/change.sh" "$HOST" 2>/dev/null &
CHANGER=$!
for _ in 1 2 3 4 5 6 7 8; do survives; done
kill "$CHANGER"
wait "$CHANGER" 2>/dev/null

scenario "nothing is wrong"
new_host
survives
grep -q '"findings":\[\]' "$WORK/out" || fail "expected no finding"

finish
