#!/bin/sh
# A schedule that changes behind one's back: lines that go, come, lose their
# wrapper or change; a cron daemon that dies, or is there twice. With the real
# cron daemon, in namespaces where this machine's files are hidden.
. "$(dirname "$0")/lib.sh"

if [ "${2-}" != inside ]; then
  [ -x /usr/sbin/cron ] || part_is_missing "no cron daemon"
  enter_namespaces "$@"
fi

hide /run /var/log /var/spool/cron /var/lib/bezalel /etc/bezalel /etc/cron.d \
  /etc/cron.hourly /etc/cron.daily /etc/cron.weekly /etc/cron.monthly
mkdir -p /var/spool/cron/crontabs /var/lib/bezalel/heartbeats
: >"$WORK/crontab"
mount --bind "$WORK/crontab" /etc/crontab
unset BEZALEL_ROOT
export BEZALEL_HOST=testhost TZ=UTC

# The process is there until it is the daemon, or has failed.
await_cron() {
  until [ "$(cat "/proc/$1/comm" 2>/dev/null)" = cron ]; do
    [ -d "/proc/$1" ] || {
      fail "cron did not start: $(cat "$WORK/cron.log")"
      exit 1
    }
  done
}
start_cron() {
  /usr/sbin/cron -f 2>"$WORK/cron.log" &
  CRON=$!
  await_cron "$CRON"
}
stop_cron() {
  kill "$CRON"
  wait "$CRON" 2>/dev/null
}

install_tab() {
  cat >/etc/cron.d/jobs.new && mv /etc/cron.d/jobs.new /etc/cron.d/jobs
}
audit() {
  "$BEZALEL" audit >"$WORK/out" 2>&1
}

# Whatever the last cycle called vanished.
retire_vanished() {
  for job in $(sed -n 's/.* \([a-z]*-[0-9a-f]*\)@testhost vanished.*/\1/p' \
    "$WORK/out"); do
    "$BEZALEL" retire "$job" --reason test >/dev/null 2>&1
  done
}

BACKUP='0 1 * * * root /bin/backup  # bezalel: job=backup'
PRUNE='0 2 * * * root /bin/prune  # bezalel: job=prune'
wrapped() {
  echo "SHELL=$BEZALEL_SH"
  for line; do echo "$line"; done
}

start_cron
scenario "nothing is wrong"
wrapped "$BACKUP" "$PRUNE" | install_tab
cycle
says_not opened
audit
[ $? -eq 0 ] || fail "expected exit status 0"
says 'all 2 scheduled jobs are watched'

scenario "39 a line commented out"
wrapped "#$BACKUP" "$PRUNE" | install_tab
cycle
says 'opened .*P2 backup@testhost vanished: its line was commented out, /etc/cron.d/jobs:2'
says_not prune
"$BEZALEL" check >"$WORK/out" 2>&1
says '^        gone: bezalel retire backup$'
audit
says 'gone without "retire"'
says 'commented out; still wanted'
wrapped "$BACKUP" "$PRUNE" | install_tab
cycle
says 'resolved .*backup@testhost vanished'

scenario "40 the whole crontab deleted"
rm /etc/cron.d/jobs
cycle
says 'opened .*backup@testhost vanished: its schedule is gone'
says 'opened .*prune@testhost vanished'
"$BEZALEL" retire backup --reason "no longer" >"$WORK/out" 2>&1 ||
  fail "retire"
"$BEZALEL" retire prune --reason "no longer" >"$WORK/out" 2>&1 ||
  fail "retire"
cycle
says 'resolved .*backup@testhost vanished'
audit
says_not gone

scenario "46 a line that loses its wrapper"
wrapped "$BACKUP" | install_tab
cycle
echo "$BACKUP" | install_tab
cycle
says 'opened .*P2 backup@testhost unwatched'
"$BEZALEL" check >"$WORK/out" 2>&1
says '^        do:  bezalel adopt --file /etc/cron.d/jobs$'
"$BEZALEL" status backup >"$WORK/out" 2>&1
says '(/etc/cron.d/jobs:1, root)$'
says '^  command  *'
says '^next: bezalel adopt --file /etc/cron.d/jobs$'
audit
says 'lost its wrapper'
says 'no SHELL=/usr/bin/bezalel-sh stands above it'
printf 'SHELL=/bin/bash\n%s\n' "$BACKUP" | install_tab
audit
says 'SHELL=/bin/bash on line 1 takes this line out of bezalel-sh'
wrapped "$BACKUP" | install_tab
cycle
says 'resolved .*backup@testhost unwatched'

scenario "45 a job that nobody wrapped, in another place"
printf '5 5 * * * /bin/secret\n' >/var/spool/cron/crontabs/root
chmod 600 /var/spool/cron/crontabs/root
cycle
says 'opened .*P2 secret-[0-9a-f]*@testhost unwatched'
says_not 'backup'
rm /var/spool/cron/crontabs/root
cycle
"$BEZALEL" retire "$(sed -n 's/.* \(secret-[0-9a-f]*\)@.*/\1/p' "$WORK/out" |
  head -1)" --reason test >/dev/null 2>&1
cycle

scenario "72 a job that was never wrapped, and a wrapper taken out of its line"
RUN='0 3 * * * root /usr/bin/bezalel run copy -- /bin/copy'
{ wrapped "$BACKUP"; echo "$RUN"; } | install_tab
cycle
audit
says 'all 2 scheduled jobs are watched'
"${BEZALEL_SH%-sh}" run copy -- /bin/false
cycle
says 'opened .*P1 copy@testhost failed'
echo '5 4 * * * root /bin/bare' >/etc/cron.d/bare
echo '0 3 * * * root /bin/copy  # bezalel: job=copy' |
  cat - /etc/cron.d/jobs | grep -v 'bezalel run' | install_tab
cycle
says 'opened .*P2 bare-[0-9a-f]*@testhost unwatched'
# How it failed with its wrapper is over: no run could end that any more.
says 'copy@testhost .*unwatched'
says_not 'P1 copy\|copy@testhost failed'
says_not 'backup\|vanished'
audit
says ' 1 of 3 scheduled jobs are watched'
says 'copy .*lost its wrapper'
says 'bare-[0-9a-f]* .*new since'
rm /etc/cron.d/bare
cycle
"$BEZALEL" retire "$(sed -n 's/.* \(bare-[0-9a-f]*\)@.*/\1/p' "$WORK/out" |
  head -1)" --reason test >/dev/null 2>&1
"$BEZALEL" retire copy --reason test >/dev/null 2>&1

scenario "72 a wrapped job whose user has no place for proof"
{ wrapped "$BACKUP"; echo '0 5 * * * games true  # bezalel: job=play'; } |
  install_tab
cycle
says 'opened .*P2 testhost proof-nowhere .*games'
place=/var/lib/bezalel/heartbeats/u/$(id -u games)
mkdir -p "$place"
chown games "$place"
cycle
says 'resolved .*proof-nowhere'
rm -r "${place%/*}"
wrapped "$BACKUP" | install_tab
cycle
"$BEZALEL" retire games/play --reason test >/dev/null 2>&1 ||
  "$BEZALEL" retire play --reason test >/dev/null 2>&1

scenario "80 a file that cron throws away hides neither its jobs nor others"
wrapped "$PRUNE" >/etc/cron.d/twin
wrapped "$BACKUP" | install_tab
cycle
for bad in '61 * * * * root /bin/x' '* * * * * nobody-here /bin/x'; do
  { wrapped "$BACKUP"; echo "$bad"; } | install_tab
  cycle
  says 'opened .*P2 testhost file-ignored /etc/cron.d/jobs'
  says_not 'prune\|vanished'
  "$BEZALEL" check >"$WORK/out" 2>&1
  says 'cause: the daemon ignores /etc/cron.d/jobs\|explains 1 job: backup$'
  audit
  says '/etc/cron.d  *1 of 1'
  says 'not scheduled meanwhile: backup$'
  says_not 'bezalel retire'
  says '1 scheduled, 1 watched, .*1 gone'
  wrapped "$BACKUP" | install_tab
  cycle
  says 'resolved .*file-ignored'
done

scenario "27 a mode, and 25 a name, by which the daemon passes a file over"
chmod 666 /etc/cron.d/jobs
cycle
says 'opened .*P2 testhost file-ignored /etc/cron.d/jobs'
says_not vanished
chmod 644 /etc/cron.d/jobs
mv /etc/cron.d/jobs /etc/cron.d/jobs.sh
cycle
says 'opened .*P2 testhost file-ignored /etc/cron.d/jobs.sh'
says_not vanished
mv /etc/cron.d/jobs.sh /etc/cron.d/jobs
cycle
says 'resolved .*file-ignored'
# A name that says it is off is no mistake; that its jobs are gone is told.
mv /etc/cron.d/jobs /etc/cron.d/jobs.off
cycle
says_not file-ignored
says 'opened .*vanished'
mv /etc/cron.d/jobs.off /etc/cron.d/jobs
cycle
says 'resolved '

scenario "25 the command to type works, whatever bytes the name has"
NAMES=$(printf '%s\n' 'two\nlines' 'ends\n' 'esc\033[2J' "it\\047s\\040100%%d" \
  'latin\351' 'tab\t$x`y`')
for shell in sh bash; do
  command -v "$shell" >/dev/null || continue
  for name in $NAMES; do
    name=$(printf "$name+")
    wrapped "$PRUNE" >"/etc/cron.d/${name%+}"
  done
  audit
  LC_ALL=C grep -q '[^ -~]' "$WORK/out" && fail "raw bytes on the terminal"
  sed -n 's/^    do:  \(mv .*\)/\1/p' "$WORK/out" >"$WORK/fix"
  [ "$(wc -l <"$WORK/fix")" -eq 6 ] || fail "not one mv for each"
  "$shell" -e "$WORK/fix" >"$WORK/err" 2>&1 || fail "$shell: $(cat "$WORK/err")"
  audit
  says_not 'file-ignored'
  [ "$(ls /etc/cron.d | wc -l)" -eq 8 ] || fail "another file there"
  find /etc/cron.d -type f ! -name jobs ! -name twin -delete
done

scenario "a run-parts line counts once, wrapped or not"
printf '#!/bin/sh\n' >/etc/cron.daily/tidy
chmod 755 /etc/cron.daily/tidy
DAILY='25 6 * * * root cd / && run-parts --report /etc/cron.daily'
wrapped "$DAILY" >"$WORK/crontab"
cycle
audit
says 'all 3 scheduled jobs are watched'
"${BEZALEL%/libexec/*}/bin/bezalel-sh" -c 'cd / && run-parts --report /etc/cron.daily' \
  >"$WORK/out" 2>&1 || fail "the line did not run"
cycle
echo "$DAILY" >"$WORK/crontab"
cycle
says_not 'run-parts-.*vanished'
"$BEZALEL" check --all >"$WORK/out" 2>&1
says_not 'run-parts-'
audit
says ' of 3 scheduled jobs'
: >"$WORK/crontab"
rm /etc/cron.daily/tidy
cycle
"$BEZALEL" retire "$(sed -n 's/.* \(tidy-[0-9a-f]*\)@.*/\1/p' "$WORK/out" |
  head -1)" --reason test >/dev/null 2>&1
cycle
rm /etc/cron.d/twin
cycle
"$BEZALEL" retire prune --reason test >/dev/null 2>&1
cycle

scenario "49 a SHELL that is not there"
printf 'SHELL=/usr/bin/zzsh\n0 5 * * * root /bin/true shell\n' >/etc/cron.d/noshell
printf 'SHELL=/bin/sh\n0 5 * * * root /bin/true plain\n' >/etc/cron.d/withshell
cycle
says 'opened .*P2 testhost shell-missing /etc/cron.d/noshell: .* is not there'
says_not 'shell-missing .*withshell'
rm /etc/cron.d/noshell /etc/cron.d/withshell
cycle
retire_vanished
cycle

scenario "26 a script that the kernel does not start"
printf '#!/bin/sh\ntrue\n' >/etc/cron.daily/twin
echo true >/etc/cron.daily/bare
printf '#!/usr/bin/pyton\n' >/etc/cron.daily/gone
# A program as it would be for another machine: a byte of its kind turned.
cp /bin/true /etc/cron.daily/foreign
printf '\377' | dd of=/etc/cron.daily/foreign bs=1 seek=19 conv=notrunc status=none
! /etc/cron.daily/foreign 2>/dev/null || fail "the kernel runs it"
cp /bin/true /etc/cron.daily/native
chmod 755 /etc/cron.daily/*
echo "$DAILY" >"$WORK/crontab"
cycle
says 'script-broken .*bare'
says 'script-broken .*gone'
says 'script-broken .*foreign'
says_not 'script-broken .*native'
says_not 'script-broken .*twin'
"$BEZALEL" discover >"$WORK/out" 2>&1
says 'run-parts cannot start it: it has no #! line'
says 'run-parts cannot start it: its interpreter'
says 'run-parts cannot start it: it is for another machine'
"$BEZALEL" lint >"$WORK/out" 2>&1 && fail "lint found nothing"
says '^/etc/cron.daily/bare: error: run-parts cannot start it'
says '^/etc/cron.daily/gone: error: .*'
says_not '/etc/cron.daily/twin'
: >"$WORK/crontab"
rm /etc/cron.daily/*
cycle
retire_vanished
cycle

scenario "41 a command that was edited is another job"
echo '0 4 * * * root /bin/sync --from a' >"$WORK/a"
wrapped "$BACKUP" "$(cat "$WORK/a")" | install_tab
cycle
wrapped "$BACKUP" "$(sed 's/ a$/ b/' "$WORK/a")" | install_tab
cycle
says_not vanished
audit
says 'all 2 scheduled jobs are watched'

scenario "41 a line that is given a name is the same job"
wrapped "$BACKUP" "$(sed 's/ a$/ b # bezalel: job=fetched/' "$WORK/a")" |
  install_tab
cycle
says_not vanished
audit
says 'all 2 scheduled jobs are watched'
# A name that was given is not taken away without a word.
wrapped "$BACKUP" "$(sed 's/ a$/ b/' "$WORK/a")" | install_tab
cycle
says 'fetched@.*vanished'
"$BEZALEL" retire fetched --reason test >/dev/null 2>&1
cycle
says 'resolved .*fetched@testhost vanished: retired'
# A bad one is no name: what it was called is told, and over with it.
wrapped "$BACKUP" "$(sed 's/ a$/ b/' "$WORK/a")" \
  '0 5 * * * root bezalel run bad/name -- /bin/true' | install_tab
"${BEZALEL_SH%-sh}" run bad/name -- /bin/true >/dev/null 2>&1
cycle
says 'opened .*P2 testhost option-invalid true-[0-9a-f]*:'
wrapped "$BACKUP" "$(sed 's/ a$/ b/' "$WORK/a")" \
  '0 5 * * * root bezalel run good -- /bin/true' | install_tab
cycle
says 'resolved .*option-invalid'
says_not vanished
wrapped "$BACKUP" "$(sed 's/ a$/ b/' "$WORK/a")" | install_tab
"$BEZALEL" retire good --reason test >/dev/null 2>&1

scenario "42 another schedule is expected at once"
wrapped "$(echo "$BACKUP" | sed 's/^0 1 \*/0 1 1/')" \
  "$(sed 's/ a$/ b/' "$WORK/a")" | install_tab
cycle
audit
says 'backup .*"0 1 1 \* \*", was "0 1 \* \* \*"'

scenario "58 the same line twice"
wrapped "$BACKUP" "$BACKUP" | install_tab
audit
says '^twice'
wrapped "$BACKUP" | install_tab
cycle

scenario "3 two cron daemons"
unshare -m sh -c 'mount -t tmpfs none /run && exec /usr/sbin/cron -f' &
SECOND=$!
await_cron "$SECOND"
cycle
says "opened .*P2 testhost cron-doubled: .*Debian cron (pid $CRON)"
says "cron-doubled: .*Debian cron (pid $SECOND)"
kill "$SECOND"
wait "$SECOND" 2>/dev/null
cycle
says 'resolved .*testhost cron-doubled'

scenario "3 what has cron's name for a moment is no second daemon"
cp "$(command -v sleep)" "$WORK/cron"
sh -c 'while :; do "$1" 0.02; done' sh "$WORK/cron" &
SHORT=$!
until cat /proc/[0-9]*/comm 2>/dev/null | grep -cx cron | grep -qx 2; do :; done
cycle
says_not cron-doubled
cycle
says_not cron-doubled
kill "$SHORT"
wait "$SHORT" 2>/dev/null

scenario "a job that leaves proof by itself, and one that does not"
printf '0 5 * * * root /bin/%s  # bezalel: job=%s\n' own own mute mute \
  >/etc/cron.d/bare
date +%s >/var/lib/bezalel/heartbeats/own.last
"$BEZALEL" discover >"$WORK/out" 2>&1
says '^+ own  *root  *heartbeat '
says '^- mute  *root  *no '
"$BEZALEL" discover --sysroot / >"$WORK/out" 2>&1
says '^- own  *root  *no '
rm /etc/cron.d/bare /var/lib/bezalel/heartbeats/own.last

scenario "4 the cron daemon runs, and will not at the next boot"
for dir in /etc/systemd/system /lib/systemd/system; do
  mkdir -p "$dir" && mount -t tmpfs none "$dir" || fail "no tmpfs at $dir"
done
WANTED=/etc/systemd/system/multi-user.target.wants
mkdir -p /run/systemd/system "$WANTED"
: >/lib/systemd/system/cron.service
ln -s /lib/systemd/system/cron.service "$WANTED/cron.service"
cycle
says_not cron-disabled
rm "$WANTED/cron.service"
cycle
says 'opened .*P2 testhost cron-disabled'
ln -s /lib/systemd/system/cron.service "$WANTED/cron.service"
cycle
says 'resolved .*testhost cron-disabled'
rmdir /run/systemd/system

scenario "1 no cron daemon runs"
stop_cron
cycle
says 'opened .*P1 testhost cron-dead'
start_cron
cycle
says 'resolved .*testhost cron-dead'
stop_cron

finish
