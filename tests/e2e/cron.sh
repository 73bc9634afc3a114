#!/bin/sh
# The real cron daemon, three crontabs, a tracker: a job that is taken out is
# flagged at the right moment, its issue opens once and closes once.
#
# cron runs in mount and PID namespaces of its own, with /etc/cron.d, its spool
# and /run empty: nothing of this machine is run or changed. It starts jobs at
# full minutes, so this takes up to two and a half of them.
. "$(dirname "$0")/../faults/lib.sh"

part_is_missing() {
  echo "skipped: $1"
  exit 77
}
[ "$(id -u)" -eq 0 ] || part_is_missing "not root"
[ -x /usr/sbin/cron ] || part_is_missing "no cron daemon"
unshare -m -p --fork --mount-proc true 2>/dev/null ||
  part_is_missing "no namespaces"

start_tracker
new_root cron
chmod 755 "$ROOT"
TABS=$WORK/cron.d
mkdir "$TABS"

# Each file with one way of leaving proof. `gone` is the one that is removed.
shell_tab() {
  cat <<TAB
SHELL=$TREE/bin/bezalel-sh
BEZALEL_ROOT=$ROOT
BEZALEL_HOST=testhost
$1
* * * * * root echo stays >/dev/null  # bezalel: job=stays every=10min
TAB
}
GONE='* * * * * root true && echo done  # bezalel: job=gone every=1min'
install_tab() {
  # cron reads a file again when its folder or itself has changed.
  cat >"$TABS/$1.new" && mv "$TABS/$1.new" "$TABS/$1"
}
shell_tab "$GONE" | install_tab shell
install_tab run <<TAB
BEZALEL_ROOT=$ROOT
* * * * * root $BZ run by_run --every 10min -- /bin/sh -c 'exit 0'
TAB
install_tab client <<TAB
BEZALEL_ROOT=$ROOT
* * * * * root /bin/true && sh $SOURCE/clients/sh/cron-heartbeat-write.sh by_client 600
TAB

cat >"$WORK/inside" <<INSIDE
set -e
mount -t tmpfs none /run
mount -t tmpfs none /var/spool/cron
mkdir /var/spool/cron/crontabs
mount --bind "$TABS" /etc/cron.d
mount --bind /dev/null /etc/crontab
exec /usr/sbin/cron -f
INSIDE
: >"$WORK/crontab"
unshare -m -p --fork --kill-child --mount-proc sh "$WORK/inside" \
  >"$WORK/cron.log" 2>&1 &
CRON=$!
# unshare does not heed SIGTERM while it waits.
trap 'kill -KILL $CRON 2>/dev/null; clean' EXIT

# wait_for SECONDS COMMAND...
wait_for() {
  left=$(($1 * 5))
  shift
  until "$@"; do
    left=$((left - 1))
    [ $left -gt 0 ] || return 1
    kill -0 $CRON 2>/dev/null || { wrong "cron ended: $(cat "$WORK/cron.log")"; return 1; }
    sleep 0.2
  done
}

all_there() {
  [ -e "$HB/gone.last" ] && [ -e "$HB/stays.last" ] &&
    [ -e "$HB/by_run.last" ] && [ -e "$HB/by_client.last" ]
}

# field NAME: of gone's heartbeat.
field() {
  python3 -c 'import json, sys
print("%.6f" % json.load(open(sys.argv[1]))[sys.argv[2]])' "$HB/gone.last" "$1"
}

# beyond SECONDS COMMAND...: at that age of gone's heartbeat, to the moment.
beyond() {
  age=$1
  shift
  BEZALEL_TEST_NOW=$(python3 -c "print($(field timestamp) + $age)") \
  BEZALEL_TEST_BOOT=$(python3 -c "print($(field boottime) + $age)") "$@"
}

all_leave_proof() {
  wait_for 75 all_there || wrong "no proof after a minute: $(ls "$HB")"
  look
  same "exit status" 0 "$status"
  same "evaluated" "4 of 4" "$(python3 "$TESTS/faults/ask.py" evaluated <"$OUT")"
  has "the job's host is that of its crontab" '"host":"testhost"' "$HB/gone.last"
  notify
  same "exit status of check --notify" 0 "$status"
  same "issues" 0 "$(ask open)"
}

removed_is_flagged_in_time() {
  shell_tab "" | install_tab shell
  # What ran in this very minute is out before the moment is taken.
  first=$(field timestamp)
  beyond 119.5 notify
  same "a moment before the deadline: issues" 0 "$(ask open)"
  same "a moment before the deadline: exit" 0 "$status"
  beyond 120.5 notify
  same "a moment after the deadline: exit" 1 "$status"
  same "issues" 1 "$(ask open)"
  same "with the label" 1 "$(ask labelled)"
  same "with the marker" 1 "$(ask marked)"
  same "title" "open [heartbeat-checker] P1 gone@testhost stale" "$(ask issues)"
  beyond 121 notify
  same "a cycle later: issues" 1 "$(ask issues | wc -l)"
  same "gone did not run meanwhile" "$first" "$(field timestamp)"
}

is_newer() { [ "$(field timestamp)" != "$first" ]; }

return_closes_it() {
  # From here on gone's records are as far ahead as the checks.
  ahead=$(python3 -c "import time
print('+%.3f' % ($(field timestamp) + 125 - time.time()))")
  shell_tab "BEZALEL_TEST_NOW=$ahead
BEZALEL_TEST_BOOT=$ahead
$GONE" | install_tab shell
  wait_for 75 is_newer || wrong "gone did not come back"
  BEZALEL_TEST_NOW=$ahead BEZALEL_TEST_BOOT=$ahead notify
  same "exit status" 0 "$status"
  same "issues that are open" 0 "$(ask open)"
  same "issues in all" 1 "$(ask issues | wc -l)"
  ask comments >"$WORK/comments"
  has "the last word" "Well again" "$WORK/comments"
  BEZALEL_TEST_NOW=$ahead BEZALEL_TEST_BOOT=$ahead notify
  same "a cycle later: issues in all" 1 "$(ask issues | wc -l)"
  same "a cycle later: comments" 1 "$(ask comments | grep -c 'heartbeat-checker')"
}

it "cron's jobs leave proof by shell, by run and by client" all_leave_proof
it "a job taken from its crontab is flagged at its deadline, not before" \
  removed_is_flagged_in_time
it "its return closes the one issue, with a comment" return_closes_it
finish
