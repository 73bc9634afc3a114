#!/bin/sh
# What is wrong with a line is said in one line, on stderr, with exit status 2;
# nothing is printed or written besides.
. "$(dirname "$0")/../faults/lib.sh"
unset TRACKER

# refused EXPECTED WORD...: the whole of what is said begins with EXPECTED.
refused() {
  expected=$1
  shift
  "$BZ" "$@" >"$OUT" 2>"$ERR" </dev/null
  same "status of $*" 2 $?
  same "output of $*" "" "$(cat "$OUT")"
  same "lines of $*" 1 "$(wc -l <"$ERR")"
  case $(cat "$ERR") in
    "bezalel: $expected"*) ;;
    *) wrong "$*: expected 'bezalel: $expected', got '$(cat "$ERR")'" ;;
  esac
}

unknown_jobs() {
  new_root unknown
  heartbeat well 5 86400
  notify
  for words in "status nope" "logs nope" "ack nope" "pause nope" \
    "resume nope" "retire nope" "silence nope --until 2h --reason x"; do
    # shellcheck disable=SC2086  # words
    refused "nope: no such job; expected one of \`bezalel --root $ROOT status\`" $words
  done
  refused "well: has no open incident" ack well
  refused "well: is not paused" resume well
  refused "nope: no such channel" channel test nope
  refused "nope: no such job" check --job nope
  "$BZ" retire well --reason moved >"$OUT" 2>"$ERR" ||
    wrong "a job is not retired: $(cat "$ERR")"
  refused "well: retired " status well
  has "why it was retired is told" "(moved); it is back as soon as" "$ERR"
  # One that is gone does not answer for those that are there.
  for job in true-89b0 true-b874 true-0aaa; do
    "$BZ" run $job --every 1d -- true
  done
  notify
  "$BZ" retire true-0aaa >"$OUT" 2>"$ERR" ||
    wrong "a job is not retired: $(cat "$ERR")"
  for command in status logs; do
    refused "true: more than one job has that name; expected one of" \
      $command true
  done
  refused "true-0aaa: retired " status true-0aaa
}

names_of_findings() {
  new_root findings
  heartbeat well 5 86400
  for name in a b; do
    mkdir -p "$ROOT/jobs.d"
    printf '[job.%s]\nevery = "1 dya"\n' $name >"$ROOT/jobs.d/$name.toml"
  done
  notify
  "$BZ" silence "settings-invalid:$ROOT/jobs.d/a.toml" --until 2h \
    --reason x >"$OUT" 2>"$ERR"
  same "status of silence" 0 $?
  "$BZ" silence >"$OUT"
  has "it is listed" ". settings-invalid:$ROOT/jobs.d/a.toml" "$OUT"
  "$BZ" check >"$OUT"
  same "status with the other one" 1 $?
  has "it is counted" "1 finding silenced" "$OUT"
  "$BZ" silence settings-invalid --until 2h --reason x >"$OUT" 2>"$ERR"
  same "status of the silence of all" 0 $?
  "$BZ" check >"$OUT"
  has "both are" "2 findings silenced" "$OUT"
  "$BZ" silence settings-invalid --end >"$OUT" 2>"$ERR"
  same "status of its end" 0 $?
  refused "settings-invalid: not silenced" silence settings-invalid --end
  refused "no-such:x: no such job" silence no-such:x --end
  refused "no-such:x: no such job" ack no-such:x
  "$BZ" ack "settings-invalid:$ROOT/jobs.d/b.toml" >"$OUT" 2>"$ERR"
  same "status of ack" 0 $?
  "$BZ" alerts >"$OUT"
  same "seen" 1 "$(grep -c "; acked" "$OUT")"
}

typos_of_demands() {
  new_root typos
  "$BZ" run j --every 1d --expect-output '(' --timeout abc -- true 2>/dev/null
  "$BZ" run well --every 1d --expect-output . -- echo x >/dev/null
  notify
  "$BZ" check >"$OUT" 2>"$ERR"
  has "a demand that nobody understands is told" "option-invalid" "$OUT"
  has "the demand is named" '--expect-output' "$OUT"
  has "and the other one" '--timeout' "$OUT"
  [ "$(grep -c option-invalid "$OUT")" -eq 1 ] || wrong "a good one is told, too"
  "$BZ" run j --every 1d --expect-output x -- echo x >/dev/null
  "$BZ" check >"$OUT" 2>"$ERR"
  hasnt "nothing is told once it is right" "option-invalid" "$OUT"
  BEZALEL_ROOT=$ROOT "$TREE/bin/bezalel-sh" -c 'true # bezalel: job=c every=1d evry=2d' 2>/dev/null
  "$BZ" check >"$OUT" 2>"$ERR"
  has "nor a comment" 'evry' "$OUT"
}

wrong_words() {
  new_root words
  heartbeat well 5 86400
  refused "\"frob\": unknown command" frob
  refused "status: \"--frob\": unknown option" status --frob
  refused "status: \"b\": one word too many" status a b
  refused "logs: JOB is required" logs
  refused "check: --format: \"xml\": expected text, json" check --format xml
  refused "logs: -n: \"0\": expected 1 to 100" logs well -n 0
  refused "next: -n: \"-1\": expected 1 to 100000" next --cron @daily -n -1
  refused "next: --count: \"0\": expected 1" next --cron @daily --count 0
  refused "report: --merge: \"--format\": an option; expected FILE" \
    report --merge --format json "$HB/well.last"
  refused "check: --dry-run excludes --format" \
    check --notify --dry-run --format json
  refused "check: --quiet excludes --dry-run" check --notify --dry-run --quiet
  refused "report: --style: \"noon\": expected nightly or morning" \
    report --style noon
  refused "report: --merge: expected a value" report --merge
  refused "report: --section excludes --merge" \
    report --merge "$HB/well.last" --section panel
  refused "report: --send sends Markdown; expected no --format json" \
    report --send --format json
  refused "run: no job; expected bezalel run JOB" run
  refused "report: --send sends the whole report; expected no --section" \
    report --send --section panel
  refused "--since: \"1 dya\": unknown unit" report --since '1 dya'
  refused '--since: "100000y": is before 1970; expected less' \
    report --since 100000y
  refused "report: JSON has every section; expected no --section" \
    report --section panel --format json
  refused "--until: \"soon\": not a time; expected" silence well --until soon --reason x
  refused "next: minute \"61\": out of range; expected 0-59" \
    next --cron '61 * * * *'
  refused "next: --cron: \"\": expected a value" next --cron ''
  refused "explain: column 1: minute \"61\": out of range; expected 0-59" \
    explain '61 * * * *'
  refused "--every: \"x\": not a number; expected" drill --every x
  refused "--until: \"2020-01-01\": lies in the past; expected" \
    silence well --until 2020-01-01 --reason x
  refused "check: --dry-run requires --notify" check --dry-run
  refused "\"\": no such job" pause ''
  refused "init: --ntfy: \"\": expected a value" init --ntfy ''
  refused "init: http://x: expected smtp://SERVER" \
    init --mail http://x ops@example
  refused "--root $WORK/none: No such file or directory" \
    --root "$WORK/none" check
  refused "--root $HB/well.last: expected a directory" \
    --root "$HB/well.last" check
}

silences() {
  new_root silences
  heartbeat well 5 86400
  "$BZ" silence >"$OUT" 2>"$ERR"
  same "status" 0 $?
  has "none" "nothing is silenced" "$OUT"
  "$BZ" silence well --until 2h --reason disks >/dev/null
  "$BZ" silence >"$OUT" 2>"$ERR"
  has "one" "1 silence" "$OUT"
  has "of what, by whom, why" "by $(id -un): disks" "$OUT"
  refused "silence: expected JOB or --host" silence --end
}

nothing_left() {
  new_root left
  heartbeat well 5 86400
  refused "$WORK/no/dir/out: " check -o "$WORK/no/dir/out"
  mkfifo "$WORK/fifo"
  ln -s /dev/null "$WORK/null"
  for file in "$WORK" "$WORK/fifo" "$WORK/null"; do
    refused "-o $file: expected a regular file" check -o "$file"
  done
  [ -p "$WORK/fifo" ] && [ -L "$WORK/null" ] || wrong "replaced"
  rm "$ROOT/bezalel.toml"
  before=$(find "$ROOT" | sort)
  refused "$WORK/no-token: No such file" init --gitea "https://forge.example" \
    ops/alerts --token-file "$WORK/no-token"
  same "init made nothing" "$before" "$(find "$ROOT" | sort)"
  ln -s /nonexistent "$ROOT/bezalel.toml"
  refused "$ROOT/bezalel.toml: a link to /nonexistent that leads nowhere" init
  rm "$ROOT/bezalel.toml"
  mkdir "$ROOT/bezalel.toml"
  refused "$ROOT/bezalel.toml: a directory; expected a file" init
  rmdir "$ROOT/bezalel.toml"
  same "nor then" "$before" "$(find "$ROOT" | sort)"
  "$BZ" report --merge "$WORK/nothing.json" >"$OUT" 2>"$ERR"
  same "a merge of nothing" 2 $?
  has "its page" "No host could be seen." "$OUT"
  has "names the file" "- $WORK/nothing.json: No such file" "$OUT"
  same "one line" 1 "$(wc -l <"$ERR")"
  "$BZ" check --format json >"$WORK/good.json"
  "$BZ" report --merge "$WORK/good.json" "$WORK/nothing.json" >"$OUT" 2>"$ERR"
  same "a merge of one and nothing" 3 $?
  has "the good one" "| + | testhost |" "$OUT"
  has "names the other" "- $WORK/nothing.json: No such file" "$OUT"
  sed 's/"as_of":"[^"]*"/"as_of":"2026-01-02T03:04:05Z"/' "$WORK/good.json" \
    >"$WORK/old.json"
  "$BZ" report --merge "$WORK/old.json" >"$OUT" 2>"$ERR"
  same "a merge of a host that no longer reports" 3 $?
  has "needs somebody" "| - | testhost |" "$OUT"
  has "was seen then" " ago, 2026-01-02T03:04:05Z" "$ERR"
  "$BZ" report --merge "$WORK/old.json" "$WORK/good.json" >"$OUT" 2>"$ERR"
  same "the newer of two counts" 0 $?
  has "and this is said" "testhost: given twice; $WORK/good.json counts" "$ERR"
}

# The command runs all the same; what was wrong is said, and found once.
wrong_schedules() {
  new_root schedules
  "$BZ" run zero --every 0s -- echo ran >"$OUT" 2>"$ERR"
  same "it runs" ran "$(cat "$OUT")"
  has "it is said" 'run: --every: "0s": no time; expected more' "$ERR"
  refused 'beat: --every: "0s": no time; expected more' beat zero2 --every 0s
  hasnt "recorded without that part" interval_seconds "$HB/zero2.last"
  "$BZ" run minute --cron '61 * * * *' -- true
  look
  same "found once" 1 "$(findings | grep -c schedule-invalid)"
  same "none is corrupt" "" "$(grep -o corrupt "$OUT")"
}

# Either style of a day is kept, and neither takes the other's place.
reports_of_a_day() {
  new_root reports
  "$BZ" run a --every 1h -- true
  "$BZ" check --notify >"$OUT" 2>&1
  "$BZ" report --send >"$OUT" 2>"$ERR" || fail "nightly: $(cat "$ERR")"
  "$BZ" report --send --style morning >"$OUT" 2>"$ERR" ||
    fail "morning: $(cat "$ERR")"
  has "says where" "sent      $BEZALEL_ROOT/reports/20" "$OUT"
  same "both" 2 "$(ls "$BEZALEL_ROOT"/reports/20??-??-??*.md | wc -l)"
  same "one of the morning" 1 "$(ls "$BEZALEL_ROOT"/reports/*-morning.md | wc -l)"
}

# A limit of no time would end the job before it began.
no_time() {
  new_root no_time
  for limit in --timeout --max; do
    "$BZ" run zero --every 1d "$limit" 0 -- echo ran >"$OUT" 2>"$ERR"
    same "$limit: it runs" 0 $?
    same "$limit: its output" ran "$(cat "$OUT")"
    has "it is said" "run: $limit: \"0\": no time; expected more" "$ERR"
  done
}

it "findings have names" names_of_findings
it "limits of no time" no_time
it "the reports of a day" reports_of_a_day
# What could never go stale is never well.
never_due() {
  new_root never
  cat >"$ROOT/jobs.d/odd.toml" <<TOML
[job.feb30]
cron = "0 0 30 2 *"

[job.past]
calendar = "2020-01-01 00:00"
TOML
  touch -d '400 days ago' "$ROOT/jobs.d/odd.toml"
  "$BZ" run told --cron '0 22-2 * * *' -- true
  look --all
  same "it is an alarm" 1 $status
  for job in feb30 past told; do
    same "$job" undeclared "$(verdict $job)"
  done
  "$BZ" check --all >"$OUT"
  has "the place" "- $ROOT/jobs.d/odd.toml:1" "$OUT"
  has "what is wrong" "feb30: 0 0 30 2 * (" "$OUT"
  has "of a run as well" "    0 22-2 * * * (" "$OUT"
  hasnt "whose name stands before it" "told: 0 22-2" "$OUT"
  has "one that was" "never matches again" "$OUT"
  sed -i 's/^calendar.*/manual = true/; s/30 2/28 2/' "$ROOT/jobs.d/odd.toml"
  rm "$HB"/*
  look --all
  same "none of them" "" "$(findings | grep schedule-invalid)"
}

# What is printed to be typed works as pasted, and asks for no less.
to_be_pasted() {
  new_root paste
  unset BEZALEL_ROOT
  export PATH="$TREE/bin:$PATH"
  "$BZ" --root "$ROOT" run y --every 1d --expect-output done -- echo nope \
    >/dev/null 2>&1
  "$BZ" --root "$ROOT" check >"$OUT"
  has "which demand" 'no line of output matches "done"' "$OUT"
  same "below that root" "next: bezalel --root $ROOT status y" \
    "$(tail -n 1 "$OUT")"
  next=$(tail -n 1 "$OUT" | sed 's/^next: //')
  $next >"$OUT"
  next=$(tail -n 1 "$OUT" | sed 's/^next: //')
  same "the demand is repeated" \
    "bezalel --root $ROOT run y --expect-output done -- echo nope" "$next"
  $next >/dev/null 2>&1
  same "it fails again" failed "$(BEZALEL_ROOT=$ROOT verdict y)"
  "$BZ" --root "$ROOT" run c --every 1d -- sh -c 'printf "C:\\temp\0\n"; exit 1' \
    >/dev/null 2>&1
  "$BZ" --root "$ROOT" check >"$OUT"
  has "escaped once" 'last output: "C:\temp\x00"' "$OUT"
  "$BZ" --root "$ROOT" logs c >"$OUT"
  has "in its log too" '| C:\temp\x00' "$OUT"
}

# A notice is read, and JSON is, where nobody knows how the check was called.
told_elsewhere() {
  new_root elsewhere
  cat >>"$ROOT/bezalel.toml" <<TOML
[channel.desk]
type = "exec"
argv = ["/bin/sh", "-c", "cat >>$ROOT/notices"]
TOML
  sed -i 's/^default = .*/default = ["forge", "desk"]/' \
    "$ROOT/bezalel.toml"
  "$BZ" run y --every 1d -- false 2>/dev/null
  notify
  same "how a notice says it" "" \
    "$(grep -o 'bezalel [a-z-]* [^ ]*' "$ROOT/notices" |
      grep -v "^bezalel --root $ROOT\$")"
  has "a notice" "bezalel --root $ROOT status y" "$ROOT/notices"
  later 86400 look
  has "a fix" "\"fix\":\"bezalel --root $ROOT channel test forge\"" "$OUT"
}

# Whoever ignores SIGCHLD has the kernel throw away how a program ended.
children_ignored() {
  new_root deaf
  cat >>"$ROOT/bezalel.toml" <<TOML
[channel.desk]
type = "exec"
argv = ["/bin/false"]
TOML
  sed -i 's/^default = .*/default = ["desk"]/' "$ROOT/bezalel.toml"
  "$BZ" run y --every 1d -- false 2>/dev/null
  (trap '' CHLD; exec "$BZ" check --notify) >"$OUT" 2>&1
  "$BZ" alerts >"$OUT"
  has "its notice" "desk: the program ended with 1; 1 waiting" "$OUT"
}

# What cannot be looked at is not a host without jobs, nor a table without any.
nothing_to_look_at() {
  mkdir -p "$WORK/empty"
  "$BZ" discover --sysroot "$WORK/empty" >"$OUT" 2>"$ERR"
  same "discover of an empty directory" 2 $?
  has "its why" "has no /etc; expected the root of a host" "$ERR"
  "$BZ" lint - --kind user <"$WORK" >"$OUT" 2>"$ERR"
  same "lint of what is no text" 2 $?
  has "its why" "standard input: Is a directory" "$ERR"
}

# The same name of two users.
two_of_one_name() {
  new_root twins
  mkdir -p "$HB/u/1"
  heartbeat twin 5 86400
  heartbeat alone 5 86400
  cp -p "$HB/twin.last" "$HB/u/1/"
  chown -R 1 "$HB/u/1" 2>/dev/null || { skip "not root"; return; }
  other=$(id -un 1)
  "$BZ" check --all >"$OUT"
  has "theirs" "+ $other/twin  " "$OUT"
  has "ours" "+ root/twin  " "$OUT"
  has "the only one" "+ alone  " "$OUT"
  "$BZ" pause "$other/twin" >"$OUT"
  same "as it is resumed" \
    "$other/twin: not judged until \`bezalel --root $ROOT resume $other/twin\`" \
    "$(cat "$OUT")"
  "$BZ" resume "$other/twin" >"$OUT"
  same "and it is" "$other/twin: judged again" "$(cat "$OUT")"
}

# An answer that cannot be given is said to be none; of --job, that job's alone.
answers() {
  new_root answers
  heartbeat well 5 86400
  for words in report "check --format json"; do
    # shellcheck disable=SC2086  # words
    "$BZ" $words >/dev/full 2>"$ERR"
    same "status of $words" 2 $?
    same "what $words says" \
      "bezalel: standard output: No space left on device; nothing was said" \
      "$(cat "$ERR")"
  done
  "$BZ" run other --cron '61 * * * *' -- true
  "$BZ" check >"$OUT"
  same "the other one is wrong" 1 $?
  "$BZ" check --job well >"$OUT"
  same "the one asked for is not" 0 $?
  hasnt "nor told of it" schedule-invalid "$OUT"
}

# Exit 2 is critical to who runs plugins, and without a line nobody knows why.
unknown_to_a_plugin() {
  new_root plugin
  heartbeat well 5 86400
  for words in "--job nope" --bogus "--root $WORK/none"; do
    # shellcheck disable=SC2086  # words
    "$BZ" check --format nagios $words >"$OUT" 2>"$ERR"
    same "status of $words" 3 $?
    same "lines of $words" 1 "$(grep -c '^BEZALEL UNKNOWN - ' "$OUT")"
  done
}

batch_of_next() {
  printf '%s\n' '{"cron":"@daily","frm":"2026-01-01T00:00:00Z"}' \
    '{"cron":""}' '{"cron":"@daily","from":"2026-01-01T00:00:00Z"}' |
    TZ=UTC "$BZ" next - >"$OUT" 2>&1
  has "a key with a typo" '{"error":"unknown key frm; did you mean from?"}' "$OUT"
  has "an empty expression" '{"error":"cron: is empty; expected' "$OUT"
  has "a good one" '{"next":["2026-01-02T00:00:00Z"]}' "$OUT"
}

# It is mended by the next check, not by whoever reads this.
broken_state() {
  new_root broken
  heartbeat well 5 86400
  echo rubbish >"$ROOT/state.db"
  "$BZ" doctor >"$OUT" 2>&1
  has "doctor" "the next check sets it aside" "$OUT"
  has "how" "do:  bezalel --root $ROOT check --notify" "$OUT"
  hasnt "no work by hand" "correct its owner" "$OUT"
}

it "what a plugin cannot say" unknown_to_a_plugin
it "a batch of schedules" batch_of_next
it "a state that is damaged" broken_state
it "schedules that make no sense" wrong_schedules
it "schedules that never match" never_due
it "commands to type and demands" to_be_pasted
it "commands that are read elsewhere" told_elsewhere
it "a caller that ignores its children" children_ignored
it "what cannot be looked at" nothing_to_look_at
it "two users of one name" two_of_one_name
it "answers that cannot be given, and of one job" answers
it "a job, incident or channel that is not there" unknown_jobs
it "demands with a typo" typos_of_demands
it "options, words, choices and values that are wrong" wrong_words
it "silence alone lists those in force" silences
it "files that cannot be written or read" nothing_left
finish
