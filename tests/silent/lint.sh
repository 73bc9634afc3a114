#!/bin/sh
# Crontabs that look well, run by the real daemons: what does not happen is
# what `bezalel lint` says, under its name; a healthy twin beside it runs, and
# nothing is said of it.
#
# cron runs in mount and PID namespaces of its own, with /etc/cron.d and its
# spool empty but for the tables below; so does busybox crond, where there is
# one. Each table leaves a file when its job does what the line says. The
# daemons start jobs at full minutes, so this takes up to two of them.
. "$(dirname "$0")/lib.sh"

part_is_missing() {
  echo "skipped: $1"
  exit 77
}
[ "$(id -u)" -eq 0 ] || part_is_missing "not root"
[ -x /usr/sbin/cron ] || part_is_missing "no cron daemon"
unshare -m -p --fork --mount-proc true 2>/dev/null ||
  part_is_missing "no namespaces"
BUSYBOX=$(command -v busybox || true)

TABS=$WORK/cron.d
SPOOL=$WORK/spool
RAN=$WORK/ran
BUSY=$WORK/busy
mkdir "$TABS" "$SPOOL" "$RAN" "$BUSY"
chmod 755 "$WORK" "$TABS"

# tab NAME FORMAT: a system table whose job makes the file $RAN/NAME.
tab() {
  printf "$2" >"$TABS/$1"
  chmod 644 "$TABS/$1"
}
T="touch $RAN"

tab twin "MAILTO=\"\"\n* * * * * root $T/twin\n"
tab twin-percent "* * * * * root touch $RAN/\$(date +twin-\\\\%%Y) && $T/twin-percent\n"
tab twin-input "* * * * * root sh -s twin%%$T/twin-input\n"
tab twin-guard "* * * * * root test -x /bin/sh && $T/twin-guard\n"
tab r23 "* * * * * root $T/r23\n61 * * * * root $T/r23\n"
tab r24 "* * * * * root $T/r24"
tab r25.sh "* * * * * root $T/r25.sh\n"
tab r27 "* * * * * root $T/r27\n"
chmod 664 "$TABS/r27"
tab r28 "* * * * * nobody-here $T/r28\n"
tab r32 "55-50 * * * * root $T/r32\n"
tab r33 "*5 * * * * root $T/r33\n"
tab r34 "* * * * * root echo at \$(date +%%F) && $T/r34\n"
tab r35 "* * * * * root $T/r35\r\n"
tab r35-blank "* * * * * root $T/r35-blank\r\n\r\n"
tab r36 "MAILTO=\n* * * * * root $T/r36\n"
tab r36-path "PATH=\$PATH:/opt/x\n* * * * * root $T/r36-path\n"
tab r36-zone "CRON_TZ=Pacific/Apia\n* * * * * root $T/r36-zone\n"
printf '* * * * * root %s/r37 %01000d\n' "$T" 1 >"$TABS/r37"
tab r49 "* * * * * root bezalel-no-such-program && $T/r49\n"
# What the user of the job may not reach, and what it may.
chmod 1777 "$RAN"
mkdir -m 700 "$WORK/closed"
mkdir -m 755 "$WORK/open"
printf '#!/bin/sh\ntouch %s/r49-user\n' "$RAN" >"$WORK/closed/job"
printf '#!/bin/sh\ntouch %s/twin-user\n' "$RAN" >"$WORK/open/job"
chmod 755 "$WORK/closed/job" "$WORK/open/job"
tab r49-user "* * * * * nobody $WORK/closed/job\n"
tab twin-user "* * * * * nobody $WORK/open/job\n"
for group in nogroup adm; do
  printf '#!/bin/sh\ntouch %s/group-%s\n' "$RAN" $group >"$WORK/open/$group"
  chgrp $group "$WORK/open/$group"
  chmod 750 "$WORK/open/$group"
  tab group-$group "* * * * * nobody $WORK/open/$group\n"
done
tab r50 "* * * * * root [[ -d / ]] && $T/r50\n"
tab r50-both "* * * * * root echo x &> $RAN/r50-both\n"
tab r48 "* * * * * root $T/r48 >/dev/null 2>&1\n"
tab r51 "* * * * * root sh -c 'exit 5' | cat && $T/r51\n"
tab r51-true "* * * * * root false || true && $T/r51-true\n"
tab r69 "* * * * * root [ \"\$(hostname)\" = no-such-host ] && $T/r69\n"
tab r69-lock "* * * * * root flock -n $WORK/lock $T/r69-lock || exit 0\n"
tab r68 "* * * * * root test -x /nowhere/x && $T/r68\n"
tab r68-if "* * * * * root if [ -d / ] && [ -x /nowhere/x ]; then $T/r68-if; fi\n"
tab twin-if "* * * * * root if mountpoint -q /; then $T/twin-if; fi\n"
printf "* * * * * root $T/extra\n* * * * * $T/own\n" >"$SPOOL/root"
chmod 600 "$SPOOL/root"
printf "61 * * * * $T/busy-61\n*/1 * * * * $T/busy-twin\n" >"$BUSY/root"

cat >"$WORK/inside" <<INSIDE
set -e
mount -t tmpfs none /run
mount -t tmpfs none /var/spool/cron
mkdir /var/spool/cron/crontabs
mount --bind "$SPOOL" /var/spool/cron/crontabs
mount --bind "$TABS" /etc/cron.d
mount --bind /dev/null /etc/crontab
"$BEZALEL" lint --format json >"$WORK/lint" 2>&1 || :
[ -z "$BUSYBOX" ] || "$BUSYBOX" crond -f -L /dev/null -c "$BUSY" &
exec 9>"$WORK/lock"
flock 9
exec /usr/sbin/cron -f
INSIDE
unshare -m -p --fork --kill-child --mount-proc sh "$WORK/inside" \
  >"$WORK/cron.log" 2>&1 &
DAEMONS=$!
trap 'kill -KILL "$DAEMONS" 2>/dev/null; rm -rf "$WORK" "$HIDDEN"' EXIT

SCENARIO="the daemons run the healthy twins"
# All jobs of a minute are started at once: when these have run, so has each
# that ever will. The slowest twin of two rounds is waited for.
waited=0
ran_all() {
  [ -e "$RAN/twin" ] && [ -e "$RAN/own" ] && [ -e "$RAN/twin-input" ] &&
    { [ -z "$BUSYBOX" ] || [ -e "$RAN/busy-twin" ]; }
}
until ran_all || [ "$waited" -ge 150 ]; do
  sleep 1
  waited=$((waited + 1))
done
ran_all || fail "no twin ran within 150 s: $(cat "$WORK/cron.log")"
sleep 5
kill -KILL "$DAEMONS" 2>/dev/null
wait "$DAEMONS" 2>/dev/null
python3 - "$WORK/lint" >"$WORK/out" <<'PY' || fail "lint gave no JSON"
import json, sys
for f in json.load(open(sys.argv[1]))["files"]:
    for r in f["findings"]:
        print(f["source"].rsplit("/", 1)[-1], r["id"], r["severity"], r["line"])
PY

# did NAME, did_not NAME: whether its job made the file.
did() {
  [ -e "$RAN/$1" ] || fail "the daemon did not do $1"
}
did_not() {
  [ ! -e "$RAN/$1" ] || fail "the daemon did $1"
}
# finds FILE RULE SEVERITY: and nothing else of that file.
finds() {
  [ "$(grep -v ' info ' "$WORK/out" | grep -c "^$1 ")" -eq 1 ] ||
    fail "expected one finding of $1"
  grep -q "^$1 $2 $3 " "$WORK/out" || fail "expected $2 of $1"
}
quiet() {
  grep -v ' info ' "$WORK/out" | grep -q "^$1 " && fail "$1 is well"
}

for twin in twin twin-percent twin-input twin-guard twin-if; do
  SCENARIO="the twin $twin"
  did "$twin"
  quiet "$twin"
done

scenario "23 a syntax error loses the whole file"
did_not r23
finds r23 file-ignored error
scenario "24 no newline at the end"
did_not r24
finds r24 file-ignored error
scenario "25 a name with a dot"
did_not r25.sh
finds r25.sh file-ignored error
scenario "27 a file that the group may write"
did_not r27
finds r27 file-ignored error
scenario "28 no such user; a user in a user's own table"
did_not r28
finds r28 file-ignored error
did_not extra
did own
finds 'crontab of root' extra-user error
scenario "32 a range that runs backwards"
did_not r32
finds r32 never-runs error
scenario "33 *5 is every minute"
did r33
finds r33 junk-ignored warning
scenario "34 an unescaped % cuts the command"
did_not r34
finds r34 percent error
scenario "35 lines of DOS"
did_not r35
[ -e "$RAN/r35$(printf '\r')" ] || fail "expected a file with \\r in its name"
finds r35 carriage-return error
did_not r35-blank
grep -q '^r35-blank file-ignored error' "$WORK/out" || fail "r35-blank"
scenario "36 settings that do nothing"
did_not r36
finds r36 file-ignored error
did_not r36-path
finds r36-path setting-unexpanded error
did r36-zone
finds r36-zone setting-ignored warning
scenario "37 a command too long"
did_not r37
finds r37 file-ignored error
scenario "48 output thrown away is told to who asks"
did r48
quiet r48
grep -q '^r48 output-discarded info' "$WORK/out" || fail "r48"
scenario "49 a command that cron does not find"
did_not r49
finds r49 command-missing error
did_not r49-user
finds r49-user command-missing error
did twin-user
quiet twin-user
did_not group-adm
finds group-adm command-missing error
did group-nogroup
quiet group-nogroup
scenario "50 bash in a line that sh runs"
did_not r50
finds r50 bashism error
did r50-both
[ ! -s "$RAN/r50-both" ] || fail "the output is in the file"
finds r50-both bashism warning
scenario "51 a status that is not that of the work"
for name in r51 r51-true; do
  did $name
  quiet $name
  grep -q "^$name status-masked info" "$WORK/out" || fail "$name"
done
scenario "69 a guard that ends without a word"
did_not r69
did_not r69-lock
for name in r69 r69-lock; do
  quiet $name
  grep -q "^$name guarded info" "$WORK/out" || fail "$name"
done
scenario "68 a guard whose program is gone"
did_not r68
finds r68 guard-missing warning
did_not r68-if
finds r68-if guard-missing warning

scenario "33 busybox: a value outside is every value"
if [ -n "$BUSYBOX" ]; then
  did busy-61
  "$BEZALEL" lint --daemon busybox --format json "$BUSY/root" >"$WORK/out"
  grep -q '"id":"out-of-range"' "$WORK/out" || fail "expected out-of-range"
  [ "$(grep -o '"id":' "$WORK/out" | wc -l)" -eq 1 ] || fail "expected one"
fi

finish
