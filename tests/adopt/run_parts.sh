#!/bin/sh
# Directories of scripts, adopted by the line that runs them: a crontab's, and
# anacron's table with the real anacron. Each script leaves a record of its own,
# and release gives back every byte.
. "$(dirname "$0")/lib.sh"
[ -x /usr/sbin/anacron ] || part_is_missing "no anacron"

mkdir -p "$WORK/spool" && mount --bind "$WORK/spool" /var/spool/anacron ||
  part_is_missing "no /var/spool/anacron"

script() {
  printf '#!/bin/sh\n%s\n' "$2" >"$1"
  chmod 755 "$1"
}
record_of() {
  grep '"e":"end"' /var/lib/bezalel/heartbeats/runs-*.jsonl 2>/dev/null |
    grep "\"job\":\"$1-"
}
script /etc/cron.hourly/well true
script /etc/cron.hourly/sick 'echo broken; exit 4'
script /etc/cron.daily/backup true
TAB=/etc/cron.d/parts
printf '%s\n' '# ours' \
  '17 *	* * *	root	cd / && run-parts --report /etc/cron.hourly' >$TAB
cp $TAB "$WORK/tab"
runs 0 adopt --file $TAB --wrap
grep -q "root	cd / && $BIN/bezalel run-parts --report /etc/cron.hourly\$" $TAB ||
  fail "the line does not call ours: $(cat $TAB)"
line=$(sed -n 's/^17.*root	//p' $TAB)
sh -c "$line" >"$WORK/out" 2>&1 && fail "a sick script was taken for well"
says '^/etc/cron.hourly/sick:$'
says '^broken$'
record_of sick | grep -q '"exit_code":4' || fail "no record of sick"
record_of well | grep -q '"exit_code":0' || fail "no record of well"
script /etc/cron.hourly/aleaves 'sleep 3 >/dev/null 2>&1 &'
sh -c "$line" >/dev/null 2>&1
record_of aleaves | grep -q '"lingering":1' || fail "what is left is not told"
record_of well | grep -q '"lingering"' && fail "a child of another script"
rm /etc/cron.hourly/aleaves
runs 0 release --file $TAB
cmp -s "$WORK/tab" $TAB || fail "release did not give back every byte"

TAB=/etc/anacrontab
printf '%s\n' '# anacron' 'SHELL=/bin/sh' '' \
  '1	0	cron.daily	run-parts --report /etc/cron.daily' \
  "7 0 own echo 'it'; exit 3" >$TAB
cp $TAB "$WORK/tab"
if dpkg -S $TAB >/dev/null 2>&1; then
  runs 1 adopt --file $TAB
  says 'left alone: /etc/anacrontab'
  cmp -s "$WORK/tab" $TAB || fail "a file of a package was changed"
fi
runs 0 adopt --file $TAB --packaged --dry-run
says "^+1.*cron.daily.*$BIN/bezalel run-parts --report /etc/cron.daily\$"
cmp -s "$WORK/tab" $TAB || fail "--dry-run changed the file"
runs 0 adopt --file $TAB --packaged
says 'adopted 1 file, 2 jobs; job lines are wrapped in bezalel run'
cp $TAB "$WORK/wrapped"
runs 0 adopt --file $TAB --packaged
cmp -s "$WORK/wrapped" $TAB || fail "adopting twice changed the file"
/usr/sbin/anacron -d -n >"$WORK/anacron.log" 2>&1
record_of backup | grep -q '"exit_code":0' ||
  fail "no record of backup: $(cat "$WORK/anacron.log")"
grep -q '"exit_code":3' /var/lib/bezalel/heartbeats/runs-*.jsonl ||
  fail "no record of anacron's own job"
[ -s /var/spool/anacron/own ] || fail "no stamp"
runs 0 release --all
cmp -s "$WORK/tab" $TAB || fail "release did not give back every byte"
exit 0
