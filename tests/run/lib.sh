# Sourced by the tests of `run`. $1 is the program's directory, $2 the one of
# the helpers. Every test gets a directory of its own, and every difference
# between a command alone and the same command in `bezalel run` is a failure.
set -u
HERE=$(cd "$(dirname "$0")" && pwd)
BIN=$1
HELPERS=$2
BZ=$BIN/bezalel
WORK=$(mktemp -d "${TMPDIR:-/tmp}/bezalel-run.XXXXXX")
trap 'rm -rf "$WORK"' EXIT
unset BEZALEL_RUN_ID BEZALEL_SHELL
BEZALEL_ROOT=$WORK/root
BEZALEL_HOST=testhost
export BEZALEL_ROOT BEZALEL_HOST
mkdir "$BEZALEL_ROOT"
cd "$WORK" || exit 1
failures=0

fail() {
  echo "FAILED: $*" >&2
  failures=$((failures + 1))
}

# same WHAT BARE WRAPPED
same() {
  [ "$2" = "$3" ] || fail "$1: alone '$2', wrapped '$3'"
}

# Runs a command alone and wrapped; compares status, output and errors.
compare() {
  what=$1
  shift
  "$@" >bare.out 2>bare.err
  bare=$?
  "$BZ" run compare -- "$@" >wrapped.out 2>wrapped.err
  same "$what: status" $bare $?
  cmp -s bare.out wrapped.out || fail "$what: output differs"
  cmp -s bare.err wrapped.err || fail "$what: errors differ"
}

log() {
  cat "$BEZALEL_ROOT"/heartbeats/runs-*.jsonl 2>/dev/null
}

# The newest end record holds TEXT.
ended_with() {
  log | grep '"e":"end"' | tail -n 1 | grep -qF -- "$1" ||
    fail "${2:-record}: no $1 in $(log | tail -n 1)"
}

finish() {
  [ "$failures" -eq 0 ] || { echo "$failures failed" >&2; exit 1; }
  exit 0
}
