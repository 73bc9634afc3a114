#!/bin/sh
# Several checkers, and a state that is damaged, deleted, or of another version
# (faults 32, 62); no secret leaves in any of it (fault 57).
. "$(dirname "$0")/lib.sh"
start_tracker

silent_job() {
  new_root "$1"
  heartbeat silent 500000 86400
}

at_once() {
  silent_job atonce
  pids=
  for i in 1 2 3 4; do
    "$BZ" check --notify >"$WORK/out$i" 2>"$WORK/err$i" &
    pids="$pids $!"
  done
  for pid in $pids; do
    wait "$pid"
    same "exit of each" 1 $?
  done
  same "issues" 1 "$(ask issues | wc -l)"
  same "open" 1 "$(ask open)"
  notify
  same "issues after one more" 1 "$(ask issues | wc -l)"
  same "incidents" 1 "$(sqlite3 "$ROOT/state.db" 'select count(*) from incident')"
}

stopped_holder() {
  silent_job standby
  mode hang "" /api/ 1
  "$BZ" check --notify >/dev/null 2>&1 &
  holder=$!
  tries=0
  until [ "$(ask calls | wc -l)" -ge 1 ] || [ $tries -gt 200 ]; do
    tries=$((tries + 1))
    sleep 0.05
  done
  kill -STOP $holder
  notify
  same "exit of the second" 1 "$status"
  has "who delivers is said" standby "$ERR"
  kill -9 $holder
  wait $holder 2>/dev/null
  later 900 notify
  same "open when the holder is gone" 1 "$(ask open)"
}

damaged() {
  silent_job damaged
  notify
  size=$(stat -c %s "$ROOT/state.db")
  dd if=/dev/urandom of="$ROOT/state.db" bs=1 seek="$1" count=$((size - $1)) \
    conv=notrunc 2>/dev/null
  rm -f "$ROOT/state.db-wal" "$ROOT/state.db-shm"
  : >"$LOG"
  later 900 notify
  same "exit" 1 "$status"
  later 1800 notify
  same "issues of the job" 1 "$(ask issues | grep -c 'silent@testhost')"
  same "state" ok "$(whole_state)"
  [ "$(find "$ROOT" -name 'state.db?*' -size +0 | grep -vc -- '-wal\|-shm')" -ge 1 ] ||
    wrong "the damaged state was not kept: $(ls "$ROOT")"
  later 1800 findings >"$WORK/findings"
  [ -s "$WORK/findings" ] || wrong "nothing is said of it"
  heartbeat silent -1800 86400
  later 2700 notify
  same "open after its recovery" 0 "$(ask issues | grep -c 'open.*silent@')"
}
damaged_head() { damaged 0; }
damaged_page() { damaged 5000; }

deleted_state() {
  silent_job deleted
  notify
  rm -f "$ROOT/state.db" "$ROOT/state.db-wal" "$ROOT/state.db-shm"
  later 900 notify
  same "issues of the job" 1 "$(ask issues | grep -c 'silent@testhost')"
  heartbeat silent -900 86400
  later 1800 notify
  same "open after its recovery" 0 "$(ask issues | grep -c 'open.*silent@')"
}

# Well again before the next look: nobody remembers what was open.
deleted_and_well() {
  silent_job deleted
  heartbeat other 500000 86400
  notify
  same "open before" 2 "$(ask issues | grep -c 'open.*@testhost')"
  rm -f "$ROOT/state.db" "$ROOT/state.db-wal" "$ROOT/state.db-shm"
  heartbeat silent 10 86400
  mode fail "" /comments 1
  later 900 notify
  later 1800 notify
  same "open after its recovery" 0 "$(ask issues | grep -c 'open.*silent@')"
  same "what is bad stays open" 1 "$(ask issues | grep -c 'open.*other@')"
}

without_wal() {
  silent_job nowal
  notify
  rm -f "$ROOT/state.db-wal" "$ROOT/state.db-shm"
  later 900 notify
  same "issues of the job" 1 "$(ask issues | grep -c 'silent@testhost')"
  same "state" ok "$(whole_state)"
}

newer_state() {
  silent_job newer
  notify
  sqlite3 "$ROOT/state.db" 'pragma user_version = 9999'
  sum=$(sqlite3 "$ROOT/state.db" .dump | cksum)
  later 900 notify
  same "exit" 2 "$status"
  [ -s "$ERR" ] || wrong "nothing is said"
  same "state is as it was" "$sum" "$(sqlite3 "$ROOT/state.db" .dump | cksum)"
}

# One token goes wherever tokens go; then it is looked for everywhere.
no_secret_leaves() {
  CANARY=Zk93canarysecret7Q
  silent_job secret
  printf '%s\n' "$CANARY" >"$ROOT/deadman.url"
  printf 'http://127.0.0.1:9/%s\n' "$CANARY" >"$ROOT/deadman.url"
  chmod 600 "$ROOT/deadman.url"
  printf '\n[deadman]\nurl_file = "%s"\n' "$ROOT/deadman.url" \
    >>"$ROOT/bezalel.toml"
  # What a job prints is kept as it is, where only its owner can read it, and
  # goes out redacted.
  printed=Ys17printedsecret4W
  cat >"$WORK/job" <<JOB
echo "API_TOKEN=$printed"
echo "Authorization: Bearer $printed"
echo "fetching https://user:$printed@host.example/x"
echo "mysql -p$printed" >&2
exit 4
JOB
  "$BZ" run leaks --every 1d -- sh -c ". $WORK/job; : DB_PASSWORD=$printed" \
    >/dev/null 2>&1
  : >"$WORK/said"
  k=0
  for trouble in 401 500 html redirect accept_then_close ""; do
    [ -z "$trouble" ] || mode "$trouble" "" /api/ 1
    later $((k * 900)) notify
    cat "$OUT" "$ERR" >>"$WORK/said"
    k=$((k + 1))
  done
  # The stub knows another token.
  for say in "check --all" "check --format json" "status leaks" "logs leaks" \
    report alerts doctor "channel test forge" "check --notify --dry-run"; do
    # shellcheck disable=SC2086  # a command and its arguments
    "$BZ" $say >>"$WORK/said" 2>&1
  done
  cp "$LOG" "$WORK/said.log"
  curl -sf "$TRACKER/_control/state" >"$WORK/tracker"
  for secret in "$CANARY" "$printed"; do
    hasnt "what was printed" "$secret" "$WORK/said"
    hasnt "the system's log" "$secret" "$WORK/said.log"
    hasnt "the tracker" "$secret" "$WORK/tracker"
  done
  rm "$ROOT/forge.token" "$ROOT/deadman.url"
  grep -rlF "$CANARY" "$ROOT" >"$WORK/files"
  same "files that hold our own token" "" "$(cat "$WORK/files")"
  same "what others may read of what holds the job's output" "" \
    "$(grep -rlF "$printed" "$ROOT" | xargs stat -c '%a' | grep -v '00$')"
  CANARY=stub-token
}

# With the right token, in what reaches the tracker.
no_secret_in_an_issue() {
  new_root issue
  "$BZ" run leaks --every 1d -- sh -c \
    'echo API_TOKEN=Zk93canarysecret7Q; echo plain; exit 4' >/dev/null 2>&1
  notify
  ask bodies >"$WORK/body"
  has "the output is there" plain "$WORK/body"
  hasnt "the secret is not" Zk93canarysecret7Q "$WORK/body"
}

rehearsal() {
  new_root rehearsal
  heartbeat well 3000 86400
  notify
  heartbeat silent 500000 86400
  before=$(sqlite3 "$ROOT/state.db" .dump | sha256sum)
  "$BZ" check --notify --dry-run >"$OUT" 2>"$ERR"
  same "status" 1 $?
  has "what would open" "opened    P1 silent@testhost stale" "$OUT"
  has "to whom" "would send: forge 1, local 1" "$OUT"
  same "errors" "" "$(cat "$ERR")"
  same "the state" "$before" "$(sqlite3 "$ROOT/state.db" .dump | sha256sum)"
  same "issues" 0 "$(ask issues | wc -l)"
  rm "$HB/silent.last"
  "$BZ" check --notify --dry-run >"$OUT" 2>&1
  same "where all is well" "would send nothing" "$(cat "$OUT")"
}

storm() {
  new_root storm
  for n in 1 2 3 4 5 6; do "$BZ" run "j$n" --every 1d -- false; done
  notify
  same "issues" 1 "$(ask issues | wc -l)"
  grep '^told: ' "$OUT" >"$WORK/told"
  has "said on the screen" "forge #1" "$WORK/told"
  "$BZ" status j3 >"$OUT" 2>&1
  has "of each member" "told          forge #1; local" "$OUT"
  new_root storm_quiet
  for n in 1 2 3 4 5 6; do "$BZ" run "j$n" --every 1d -- false; done
  "$BZ" check --notify --quiet >"$OUT" 2>"$ERR"
  has "the storm is first" "opened    P1 testhost storm: 6 jobs went bad at once (" \
    "$OUT"
  same "lines" 7 "$(wc -l <"$OUT")"
  same "lines that say whom it told" 7 "$(grep -c "(.*forge #.*)$" "$OUT")"
}

drill_first() {
  new_root drill
  rm -r "$HB"
  "$BZ" drill --every 1s >"$OUT" 2>&1
  same "status" 0 $?
  has "proven" "alarm path proven" "$OUT"
  same "open issues" 0 "$(ask open)"
}

# What is there is no file, or one that may not be written.
no_state() {
  silent_job none
  rm -f "$ROOT/state.db"*
  : >"$LOG"
  mkdir "$ROOT/state.db"
  notify
  same "exit" 1 "$status"
  same "open" 1 "$(ask open)"
  has "told locally" "silent@testhost" "$LOG"
  has "it is said" state-unusable "$OUT"
  later 900 notify
  same "issues after the second" 1 "$(ask issues | grep -c 'silent@testhost')"
  "$BZ" pause silent --reason x >"$OUT" 2>"$ERR"
  same "a promise that cannot be kept" 2 $?
  same "one line" 1 "$(wc -l <"$ERR")"
  "$BZ" alerts >"$OUT" 2>"$ERR"
  same "alerts" 2 $?
  has "and why" "state.db: a link or no regular file" "$ERR"
  same "nothing else" "" "$(cat "$OUT")"
  rmdir "$ROOT/state.db"
  later 1800 notify
  same "issues when it is back" 1 "$(ask issues | grep -c 'silent@testhost')"
}

it "a dry run says what would be sent, and changes nothing" rehearsal
it "of a storm's members is said whom it told" storm
it "a drill may come before the first job" drill_first
it "32: four checkers at once make one issue" at_once
it "33: a stopped checker holds delivery up, and the next says so" \
  stopped_holder
it "57: no secret is in any output, log, file or request" no_secret_leaves
it "57: nor in the issue that shows a job's output" no_secret_in_an_issue
it "62: a state without its head is set aside and rebuilt" damaged_head
it "62: a state with a broken page is set aside and rebuilt" damaged_page
it "62: a deleted state makes no second issue" deleted_state
it "62: a deleted state leaves no issue of a job that is well" deleted_and_well
it "62: a state without its log is read" without_wal
it "62: the state of a newer version is left alone" newer_state
it "62: a state that cannot be opened costs no alarm" no_state
finish
