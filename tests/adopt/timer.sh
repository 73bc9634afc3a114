#!/bin/sh
# A timer of a real `systemd --user` is adopted: every run of its service leaves
# a record, and release takes away all that adopting put there.
. "$(dirname "$0")/lib.sh"
[ -x /lib/systemd/systemd ] || part_is_missing "no systemd"
command -v dbus-daemon >/dev/null || part_is_missing "no dbus-daemon"

. "$(dirname "$0")/../user_manager.sh"
mkdir -p /run/systemd/system
start_user_manager || part_is_missing "systemd --user does not start here"
DROP_IN=$UNITS/backup.service.d/50-bezalel.conf
cat >"$UNITS/backup.service" <<'U'
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'exit "$(cat "$HOME/status")"'
U
printf '[Timer]\nOnCalendar=daily\n' >"$UNITS/backup.timer"
printf '[Timer]\nOnCalendar=weekly\nUnit=backup.service\n' >"$UNITS/other.timer"
systemctl --user daemon-reload
systemctl --user start backup.timer

# as one user: its own timers, its own record
mine() {
  expected=$1
  shift
  runs "$expected" --mine "$@"
}
logged() {
  find "$HOME" /var/lib/bezalel -name 'runs-*.jsonl' -exec cat {} + 2>/dev/null
}

mine 0 adopt --timer backup.timer --dry-run
says 'would adopt 1 timer; no unit file changes'
says "^+ExecStopPost=-+$BIN/bezalel beat backup.timer --unit\$"
says 'next: bezalel --mine adopt --timer backup.timer'
[ ! -e "$DROP_IN" ] || fail "--dry-run wrote the file"

mine 0 adopt --timer backup.timer
says 'adopted 1 timer'
cp "$DROP_IN" "$WORK/drop-in"
mine 0 adopt --timer backup.timer
says 'nothing to adopt: 1 timer is as it should be'
cmp -s "$DROP_IN" "$WORK/drop-in" || fail "adopting twice changed the file"
mine 0 adopt --timer backup.timer --print
cmp -s "$WORK/out" "$WORK/drop-in" || fail "--print: another text"

# Its runs, good and bad; systemd's own result of them is what it was.
echo 0 >"$HOME/status"
systemctl --user start backup.service || fail "the adopted job fails"
logged | grep '"job":"backup.timer"' | grep -q '"trigger":"unit"' ||
  fail "no record of a good run"
logged | grep -q '"outcome":"ok"' || fail "a good run is not ok"
echo 7 >"$HOME/status"
systemctl --user start backup.service 2>/dev/null && fail "a failure is hidden"
[ "$(systemctl --user show -P ExecMainStatus backup.service)" = 7 ] ||
  fail "another exit status"
logged | grep '"outcome":"fail"' | grep -q '"exit_code":7' ||
  fail "no record of a bad run"

# What goes wrong says so, and leaves everything as it is.
mine 2 adopt --timer other.timer
says 'is there for backup.timer, which starts the same service'
mine 2 adopt --timer none.timer
says 'none.timer: expected a timer that starts a service'
mine 2 adopt --timer 'x/../y.timer'
says 'expected the name of a timer, as backup.timer'
mine 2 adopt --timer backup.timer --all
cmp -s "$DROP_IN" "$WORK/drop-in" || fail "changed"

# The program gone: the job does not notice.
mount --bind /dev/null /usr/local/games/bin/bezalel
echo 0 >"$HOME/status"
systemctl --user start backup.service || fail "the job fails without bezalel"
umount /usr/local/games/bin/bezalel

mine 0 release --timer backup.timer --dry-run
says 'would release 1 timer'
[ -e "$DROP_IN" ] || fail "--dry-run removed the file"
mine 0 release --timer backup.timer
says 'released 1 timer'
[ ! -e "$(dirname "$DROP_IN")" ] || fail "release left something"
[ -z "$(systemctl --user show -P ExecStopPost backup.service)" ] ||
  fail "systemd still has the drop-in"
mine 0 release --timer backup.timer
says 'nothing to release'

# Of another hand: not touched by either.
mkdir "$(dirname "$DROP_IN")"
printf '[Service]\nNice=5\n' >"$DROP_IN"
mine 2 adopt --timer backup.timer
says 'expected no file of another hand'
mine 0 release --timer backup.timer
[ "$(cat "$DROP_IN")" = '[Service]
Nice=5' ] || fail "a foreign drop-in was touched"
systemctl --user exit 2>/dev/null
exit 0
