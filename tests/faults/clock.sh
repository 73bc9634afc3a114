#!/bin/sh
# Clocks that step, swing, or start in 1970 (faults 34 to 36, 38).
. "$(dirname "$0")/lib.sh"
start_tracker

# clocks WALL BOOT COMMAND...: both relative to the real ones.
clocks() {
  wall=$1
  boot=$2
  shift 2
  BEZALEL_TEST_NOW=$wall BEZALEL_TEST_BOOT=$boot "$@"
}

# One job that is well and one that is silent, with records as `run` leaves
# them: they hold the boot clock.
two_jobs() {
  new_root "$1"
  "$BZ" run well --every 1d -- true
  clocks -500000 -500000 "$BZ" run silent --every 1d -- true
  # A boot clock cannot have been there before its boot.
  python3 - "$HB/silent.last" <<'PY'
import json, sys
beat = json.load(open(sys.argv[1]))
beat["boottime"], beat["boot_id"] = 1.0, "another"
json.dump(beat, open(sys.argv[1], "w"))
PY
  rm -f "$HB"/runs-*
  notify
  same "open before" 1 "$(ask open)"
}

unmoved() {
  same "open: $1" 1 "$(ask open)"
  same "made: $1" 1 "$(ask issues | wc -l)"
}

step_forward() {
  two_jobs forward
  clocks +864900 +900 notify
  unmoved "ten days ahead"
  has "the step is told" "clock" "$OUT"
  clocks +865800 +1800 notify
  unmoved "a cycle later"
  clocks +2700 +2700 notify
  unmoved "set back again"
}

step_back() {
  two_jobs back
  clocks -863100 +900 notify
  unmoved "ten days back"
  clocks -862200 +1800 notify
  unmoved "a cycle later"
}

# Silence counts by the boot clock, whatever the wall clock says.
step_hides_no_silence() {
  new_root hides
  "$BZ" run job --every 1h -- true
  notify
  for k in 1 2 3 4 5 6 7 8; do
    clocks -$((864000 - k * 900)) +$((k * 900)) notify
    [ $k -ge 8 ] || same "open after $((k * 900)) s" 0 "$(ask open)"
  done
  clocks -855900 +8100 notify
  same "open after two hours" 1 "$(ask open)"
}

swing() {
  two_jobs swing
  sign=+
  for k in 1 2 3 4 5 6 7 8 9 10; do
    [ $sign = + ] && sign=- || sign=+
    clocks +$((k * 900 ${sign} 300)) +$((k * 900)) notify
    unmoved "swing $k"
  done
}

of_1970() {
  two_jobs dawn
  BEZALEL_TEST_NOW=4000 BEZALEL_TEST_BOOT=30 BEZALEL_TEST_BOOT_ID=other \
    notify
  same "job issues" 1 "$(ask issues | grep -c '@testhost \(stale\|clock\|never\)')"
  BEZALEL_TEST_NOW=4000 BEZALEL_TEST_BOOT=30 BEZALEL_TEST_BOOT_ID=other \
    findings >"$WORK/findings"
  has "the clock is a finding" clock-untrusted "$WORK/findings"
  BEZALEL_TEST_NOW=+900 BEZALEL_TEST_BOOT=900 BEZALEL_TEST_BOOT_ID=other \
    notify
  BEZALEL_TEST_NOW=+1800 BEZALEL_TEST_BOOT=1800 BEZALEL_TEST_BOOT_ID=other \
    notify
  same "jobs that are open when the clock is right" 1 \
    "$(ask issues | grep '^open' | grep -c '@testhost stale')"
  same "issues of the clock that are open" 0 \
    "$(ask issues | grep '^open' | grep -c 'clock')"
}

# 12 hours asleep: the boot clock counts on, nobody checked.
asleep() {
  new_root asleep
  "$BZ" run job --every 1h -- true
  notify
  later 43200 notify
  same "issues of the job at once" 0 "$(ask issues | grep -c 'job@')"
  has "the gap is told" "nobody checked" "$OUT"
  later 44100 notify
  same "issues of the job a cycle later" 0 "$(ask issues | grep -c 'job@')"
  for k in 1 2 3 4 5 6; do later $((44100 + k * 1200)) notify; done
  same "open when its next hour went by too" 1 \
    "$(ask issues | grep -c 'open.*job@')"
}

it "34: a wall clock set ten days ahead opens and closes nothing" step_forward
it "34: nor does one set ten days back" step_back
it "34: a clock set back hides no silence" step_hides_no_silence
it "35: a clock that swings by five minutes opens and closes nothing" swing
it "36: a clock of 1970 is one finding, not an alarm for every job" of_1970
it "38: 12 hours asleep are one gap, and jobs get their next turn" asleep
finish
