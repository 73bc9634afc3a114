# What the scenarios share. Source it with the full program as $1.
set -u
BEZALEL=$1
WORK=$(mktemp -d)
FAILED=0
trap 'rm -rf "$WORK"' EXIT

# fail WHAT: the scenario and what came instead.
fail() {
  echo "FAILED: $SCENARIO: $1"
  [ -f "$WORK/out" ] && sed 's/^/  | /' "$WORK/out"
  FAILED=$((FAILED + 1))
}

scenario() {
  SCENARIO=$1
}

finish() {
  [ "$FAILED" -eq 0 ] || exit 1
  exit 0
}
