#!/bin/sh
# Sourced by walks through an installed build, inside the copy of in_copy.sh:
# sh SCRIPT BUILD-DIR STUB. A walk is a function, run by `it "sentence" NAME`.
set -u
BUILD=$1
STUB=$2
TESTS=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
SETTINGS=/etc/bezalel/bezalel.toml
OUT=/run/walk.out
WRONG=/run/walk.wrong
failed=0
passed=0
export LC_ALL=C.UTF-8

wrong() { printf '    %s\n' "$*" >>$WRONG; }
same() { [ "$2" = "$3" ] || wrong "$1: expected '$2', got '$3'"; }
says() { grep -qF -- "$1" $OUT || wrong "no '$1' in: $(cat $OUT)"; }
says_not() { ! grep -qF -- "$1" $OUT || wrong "'$1' in: $(cat $OUT)"; }
ends() { same "last line" "$1" "$(tail -n 1 $OUT)"; }

it() {
  : >$WRONG
  "$2"
  if [ -s $WRONG ]; then
    echo "not ok - $1"
    cat $WRONG
    failed=$((failed + 1))
  else
    echo "ok - $1"
    passed=$((passed + 1))
  fi
}
finish() {
  echo "$passed passed, $failed failed"
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}

# run STATUS WHAT COMMAND...: what it says is in $OUT.
run() {
  want=$1
  what=$2
  shift 2
  status=0
  "$@" >$OUT 2>&1 </dev/null || status=$?
  [ "$status" = "$want" ] ||
    wrong "$what: exit $status, expected $want: $(cat $OUT)"
  # The look of every text: 80 columns, a command to type apart.
  case $1 in bezalel | as) ;; *) return ;; esac
  long=$(grep -E '^.{81}' $OUT | grep -Ev '^(bezalel: |    do:  |next: )' | head -n 1)
  [ -z "$long" ] || wrong "$what: more than 80 columns: $long"
}

# make_user NAME: with a home and the tracker's token in it.
make_user() {
  useradd --create-home --shell /bin/sh "$1"
  (umask 077 && echo stub-token >"/home/$1/token")
  chown "$1" "/home/$1/token"
}
# as USER COMMAND; as_run STATUS USER WHAT COMMAND
as() {
  setpriv --reuid="$1" --regid="$1" --init-groups env -i PATH="$PATH" \
    "HOME=/home/$1" "USER=$1" LC_ALL=C.UTF-8 $USER_ENV $CLOCK \
    sh -c "cd && $2"
}
USER_ENV=
CLOCK=
as_run() { run "$1" "$3" as "$2" "$4"; }

# later SECONDS COMMAND...: with both clocks that much ahead.
later() {
  CLOCK="BEZALEL_TEST_NOW=+$1 BEZALEL_TEST_BOOT=+$1"
  export "BEZALEL_TEST_NOW=+$1" "BEZALEL_TEST_BOOT=+$1"
  shift
  "$@"
  CLOCK=
  unset BEZALEL_TEST_NOW BEZALEL_TEST_BOOT
}

install_build() {
  DESTDIR=/ cmake --install "$BUILD" --prefix /usr >$OUT 2>&1 || {
    cat $OUT
    exit 1
  }
  userdel bezalel 2>/dev/null
}

start_tracker() {
  "$STUB" --port 0 --port-file /run/port --state-file /run/tracker.json \
    >/dev/null 2>&1 &
  tries=0
  until [ -s /run/port ]; do
    tries=$((tries + 1))
    [ $tries -lt 200 ] || { echo "the stub tracker did not start"; exit 1; }
    sleep 0.05
  done
  TRACKER=http://127.0.0.1:$(cat /run/port)
  (umask 077 && echo stub-token >/root/token)
}

# ask QUESTION: of the tracker's state; tests/faults/ask.py has the questions.
ask() {
  curl -sf "$TRACKER/_control/state" | python3 "$TESTS/faults/ask.py" "$@"
}
