#!/bin/sh
# What is done about a job, by the whole program where no systemd runs: only as
# often and as long as the settings say, and never in the way of the alarm.
. "$(dirname "$0")/../faults/lib.sh"
start_tracker
[ "$(id -u)" -eq 0 ] || { echo "skipped: not root"; exit 77; }
[ ! -d /run/systemd/system ] || { echo "skipped: systemd runs"; exit 77; }

# acting ROOT KEY ACTION: a root with the job `sick`, and what to do about it.
acting() {
  new_root "$1"
  printf '[job.sick]\nevery = "1d"\n%s = %s\n' "$2" "$3" \
    >"$ROOT/jobs.d/sick.toml"
  rm -f "$WORK/done"
}
done_times() { if [ -f "$WORK/done" ]; then wc -l <"$WORK/done"; else echo 0; fi; }

bounded() {
  acting bounded on_stale \
    "{ run = [\"$WORK/mend\", \"\$(id) *\"], limit = \"2/6h\" }"
  heartbeat sick 500000 86400
  for k in 0 1 2 3; do later $((k * 900)) notify; done
  same "times in six hours" 2 "$(done_times)"
  same "arguments as they stand" '<$(id) *>' "$(head -n 1 "$WORK/done")"
  later 30000 notify
  same "times later on" 3 "$(done_times)"
  ask comments >"$WORK/comments"
  has "it is told" "Tried to help" "$WORK/comments"
  has "what, and how often" "exit 4: no use, 1 of 2 allowed" "$WORK/comments"
  later 30000 "$BZ" status sick >"$OUT" 2>&1
  has "status" "exit 4: no" "$OUT"
}

only_when_asked() {
  acting asked on_failed "{ run = [\"$WORK/mend\"] }"
  heartbeat sick 500000 86400
  notify
  same "for a silent job" 0 "$(done_times)"
  "$BZ" run sick -- false
  later 900 notify
  same "for a failed one" 1 "$(done_times)"
  later 950 "$BZ" check -o "$WORK/nowhere/x" >"$OUT" 2>&1
  same "an alarm that could not be written down" 1 $?
  has "where" "$WORK/nowhere/x: " "$OUT"
  "$BZ" run sick -- true
  later 1800 notify
  same "for a well one" 1 "$(done_times)"
  acting trusted on_failed "{ run = [\"$WORK/mend\"] }"
  printf '{"timestamp":%s,"interval_seconds":86400}' \
    $(($(date +%s) + 900000)) >"$HB/sick.last"
  notify
  same "verdict" clock "$(verdict sick)"
  same "for evidence that cannot be trusted" 0 "$(done_times)"
}

alarm_comes_first() {
  acting hangs on_stale \
    "{ run = [\"$WORK/hang\", \"$WORK\"], timeout = \"2s\" }"
  heartbeat sick 500000 86400
  : >"$LOG"
  notify
  same "open" 1 "$(ask open)"
  same "told before it was tried" yes "$(cat "$WORK/told")"
  ask comments >"$WORK/comments"
  has "what became of it" "killed after 2s" "$WORK/comments"
  case $(ps -o stat= -p "$(cat "$WORK/hanging")") in
    ''|Z*) ;;
    *) wrong "its child still runs" ;;
  esac
}

not_from_foreign_settings() {
  acting foreign on_stale "{ run = [\"$WORK/mend\"] }"
  chown 65534 "$ROOT/jobs.d/sick.toml"
  heartbeat sick 500000 86400
  notify
  same "times" 0 "$(done_times)"
  has "it is said" "its actions and exec channels are" "$OUT"
  "$BZ" status sick >"$OUT" 2>"$ERR"
  has "of the job" "tried         nothing (on_stale: passed over: " "$OUT"
}

as_user() {
  acting user on_stale "{ run = [\"$WORK/who\"], user = \"nobody\" }"
  heartbeat sick 500000 86400
  notify
  same "who" 65534 "$(cat "$WORK/open/who")"
}

restarts() {
  command -v unshare >/dev/null && can_unshare ||
    { skip "no mount namespaces"; return; }
  acting restart on_stale '{ restart = "sickly.service" }'
  heartbeat sick 500000 86400
  # Where no systemd runs, `service` is what restarts.
  mkdir -p "$WORK/sbin"
  printf '#!/bin/sh\nprintf "<%%s>" "$@" >"%s/restarted"\n' "$WORK" \
    >"$WORK/sbin/service"
  chmod 755 "$WORK/sbin/service"
  PATH=$WORK/sbin:$PATH notify
  same "restarted" "<sickly><restart>" "$(cat "$WORK/restarted")"
  ask comments >"$WORK/comments"
  has "it is told" "service sickly restart, exit 0" "$WORK/comments"
}

cat >"$WORK/mend" <<'SH'
#!/bin/sh
printf '<%s>\n' "$@" >>"$(dirname "$0")/done"
echo "no use"
exit 4
SH
# Notes whether somebody was told by then, then hangs with a child.
cat >"$WORK/hang" <<'SH'
#!/bin/sh
dir=$1
if grep -q sick@testhost "$dir/syslog"; then echo yes; else echo no; fi >"$dir/told"
sleep 600 &
echo $! >"$dir/hanging"
wait
SH
cat >"$WORK/who" <<'SH'
#!/bin/sh
id -u >"$(dirname "$0")/open/who"
SH
chmod 755 "$WORK/mend" "$WORK/hang" "$WORK/who"
mkdir "$WORK/open"
chmod 777 "$WORK/open"

it "an action runs as often as its limit says, and is told" bounded
it "it runs for what it is meant for only" only_when_asked
it "one that hangs is killed, and the alarm did not wait" alarm_comes_first
it "settings that are not root's ask for nothing" not_from_foreign_settings
it "it has the rights of its user" as_user
it "a service is restarted where no systemd runs" restarts
finish
