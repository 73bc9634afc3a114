#!/bin/sh
# SIGKILL at every system call of `adopt` and of `release`: the crontab is the
# old one or the new one, whole, and nothing else that cron would read is left.
# The default leaves some calls out; KILL_STEP=1 kills at every one.
[ -n "$1" ] && [ -x "$1/libexec/bezalel/bezalel" ] || {
  echo "skipped: no release in '$1'"
  exit 77
}
. "$(dirname "$0")/lib.sh"
KILLAT=$2
"$KILLAT" 1 /bin/true
[ $? -eq 137 ] || part_is_missing "ptrace is not allowed here"

# dpkg knows of hundreds of packages, and each costs some calls that only read:
# one of them stands for all.
if [ -d /var/lib/dpkg/info ]; then
  mount -t tmpfs none /var/lib/dpkg/info || part_is_missing "no tmpfs"
  printf '/.\n/etc/cron.d/of-a-package\n' >/var/lib/dpkg/info/cron.list
fi
STEP=${KILL_STEP:-3}

TAB=/etc/cron.d/jobs
printf 'SHELL=/bin/bash\n0 1 * * * root /bin/true\n' >"$WORK/old"
cp "$WORK/old" $TAB
runs 0 adopt --all
cp $TAB "$WORK/new"
total=0

# sweep VERB FROM TO
sweep() {
  n=1
  while :; do
    cat "$2" >$TAB
    "$KILLAT" "$n" "$BEZALEL" "$1" --all >/dev/null 2>&1
    [ $? -eq 137 ] || break
    total=$((total + 1))
    cmp -s $TAB "$WORK/old" || cmp -s $TAB "$WORK/new" ||
      fail "$1, killed at system call $n: a torn crontab"
    for left in /etc/cron.d/*; do
      [ "$left" = $TAB ] || fail "$1, killed at $n: left $left"
    done
    # The litter of a killed writer has a dot, and no daemon reads it.
    rm -f /etc/cron.d/.[a-z]*
    n=$((n + STEP))
  done
  cmp -s $TAB "$3" || fail "$1, not killed: not done"
}
sweep adopt "$WORK/old" "$WORK/new"
sweep release "$WORK/new" "$WORK/old"
echo "$total kills"
[ $((total * STEP)) -gt 500 ] || fail "expected more system calls"
exit 0
