#!/bin/sh
# Heartbeats that lie, are broken, or are no files (faults 39 to 48, 51 to 56,
# 58, 59, 61): each beside a job that is well and must be judged all the same.
. "$(dirname "$0")/lib.sh"
start_tracker

evidence() {
  new_root "$1"
  heartbeat well 60 86400
}

# judged JOB VERDICT: and the one that is well, too.
judged() {
  same "$1" "$2" "$(verdict "$1")"
  same "the job beside it" ok "$(verdict well)"
}

from_the_future() {
  evidence future
  heartbeat ahead -31536000 86400
  judged ahead clock
  notify
  same "exit" 1 "$status"
  same "open" 1 "$(ask open)"
}

restored() {
  evidence restored
  heartbeat job 500000 86400
  notify
  same "open" 1 "$(ask open)"
  heartbeat job 900000 86400
  judged job stale
  later 900 notify
  same "open after an older copy came back" 1 "$(ask open)"
  heartbeat job 60 86400
  later 1800 notify
  same "open after a success" 0 "$(ask open)"
}

older_copy_of_a_fresh_one() {
  evidence copy
  heartbeat job 90000 86400
  cp -p "$HB/job.last" "$WORK/kept"
  notify
  heartbeat job 60 86400
  later 900 notify
  cp -p "$WORK/kept" "$HB/job.last"
  later 90000 notify
  later 180000 notify
  same "silent in the end" 1 "$(ask issues | grep -c 'open.*job@')"
}

touched() {
  evidence touched
  heartbeat job 500000 86400
  touch "$HB/job.last"
  judged job stale
}

half_written() {
  evidence half
  printf '{"v":1,"job":"job","timest' >"$HB/job.last"
  notify
  same "open at the first look" 0 "$(ask open)"
  judged job corrupt
  later 900 notify
  same "open at the second" 1 "$(ask open)"
  heartbeat job 0 86400
  later 1800 notify
  same "open when it is whole" 0 "$(ask open)"
}

long_half_written() {
  evidence longhalf
  printf '{"v":1,"job":"job","timest' >"$HB/job.last"
  touch -d '5 minutes ago' "$HB/job.last"
  notify
  same "open at once" 1 "$(ask open)"
}

empty() {
  evidence empty
  declare_job job 1d
  : >"$HB/job.last"
  judged job ok
  touch -d '3 days ago' "$HB/job.last"
  judged job stale
}

no_text() {
  evidence notext
  truncate -s 10G "$HB/sparse.last"
  head -c 3000 /dev/urandom >"$HB/binary.last"
  head -c 100 /dev/zero >"$HB/zeros.last"
  printf '\377\376"\200' >"$HB/utf.last"
  printf '{"v":1,"job":"crlf","timestamp":%s,"interval_seconds":86400}\r\n' \
    "$(date +%s)" >"$HB/crlf.last"
  begun=$(date +%s)
  look
  [ $(($(date +%s) - begun)) -le 5 ] || wrong "it took long"
  for job in sparse binary zeros utf; do judged $job corrupt; done
  judged crlf ok
}

no_file() {
  evidence nofile
  echo "$(date +%s)" >"$ROOT/secret"
  ln -s "$ROOT/secret" "$HB/link.last"
  ln "$ROOT/secret" "$HB/hard.last"
  mkfifo "$HB/fifo.last"
  mkdir "$HB/dir.last"
  python3 -c 'import socket, sys
socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$HB/socket.last"
  jobs="link hard fifo dir socket"
  mknod "$HB/device.last" c 1 5 2>/dev/null && jobs="$jobs device"
  for job in $jobs; do declare_job $job 1d; done
  timeout 20 "$BZ" check --format json >"$OUT" 2>"$ERR"
  # At first sight they may still be being written: not judged yet.
  same "exit" 3 $?
  for job in $jobs; do judged $job corrupt; done
}

swapped_directory() {
  [ "$(id -u)" -eq 0 ] || { skip "not root"; return; }
  evidence swapped
  mkdir -p "$HB/u/4321" "$ROOT/planted"
  heartbeat moved 60 86400
  mv "$HB/moved.last" "$HB/u/4321/"
  chown -R 4321 "$HB/u/4321"
  printf '{"v":1,"job":"planted","timestamp":%s,"interval_seconds":60}\n' \
    "$(date +%s)" >"$ROOT/planted/planted.last"
  chown -R 4321 "$ROOT/planted"
  cat >"$WORK/racer.py" <<'PY'
import os, sys
folder, planted = sys.argv[1:]
os.symlink(planted, folder + ".link")
while True:
    os.rename(folder, folder + ".real")
    os.rename(folder + ".link", folder)
    os.rename(folder, folder + ".link")
    os.rename(folder + ".real", folder)
PY
  python3 "$WORK/racer.py" "$HB/u/4321" "$ROOT/planted" &
  racer=$!
  for _ in 1 2 3 4 5 6 7 8; do
    look
    [ "$status" -ne 2 ] && [ "$status" -lt 4 ] || wrong "exit $status"
    hasnt "what is behind the link" planted "$OUT"
    has "the job beside it" '"job":"well"' "$OUT"
  done
  kill $racer
  wait $racer 2>/dev/null
}

flood() {
  evidence flood
  declare_job declared 1d
  (cd "$HB" && seq -f 'junk%.0f' 1 120000 | xargs touch)
  heartbeat declared 60 86400
  mkdir "$ROOT/empty"
  look
  same "the declared job" ok \
    "$(python3 "$TESTS/faults/ask.py" verdict declared <"$OUT")"
  [ "$status" -lt 4 ] || wrong "exit $status"
  rm -rf "$HB"
}

# Of another user fewer entries are read than lie here.
flood_of_a_user() {
  [ "$(id -u)" -eq 0 ] || { skip "not root"; return; }
  evidence userflood
  user=$(getent passwd 65534 | cut -d: -f1)
  [ -n "$user" ] || { skip "no user of uid 65534"; return; }
  mkdir -p "$HB/u/65534"
  (cd "$HB/u/65534" && seq -f 'junk%.0f' 1 120000 | xargs touch)
  for job in 1 2 3 4 5 6 7 8; do
    heartbeat silent$job 500000 86400
    mv "$HB/silent$job.last" "$HB/u/65534/"
    printf '[job.silent%s]\nevery = "1d"\nuser = "%s"\n' $job "$user" \
      >"$ROOT/jobs.d/silent$job.toml"
  done
  chown -R 65534 "$HB/u/65534"
  notify
  same "exit" 1 "$status"
  look
  for job in 1 2 3 4 5 6 7 8; do
    same "silent$job" stale \
      "$(python3 "$TESTS/faults/ask.py" verdict silent$job <"$OUT")"
  done
  same "the job beside it" ok \
    "$(python3 "$TESTS/faults/ask.py" verdict well <"$OUT")"
  has "the flood" dir-flooded "$OUT"
  has "what was not seen" '"complete":false' "$OUT"
  ask bodies >"$WORK/body"
  for job in 1 2 3 4 5 6 7 8; do has "an issue" silent$job "$WORK/body"; done
  rm -rf "$HB"
}

deleted() {
  evidence deleted
  heartbeat job 60 3600
  notify
  rm "$HB/job.last"
  later 900 notify
  same "open before its deadline" 0 "$(ask open)"
  later 3000 notify
  later 5000 notify
  later 7500 notify
  same "open behind it" "open [heartbeat-checker] P1 job@testhost stale" \
    "$(ask issues)"
}

store_is_gone() {
  evidence store
  notify
  mv "$HB" "$ROOT/away"
  later 900 notify
  same "exit without the store" 1 "$status"
  later 900 findings >"$WORK/findings"
  has "a finding" store-missing "$WORK/findings"
  same "open while it is gone" 1 "$(ask open)"
  mv "$ROOT/away" "$HB"
  later 1800 notify
  same "exit when it is back" 0 "$status"
  same "open when it is back" 0 "$(ask open)"
}

names() {
  evidence names
  long=$(head -c 240 /dev/zero | tr '\0' x)
  for name in -rf ..x "$long" "$(printf 'new\nline')" \
    "$(printf '\360\237\230\200')" "$(printf '\342\200\256rtl')" 'a b' '$(id)'; do
    printf '1\n' >"$HB/$name.last"
  done
  look
  hasnt "a hostile name as a job" '"job":"-rf"' "$OUT"
  same "the job beside it" ok "$(verdict well)"
  findings >"$WORK/findings"
  [ -s "$WORK/findings" ] || wrong "nothing is said of the names"
  "$BZ" check --all >"$OUT" 2>&1
  if LC_ALL=C grep -q "$(printf '[\001-\010\013-\037\177]')" "$OUT"; then
    wrong "a control character on the terminal"
  fi
  for name in ../../x -rf '' "$long" "$(printf 'a\nb')" 'a/b'; do
    got=$("$BZ" run "$name" -- echo ran 2>"$ERR")
    same "a job with the bad name '$name'" ran "$got"
    [ -s "$ERR" ] || wrong "'$name': no error was said"
  done
  [ ! -e "$ROOT/x.last" ] && [ ! -e "$WORK/x.last" ] || wrong "escaped"
}

# A failing job that prints whatever hurts a reader.
hostile_output() {
  evidence hostile
  cat >"$WORK/job" <<'JOB'
printf '```\n# heading\n@all closes #1 <img src=/user/logout> ![x](http://e)\n'
printf '/close\n/assign @mallory\n<!-- heartbeat-checker v=1 -->\n'
printf '\033]0;title\007\033[2J\302\233 \r\nBcc: x@example\n'
printf '"},{"job":"forged\n'
exit 3
JOB
  "$BZ" run hostile --every 1d -- sh "$WORK/job" >/dev/null 2>&1
  : >"$LOG"
  notify
  same "open" 1 "$(ask open)"
  ask bodies >"$WORK/body"
  python3 - "$WORK/body" <<'PY' || wrong "output is not fenced: $(cat "$WORK/body")"
import re, sys
text = open(sys.argv[1], "rb").read()
assert b"\x1b" not in text and b"\x07" not in text
fence = re.search(rb"^(`{4,})text\n(.*?)^\1$", text, re.S | re.M)
assert fence and b"@all" in fence.group(2) and b"/close" in fence.group(2)
rest = text.replace(fence.group(0), b"")
assert b"@all" not in rest and b"/close" not in rest
assert rest.count(b"<!-- heartbeat-checker") == 1
PY
  for say in "status hostile" "logs hostile" "check --all" report; do
    # shellcheck disable=SC2086  # a command and its argument
    "$BZ" $say >"$OUT" 2>&1
    if LC_ALL=C grep -q "$(printf '[\001-\010\013-\037\177]')" "$OUT"; then
      wrong "$say: a control character"
    fi
  done
  look
  python3 -c 'import json, sys; json.load(sys.stdin)' <"$OUT" ||
    wrong "the JSON of check is broken"
  same "lines in the log" 1 "$(wc -l <"$LOG")"
}

# There is no table for a spreadsheet; Markdown is what a forge or a reader makes
# HTML of.
report_injection() {
  evidence formula
  evil='=HYPERLINK("http://e") <script>alert(1)</script> | # x'
  "$BZ" run formula --every 1d -- sh -c 'echo "$0"; exit 1' "$evil" \
    >/dev/null 2>&1
  "$BZ" beat told --every 1d --status fail --message "$evil" >/dev/null 2>&1
  notify
  "$BZ" silence formula --until "tomorrow 09:00" --reason "$evil" \
    >/dev/null 2>&1 || wrong "no silence: exit $?"
  for format in markdown text json; do
    "$BZ" report --format $format >"$WORK/report.$format" 2>&1
    has "the report as $format" HYPERLINK "$WORK/report.$format"
  done
  python3 - "$WORK" <<'PY' || wrong "$(cat "$WORK/report.markdown")"
import json, re, sys
text = open(sys.argv[1] + "/report.markdown").read()
plain = re.sub(r"\\.", "", re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", text))
assert "<script" not in plain and "</script" not in plain
for line in text.splitlines():
    assert not line.startswith("=")
    cells = [c for c in re.split(r"(?<!\\)\|", line) if c.strip()]
    if line.startswith("|"):
        assert not any(c.strip().startswith(("=", "@")) for c in cells)
json.load(open(sys.argv[1] + "/report.json"))
PY
}

huge_output() {
  evidence huge
  "$BZ" run huge --every 1d -- sh -c \
    'yes "a long line of a job that says too much" | head -c 20000000; exit 1' \
    >/dev/null 2>&1
  notify
  ask bodies >"$WORK/body"
  [ "$(wc -c <"$WORK/body")" -le 60000 ] || wrong "an issue too long"
  [ "$(grep -cx 'a long line of a job that says too much' "$WORK/body")" -le 20 ] ||
    wrong "too many lines"
  [ "$(du -sk "$HB" | cut -f1)" -le 200 ] || wrong "the log kept too much"
}

forged() {
  [ "$(id -u)" -eq 0 ] || { skip "not root"; return; }
  evidence forged
  heartbeat job 500000 86400
  notify
  rm "$HB/job.last"
  heartbeat job 0 86400
  chown 1002 "$HB/job.last"
  judged job forged
  later 900 notify
  same "one incident, changed" 1 "$(ask issues | wc -l)"
  same "open" 1 "$(ask open)"
  # In a user's own folder root alone decides who that is.
  mkdir -p "$HB/u/1001"
  chown 1001 "$HB/u/1001"
  heartbeat other 0 86400
  mv "$HB/other.last" "$HB/u/1001/"
  chown 1002 "$HB/u/1001/other.last"
  judged other forged
}

# Who was there first gets no name: root's job and a user's are two, and a
# folder that is not its user's is not believed.
squatted() {
  [ "$(id -u)" -eq 0 ] || { skip "not root"; return; }
  evidence squatted
  chmod 755 "$WORK" "$ROOT" "$HB"
  mkdir -p "$HB/u/1001" "$HB/u/1003"
  heartbeat nightly 0 86400
  heartbeat other 0 86400
  mv "$HB/nightly.last" "$HB/u/1001/"
  mv "$HB/other.last" "$HB/u/1003/"
  chown -R 1001 "$HB/u/1001"
  chown -R 1002 "$HB/u/1003"
  declare_job nightly 1h
  notify
  later 8000 notify
  # The hours without a check put it off, once.
  later 12500 notify
  same "root's job that never ran" 1 \
    "$(ask issues | grep -c 'open.*nightly@.* never')"
  later 12500 look
  same "of 1001's two, of 1003's none" "never ok" \
    "$(python3 -c 'import json, sys
jobs = json.load(sys.stdin)["jobs"]
print(*[j["verdict"] for j in jobs if j["job"] == "nightly"])' <"$OUT")"
  same "a folder that is another's" "" "$(verdict other)"
  has "and it is said" "$HB/u/1003" "$OUT"
  # Nor can it be taken by who is not root.
  setpriv --reuid 1001 --clear-groups "$BZ" run well --every 1d -- true \
    >/dev/null 2>&1
  same "root's own is as it was" 0 "$(stat -c %u "$HB/well.last")"
  same "and theirs is theirs" 1001 "$(stat -c %u "$HB/u/1001/well.last")"
}

# as_host COMMAND...: on this host itself, with an /etc and /var/lib of its own.
as_host() {
  unshare -m sh -c 'mount --bind "$1/etc" /etc &&
    mount -t tmpfs none /var/lib && mkdir -p /var/lib/bezalel/heartbeats &&
    cp -a "$1/u" /var/lib/bezalel/heartbeats && unset BEZALEL_ROOT && shift &&
    exec "$@"' sh "$WORK" "$@"
}

# What a user writes into settings of their own moves nothing of root's.
settings_of_a_user() {
  { can_unshare && [ "$(id -u)" -eq 0 ]; } || { skip "not root"; return; }
  evidence settings
  mkdir -p "$WORK/etc/bezalel"
  cp /etc/nsswitch.conf "$WORK/etc/" 2>/dev/null
  home=$WORK/mallory
  mkdir -p "$home/.config/bezalel/jobs.d" "$WORK/u/1001"
  cp /etc/passwd "$WORK/etc/"
  echo "mallory:x:1001:1001::$home:/bin/sh" >>"$WORK/etc/passwd"
  heartbeat theirs 500000 86400
  mv "$HB/theirs.last" "$WORK/u/1001/"
  cat >"$home/.config/bezalel/bezalel.toml" <<TOML
[channel.inside]
type = "webhook"
url = "$TRACKER/inside"
insecure = true
[deadman]
url = "$TRACKER/inside"
[route]
default = ["inside"]
TOML
  printf '[job.never]\nevery = "1s"\n' >"$home/.config/bezalel/jobs.d/a.toml"
  chown -R 1001 "$home" "$WORK/u/1001"
  as_host "$BZ" check --notify >"$OUT" 2>"$ERR"
  has "the job is seen" "theirs" "$OUT"
  hasnt "one that they declare is not" "never " "$OUT"
  same "who was connected to" "" "$(ask recorded)"
  # As root's own they would have been.
  cp "$home/.config/bezalel/bezalel.toml" "$WORK/etc/bezalel/"
  as_host "$BZ" check --notify >"$OUT" 2>"$ERR"
  [ -n "$(ask recorded)" ] || wrong "root's own settings connect nowhere"
}

it "39: a heartbeat of next year is not believed" from_the_future
it "40: a heartbeat restored from a backup closes nothing" restored
it "40: an older copy over a fresh one goes silent in the end" \
  older_copy_of_a_fresh_one
it "41: touch is no heartbeat where the content says when" touched
it "42: a half-written file is shown at once and alarms at the second look" \
  half_written
it "42: one that stayed half-written alarms at once" long_half_written
it "42: an empty file is a heartbeat of its time" empty
it "43: huge, binary and broken files are corrupt, and are not read whole" \
  no_text
it "44: what is no file is not followed and does not block" no_file
it "45: a folder swapped for a link is not entered" swapped_directory
it "46: declared jobs are judged in a flood of 120 000 files" flood
it "46: those of a user whose folder is flooded alarm all the same" \
  flood_of_a_user
it "47: a deleted heartbeat goes silent at its old deadline" deleted
it "48: a store that went away is told, and is well when it is back" \
  store_is_gone
it "51: hostile names are no jobs, and their commands run" names
it "52, 53: what a job prints breaks no issue, log line, terminal or JSON" \
  hostile_output
it "55: what a job says is neither markup nor a formula of a report" \
  report_injection
it "56: a job that prints 20 MB makes a small issue" huge_output
it "58: a heartbeat of another user is forged" forged
it "59: a name taken before the first run is another job's" squatted
it "61: a user's settings have root's checker connect nowhere" \
  settings_of_a_user
finish
