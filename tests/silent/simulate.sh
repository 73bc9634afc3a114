#!/bin/sh
# What `bezalel simulate` gives a job is what the real cron daemon gives it:
# environment, user, groups, directory, umask, input, session, terminal.
. "$(dirname "$0")/lib.sh"

if [ "${2-}" != inside ]; then
  [ -x /usr/sbin/cron ] || part_is_missing "no cron daemon"
  enter_namespaces "$@"
fi

hide /run /var/log /var/spool/cron /var/lib/bezalel /etc/bezalel \
  /etc/cron.d /etc/cron.hourly /etc/cron.daily /etc/cron.weekly \
  /etc/cron.monthly /opt
mkdir -p /var/spool/cron/crontabs /var/lib/bezalel/heartbeats /run/out
chmod 1777 /run/out
: >"$WORK/crontab"
mount --bind "$WORK/crontab" /etc/crontab
# No file of this machine's decides what a login sets.
printf 'FROM_LOGIN="yes"\nPATH="/nowhere"\nexport BOTH=login # x\n' \
  >"$WORK/environment"
[ -e /etc/environment ] || part_is_missing "no /etc/environment"
mount --bind "$WORK/environment" /etc/environment
unset BEZALEL_ROOT
export BEZALEL_HOST=testhost TZ=UTC ONLY_HERE=yes

says() {
  grep -q -e "$1" "$WORK/out" || fail "expected \"$1\""
}

cat >/opt/probe <<'PROBE'
#!/bin/sh
{
  env | sort
  echo "directory $(pwd)"
  echo "umask $(umask)"
  id
  echo "input $(od -An -c)"
  [ -t 0 ] || [ -t 1 ] || [ -t 2 ] || echo "no terminal"
  [ "$(ps -o sid= -p $$)" = "$(ps -o sid= -p 1)" ] || echo "own session"
  grep -E '^Sig(Blk|Ign)' /proc/self/status
} >"/run/out/new.$1" 2>&1
mv "/run/out/new.$1" "/run/out/$1"
PROBE
chmod 755 /opt/probe
cat >/etc/cron.d/jobs <<'TAB'
BOTH=table
SPACED = "  a  b "
PATH=/usr/bin:/bin:/opt
* * * * * root probe system # bezalel: job=system%one%two\%x
* * * * * nobody /opt/probe other # bezalel: job=other
HOME=/opt
SHELL=/bin/bash
* * * * * root [[ -n $BASH ]] && probe later # bezalel: job=later%last%
0 0 1 1 * root onlyhere --now # bezalel: job=lost
0 0 1 1 * root exit 7 # bezalel: job=seven
0 0 1 1 * root kill -TERM $$ # bezalel: job=killed
TAB
printf '* * * * * /opt/probe own  # bezalel: job=own\n' \
  >/var/spool/cron/crontabs/root
chmod 600 /var/spool/cron/crontabs/root
printf '#!/bin/sh\n/opt/probe daily\n' >/etc/cron.daily/tidy
chmod 755 /etc/cron.daily/tidy
echo '* * * * * root cd / && run-parts --report /etc/cron.daily' \
  >/etc/cron.d/daily

# As a service manager starts a daemon.
env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin /usr/sbin/cron 2>"$WORK/cron.log"
tries=0
until [ -e /run/out/system ] && [ -e /run/out/other ] && [ -e /run/out/own ] &&
  [ -e /run/out/later ] && [ -e /run/out/daily ]; do
  tries=$((tries + 1))
  [ "$tries" -lt 900 ] || {
    fail "cron did not run the jobs: $(cat "$WORK/cron.log")"
    exit 1
  }
  sleep 0.1
done
kill "$(cat /run/crond.pid)"
mkdir "$WORK/cron"
mv /run/out/* "$WORK/cron/"

for job in system other later own; do
  scenario "$job gets what cron gives it"
  "$BEZALEL" simulate "$job" >"$WORK/out" 2>&1 || fail "exit status $?"
  says 'nothing is recorded'
  diff "$WORK/cron/$job" "/run/out/$job" >"$WORK/out" ||
    fail "cron (<) and simulate (>) differ"
done
scenario "a script of /etc/cron.daily gets what cron gives it"
"$BEZALEL" simulate tidy >"$WORK/out" 2>&1 || fail "exit status $?"
diff "$WORK/cron/daily" /run/out/daily >"$WORK/out" ||
  fail "cron (<) and simulate (>) differ"

scenario "the exit status is the job's"
"$BEZALEL" simulate seven >"$WORK/out" 2>&1
[ $? -eq 7 ] || fail "expected 7"
"$BEZALEL" simulate killed >"$WORK/out" 2>&1
[ $? -eq 143 ] || fail "expected 143"
"$BEZALEL" simulate nosuchjob >"$WORK/out" 2>&1
[ $? -eq 2 ] || fail "expected 2"

scenario "49 a command that cron's PATH does not hold"
mkdir /opt/bin
printf '#!/bin/sh\n' >/opt/bin/onlyhere
chmod 755 /opt/bin/onlyhere
PATH=$PATH:/opt/bin "$BEZALEL" simulate lost >"$WORK/out" 2>&1
[ $? -eq 127 ] || fail "expected 127"
says 'onlyhere is /opt/bin/onlyhere, which cron.s PATH (/usr/bin:/bin:/opt) does not hold'
says 'PATH=/opt/bin:/usr/bin:/bin:/opt'

scenario "--dry-run starts nothing"
rm /run/out/system
"$BEZALEL" simulate system --dry-run >"$WORK/out" 2>&1 ||
  fail "exit status $?"
says 'system of root, as /etc/cron.d/jobs:4 starts it'
says '^  FROM_LOGIN=yes$'
says '^  BOTH=table$'
says '^next: bezalel simulate root/system$'
[ ! -e /run/out/system ] || fail "it was started"

scenario "an adopted job is run, and nothing is recorded"
sed -i '1i SHELL=/usr/bin/bezalel-sh' /etc/cron.d/jobs
"$BEZALEL" simulate seven >"$WORK/out" 2>&1
[ $? -eq 7 ] || fail "expected 7"
[ -z "$(ls /var/lib/bezalel/heartbeats)" ] || fail "a record was written"
"$BEZALEL" simulate system --dry-run >"$WORK/out" 2>&1
says 'nothing: /usr/bin/bezalel-sh is passed over'
says '^  SHELL=/bin/sh$'

finish
