#!/bin/sh
# A tracker in trouble (faults 3 to 11, 14, 15, 18, 31): through the whole program, one
# cycle of 15 minutes after the other.
. "$(dirname "$0")/lib.sh"
start_tracker

# A root with one silent job.
silent_job() {
  new_root "$1"
  heartbeat silent 500000 86400
}
recover() { heartbeat silent -5 86400; }

# A check in the background as $checker, whose issue the tracker has and whose
# reply does not come.
check_until_accepted() {
  mode accept_then_hang POST /issues 1
  "$BZ" check --notify >/dev/null 2>&1 &
  checker=$!
  tries=0
  until [ "$(ask open)" = 1 ] || [ $tries -gt 200 ]; do
    tries=$((tries + 1))
    sleep 0.05
  done
}

killed_before_commit() {
  silent_job killed
  check_until_accepted
  kill -9 $checker
  wait $checker 2>/dev/null
  notify
  same "issues" 1 "$(ask issues | wc -l)"
  same "open" 1 "$(ask open)"
  same "state" ok "$(whole_state)"
}

# Stopped with its notice under way, for an hour; others check meanwhile.
stopped_for_an_hour() {
  silent_job stopped
  check_until_accepted
  kill -STOP $checker
  for seconds in 900 1800 2700 3600; do
    later $seconds notify
    same "open while it stands, after $seconds" 1 "$(ask open)"
  done
  kill -CONT $checker
  wait $checker
  later 4500 notify
  same "issues" 1 "$(ask issues | grep -c 'silent@testhost')"
  same "open" 1 "$(ask issues | grep -c 'open.*silent@testhost')"
  recover
  later 5400 notify
  same "open after a success" 0 "$(ask open)"
  same "state" ok "$(whole_state)"
}

# names ANSWER COMMAND...: where every name is ANSWER (dns.py).
names() {
  answer=$1
  shift
  server=127.53.$(($$ / 256 % 256)).$(($$ % 256))
  rm -f "$WORK/asked"
  python3 "$TESTS/faults/dns.py" "$server" "$answer" "$WORK/asked" &
  resolver=$!
  tries=0
  until [ -e "$WORK/asked" ] || [ $tries -gt 200 ]; do
    tries=$((tries + 1))
    sleep 0.05
  done
  echo "nameserver $server" >"$WORK/resolv.conf"
  unshare -m sh -c 'mount --bind "$1" /etc/resolv.conf && shift && exec "$@"' \
    sh "$WORK/resolv.conf" "$@"
  status=$?
  kill $resolver
  wait $resolver 2>/dev/null
  asked=$(wc -l <"$WORK/asked")
}

nameless() {
  { can_unshare && [ "$(id -u)" -eq 0 ]; } || { skip "not root"; return; }
  silent_job "named-$1"
  sed -i 's|//127.0.0.1:\(.*\)|//forge.test:\1\ninsecure = true|' \
    "$ROOT/bezalel.toml"
  : >"$LOG"
  began=$(date +%s)
  names "$1" "$BZ" check --notify >"$OUT" 2>"$ERR"
  same "exit" 1 "$status"
  [ $(($(date +%s) - began)) -lt 30 ] || wrong "it took more than 30 s"
  [ "$asked" -gt 0 ] || wrong "no name was asked for"
  same "issues" 0 "$(ask issues | wc -l)"
  has "told locally" "silent@testhost" "$LOG"
  "$BZ" alerts >"$OUT"
  has "the channel's error" "$2" "$OUT"
  has "what waits" "1 notice in the outbox" "$OUT"
  # It is asked less and less often: the sixth time 16 seconds after the fifth.
  for seconds in 100 200 300 400; do
    later $seconds names "$1" "$BZ" check --notify >"$OUT" 2>"$ERR"
    [ "$asked" -gt 0 ] || wrong "not asked again after $seconds s"
  done
  later 401 names "$1" "$BZ" check --notify >"$OUT" 2>"$ERR"
  same "asked a moment later" 0 "$asked"
  later 3600 names 127.0.0.1 "$BZ" check --notify >"$OUT" 2>"$ERR"
  same "issues when names are known again" 1 \
    "$(ask issues | grep -c 'open.*silent@testhost')"
}
no_such_name() { nameless nxdomain "forge.test"; }
no_name_server() { nameless silence "forge.test"; }
nowhere() { nameless 0.0.0.0 "0.0.0.0"; }

reply_is_lost() {
  silent_job lost
  mode "$1" POST /issues 1
  notify
  same "exit" 1 "$status"
  later 900 notify
  later 1800 notify
  same "issues" 1 "$(ask issues | wc -l)"
  same "open" 1 "$(ask open)"
}
reply_reset() { reply_is_lost accept_then_close; }
reply_never() { reply_is_lost accept_then_hang; }

server_error() {
  silent_job error
  printf '\n[channel.hook]\ntype = "webhook"\nurl = "%s/hook"\n' "$TRACKER" \
    >>"$ROOT/bezalel.toml"
  sed -i 's/^default = .*/default = ["forge", "hook"]/' "$ROOT/bezalel.toml"
  mode 503 "" /api/ 2
  notify
  has "what failed is said" forge "$ERR"
  same "the other channel" 1 "$(ask recorded | grep -c hook)"
  recover
  later 900 notify
  same "issues while it is down" 0 "$(ask issues | wc -l)"
  later 1800 notify
  same "opened and closed in order" closed "$(ask issues | cut -d' ' -f1)"
  same "comments" 1 "$(ask comments | grep -c heartbeat-checker)"
  same "told the other channel" 2 "$(ask recorded | grep -c hook)"
}

rate_limit() {
  silent_job limit
  mode 429 "" /api/ 1 120
  notify
  before=$(ask calls | wc -l)
  later 60 notify
  same "requests before its time" "$before" "$(ask calls | wc -l)"
  later 130 notify
  same "open" 1 "$(ask open)"
}

refused_token() {
  silent_job token
  : >"$LOG"
  mode 401 "" /api/
  notify
  same "exit" 1 "$status"
  has "told locally in the same cycle" "channel forge does not deliver" "$LOG"
  findings >"$WORK/findings"
  has "a finding" channel-dead "$WORK/findings"
  "$BZ" report >"$WORK/report" 2>&1
  has "a blocker of the report" forge "$WORK/report"
  control reset
  for k in 1 2 3 4 5 6 7 8 9 10 11 12; do later $((k * 1850)) notify; done
  same "open after its return" "open [heartbeat-checker] P1 silent@testhost stale" \
    "$(ask issues | grep silent)"
  same "all well with the channel" 0 \
    "$(later 22300 "$BZ" check --format json |
      python3 "$TESTS/faults/ask.py" findings | grep -c channel-dead)"
}

gone_for_good() {
  silent_job gone
  : >"$LOG"
  mode 404 "" /repos/
  notify
  has "told locally" "channel forge does not deliver" "$LOG"
  control reset
  control flags '{"archived":true}'
  silent_job archived
  control flags '{"archived":true}'
  : >"$LOG"
  notify
  has "told locally" "channel forge does not deliver" "$LOG"
}

dependencies() {
  silent_job depends
  notify
  control flags '{"dependencies":true}'
  recover
  later 900 notify
  ask comments >"$WORK/comments"
  has "the recovery is told" "Well again" "$WORK/comments"
  control flags '{}'
  for k in 1 2 3; do later $((900 + k * 43000)) notify; done
  same "closed in the end" 0 "$(ask issues | grep silent | grep -c open)"
  same "told once" 1 "$(grep -c heartbeat-checker "$WORK/comments")"
}

hangs() {
  silent_job hangs
  : >"$LOG"
  mode "$1" "" /api/
  begun=$(date +%s)
  notify
  [ $(($(date +%s) - begun)) -le 20 ] ||
    wrong "the cycle took $(($(date +%s) - begun)) s"
  has "told locally" "silent@testhost" "$LOG"
}
hangs_at_once() { hangs hang; }
hangs_after_headers() { hangs hang_headers; }
drips() { hangs slow; }
never_ends() { hangs endless; }

not_an_answer() {
  silent_job portal
  mode "$1" "" /api/ 1
  notify
  same "issues" 0 "$(ask issues | wc -l)"
  later 900 notify
  same "open" 1 "$(ask open)"
  control reset
  silent_job portal2
  mode "$1" POST /issues 1
  notify
  later 900 notify
  same "open" 1 "$(ask open)"
}
captive_portal() { not_an_answer html; }
garbage() { not_an_answer garbage; }

finding_over() {
  silent_job over
  mkdir -p "$ROOT/jobs.d"
  echo 'every = "never"' >"$ROOT/jobs.d/broken.toml"
  notify
  broken="P2 testhost: $ROOT/jobs.d/broken.toml: unknown key"
  ask issues >"$WORK/issues"
  has "a mistake" "open [heartbeat-checker] $broken" "$WORK/issues"
  rm "$ROOT/state.db"* "$ROOT/jobs.d/broken.toml"
  later 900 notify
  ask issues >"$WORK/issues"
  has "the mended" "closed [heartbeat-checker] $broken" "$WORK/issues"
  hasnt "the mended" "open [heartbeat-checker] $broken" "$WORK/issues"
  has "the silent" "open [heartbeat-checker] P1 silent@testhost" \
    "$WORK/issues"
}

ninth_page() {
  silent_job many
  notify
  rm "$ROOT/state.db"*
  control seed '{"count":450,"poster":"bezalel-bot"}'
  later 900 notify
  same "issues of the job" 1 "$(ask issues | grep -c silent)"
}

it "3: an issue whose maker was killed before the commit is found again" \
  killed_before_commit
it "18: a name that is not found delays what is told" no_such_name
it "18: a name server that does not answer holds nothing up" no_name_server
it "18: a name that is 0.0.0.0 is not this host" nowhere
it "31: a checker that stood still for an hour tells nothing twice" \
  stopped_for_an_hour
it "4: an issue whose reply was cut off is made once" reply_reset
it "4: an issue whose reply never came is made once" reply_never
it "5: behind a 503 the order is kept and others are told" server_error
it "6: Retry-After is waited for, and nothing is dropped" rate_limit
it "7: a refused token is told elsewhere in the same cycle" refused_token
it "8: a repository that is gone or archived is told elsewhere" gone_for_good
it "8: an issue that may not be closed is closed when it may" dependencies
it "9: a tracker that hangs does not hold the cycle" hangs_at_once
it "9: nor one that hangs after its headers" hangs_after_headers
it "10: nor one that answers a byte a second" drips
it "10: nor one whose answer never ends" never_ends
it "11: a captive portal is no success" captive_portal
it "11: garbage is no success" garbage
it "14: after a loss the issue of a finding that is no more is closed" \
  finding_over
it "14: after a loss the issue is found behind 450 others" ninth_page
finish
