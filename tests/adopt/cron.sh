#!/bin/sh
# A crontab is adopted, a job added to it afterwards is watched at its first run
# with nothing done, and release gives back every byte. With the real daemon.
. "$(dirname "$0")/lib.sh"

TAB=/etc/cron.d/jobs
cat >"$WORK/tab" <<'T'
# nightly
MAILTO=""
SHELL=/bin/bash
0	1 * * *  root	/bin/true	# tabs stay
30 2 * * * root [[ 1 == 1 ]] && echo 100\%
T
cp "$WORK/tab" $TAB
chmod 640 $TAB

/usr/sbin/cron -f 2>"$WORK/cron.log" &
CRON=$!
until [ "$(cat /proc/$CRON/comm 2>/dev/null)" = cron ]; do
  [ -d /proc/$CRON ] || fail "cron did not start: $(cat "$WORK/cron.log")"
done

runs 1 audit
says 'not watched'

runs 0 adopt --all --dry-run
says 'would adopt 1 file, 2 jobs; no job line changes'
says "^+SHELL=$BIN/bezalel-sh\$"
says '^-SHELL=/bin/bash$'
says '^+BEZALEL_SHELL=/bin/bash$'
says 'next: bezalel adopt --all'
cmp -s "$WORK/tab" $TAB || fail "--dry-run changed the file"

# On a host without the user and without a way to make it, which is said before
# what to type next.
grep -v '^bezalel:' /etc/passwd >"$WORK/passwd"
mount --bind "$WORK/passwd" /etc/passwd
PATH=/nowhere "$BEZALEL" adopt --all >"$WORK/out" 2>&1 || fail "adopt ended"
umount /etc/passwd
says '^skipped   user bezalel: '
[ "$(tail -n 1 "$WORK/out")" = 'next: bezalel audit' ] || fail "not at the end"
says 'adopted 1 file, 2 jobs'
[ "$(stat -c %a:%U $TAB)" = 640:root ] || fail "mode or owner changed"
[ "$(ls /var/lib/bezalel/backups | wc -l)" -eq 1 ] || fail "no backup"
cmp -s "$WORK/tab" /var/lib/bezalel/backups/* || fail "the backup is another"
cp $TAB "$WORK/adopted"
runs 0 adopt --all
says 'nothing to adopt: 1 crontab is as it should be'
cmp -s "$WORK/adopted" $TAB || fail "adopting twice changed the file"
# Its shell is gone from where the table has it.
sed -i "s|^SHELL=.*|SHELL=/nowhere/bezalel-sh|" $TAB
cp $TAB "$WORK/lost"
runs 1 adopt --all
says 'left alone: /etc/cron.d/jobs: line 3: "/nowhere/bezalel-sh" is not there'
cmp -s "$WORK/lost" $TAB || fail "a table without its shell was changed"
cp "$WORK/adopted" $TAB
runs 0 audit
says 'all 2 scheduled jobs are watched'

# Somebody adds a line, and knows nothing of us.
LATER='* * * * * root [[ -n $BASH ]] && echo done # bezalel: job=later'
# Cron tells a file's versions apart by the second of their change (seen: of two
# changes within the second in which it reads, it never took in the later one).
until [ "$(date +%s)" -gt "$(stat -c %Y $TAB)" ]; do sleep 0.05; done
echo "$LATER" >>$TAB
tries=0
until [ -e /var/lib/bezalel/heartbeats/later.last ]; do
  tries=$((tries + 1))
  [ "$tries" -lt 400 ] || fail "the job left no proof: $(cat "$WORK/cron.log")"
  [ -d /proc/$CRON ] || fail "cron ended: $(cat "$WORK/cron.log")"
  sleep 0.2
done
runs 0 status later
says 'later@testhost  ok'
runs 0 audit
says 'all 3 scheduled jobs are watched'

runs 0 release --all
says 'released 1 file, 3 jobs'
{
  cat "$WORK/tab"
  echo "$LATER"
} | cmp -s - $TAB || fail "release did not give back every byte"
runs 0 release --all
says 'nothing to release'

# A user's table, by crontab(1).
printf '# mine\n5 5 * * * /bin/true\n' >"$WORK/mine"
crontab "$WORK/mine" || fail "crontab(1)"
runs 0 adopt --user root
crontab -l | grep -q "^SHELL=$BIN/bezalel-sh\$" || fail "not adopted"
runs 0 release --user root
crontab -l | cmp -s - "$WORK/mine" || fail "release changed root's crontab"

# Of one user's own installation it is the crontab that is meant.
HOME_BEFORE=$HOME
mkdir "$WORK/home"
export HOME="$WORK/home"
runs 0 adopt --mine --dry-run
says 'next: bezalel --mine adopt --user root'
runs 0 adopt --mine
crontab -l | grep -q "^SHELL=$BIN/bezalel-sh\$" || fail "--mine: not adopted"
runs 0 release --mine
crontab -l | cmp -s - "$WORK/mine" || fail "--mine: release changed it"
export HOME="$HOME_BEFORE"

# What goes wrong says so, and leaves everything as it is.
runs 2 adopt
says 'expected one of --all, --user U, --file F'
runs 2 adopt --file /etc/cron.d/none
says '/etc/cron.d/none: expected a crontab of this host'
printf '0 1 * * * root /bin/true' >/etc/cron.d/torn
runs 1 adopt --file /etc/cron.d/torn
says 'the daemon ignores it'
[ "$(cat /etc/cron.d/torn)" = '0 1 * * * root /bin/true' ] || fail "changed"
rm /etc/cron.d/torn
echo '0 1 * * * root /bin/true' >"$WORK/elsewhere"
ln -s "$WORK/elsewhere" /etc/cron.d/linked
python3 -c 'import os, sys
os.setxattr(sys.argv[1], "trusted.kept", b"yes")' "$WORK/elsewhere"
cp "$WORK/elsewhere" "$WORK/elsewhere.before"
runs 0 adopt --file /etc/cron.d/linked
[ -L /etc/cron.d/linked ] || fail "the link is gone"
grep -q '^SHELL=.*bezalel-sh$' "$WORK/elsewhere" || fail "not adopted"
runs 0 release --file /etc/cron.d/linked
cmp "$WORK/elsewhere" "$WORK/elsewhere.before" || fail "not as it was"
python3 -c 'import os, sys
sys.exit(os.getxattr(sys.argv[1], "trusted.kept") != b"yes")' \
  "$WORK/elsewhere" || fail "an attribute of the file is gone"
rm /etc/cron.d/linked
printf 'BEZALEL_SHELL=/bin/bash\n0 1 * * * root /bin/true\n' >/etc/cron.d/left
cp /etc/cron.d/left "$WORK/left"
runs 1 adopt --file /etc/cron.d/left
says 'a BEZALEL_SHELL= is left over in it'
cmp /etc/cron.d/left "$WORK/left" || fail "changed"
rm /etc/cron.d/left
"$TREE/libexec/bezalel/bezalel" adopt --all >"$WORK/out" 2>&1
case $TREE in
  /usr/*) ;;
  *)
    if [ -n "$(find / -maxdepth 1 -name "$(echo "$TREE" | cut -d/ -f2)" \
      -perm /022)" ]; then
      says 'expected root alone to write to it'
    fi
    ;;
esac
kill "$CRON"
wait "$CRON" 2>/dev/null
runs 0 adopt --print --file /etc/cron.d/x
[ "$(wc -l <"$WORK/out")" -eq 3 ] || fail "--print: expected 3 lines"
printf 'SHELL=/bin/bash\n0 1 * * * root true\n' >/etc/cron.d/own
runs 0 adopt --print --file /etc/cron.d/own
grep -q '/etc/cron.d/own:1 sets SHELL and would win' "$WORK/out" ||
  fail "--print: a SHELL that would win: $(cat "$WORK/out")"
rm /etc/cron.d/own
printf '0 1 * * * true\n' >/var/spool/cron/crontabs/root
chmod 600 /var/spool/cron/crontabs/root
PATH=/nowhere "$BEZALEL" adopt --user root >"$WORK/out" 2>&1 &&
  fail "adopted without crontab(1)"
says 'there is no crontab(1) here'
tr -s ' \n' ' ' <"$WORK/out" | grep -q \
  'edit of /var/spool/cron/crontabs/root by hand .*touch /var/spool/cron/crontabs' ||
  fail "no way without crontab(1)"
rm /var/spool/cron/crontabs/root
runs 2 adopt --file cron.d/x
grep -q 'expected an absolute path' "$WORK/out" || fail "a relative path"
# Behind sudo the proof is another's, who has no table and no home.
uid=$(id -u nobody)
echo '0 5 * * * root sudo -u nobody bezalel run nb -- true' >/etc/cron.d/behind
[ ! -e "/var/lib/bezalel/heartbeats/u/$uid" ] || fail "nobody has a place"
runs 0 setup
[ "$(stat -c %U "/var/lib/bezalel/heartbeats/u/$uid")" = nobody ] ||
  fail "no place for the proof of nobody"
exit 0
