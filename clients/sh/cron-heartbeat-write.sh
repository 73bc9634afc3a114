#!/bin/sh
# cron-heartbeat-write.sh JOB SECONDS
#
# Leaves proof that JOB has just succeeded and is expected again within
# SECONDS. For hosts without bezalel; put it behind a job:
#
#   0 3 * * *  /usr/local/bin/backup && cron-heartbeat-write.sh backup 86400
#
# Writes JOB.last, whole or not at all, into the first of these that takes it:
#   $BEZALEL_ROOT/heartbeats            if that is set (and nowhere else);
#                                       u/UID below it for others than its owner
#   /var/lib/bezalel/heartbeats         for root
#   /var/lib/bezalel/heartbeats/u/UID   for others
#   ~/.bezalel/heartbeats
# Exit status: 0 written, 1 could not be written anywhere, 2 wrong arguments.

set -u
LC_ALL=C
export LC_ALL
umask 022

complain() {
  printf 'cron-heartbeat-write: %s\n' "$1" >&2
}

check_arguments() {
  if [ "$#" -ne 2 ]; then
    complain 'expected two arguments: JOB SECONDS'
    exit 2
  fi
  case $1 in
    '' | [!A-Za-z0-9]* | *[!A-Za-z0-9._@-]*) bad_name=yes ;;
    *) bad_name=no ;;
  esac
  if [ "$bad_name" = yes ] || [ "${#1}" -gt 128 ]; then
    complain 'JOB is no job name; expected 1 to 128 of A-Z a-z 0-9 . _ @ -, the first a letter or digit'
    exit 2
  fi
  case $2 in
    '' | 0* | *[!0-9]* | ??????????*)
      complain 'SECONDS is no interval; expected a whole number from 1 to 999999999'
      exit 2
      ;;
  esac
}

# The host's name as a JSON string may hold it.
host_name() {
  { uname -n 2>/dev/null || hostname 2>/dev/null; } |
    tr -cd 'A-Za-z0-9._-' | cut -c 1-255
}

heartbeat_json() {
  printf '{"v":1,"job":"%s","timestamp":%s' "$job" "$(date +%s)"
  if read -r boot_id 2>/dev/null </proc/sys/kernel/random/boot_id; then
    # The boot clock as /proc/uptime has it counts from the same start.
    if read -r uptime _ 2>/dev/null </proc/uptime; then
      printf ',"boottime":%s' "$uptime"
    fi
    printf ',"boot_id":"%s"' "$boot_id"
  fi
  printf ',"interval_seconds":%s,"host":"%s"}\n' "$seconds" "$(host_name)"
}

# A temporary file beside the final one, made durable, then renamed over it.
write_in() {
  dir=$1
  temporary=$dir/.$job.$$.tmp
  [ -d "$dir" ] && [ -w "$dir" ] || return 1
  # noclobber: never through a link that somebody left under this name.
  rm -f "$temporary" 2>/dev/null
  if (set -C; printf '%s\n' "$json" >"$temporary") 2>/dev/null; then
    # Only newer versions of sync take a file; without it the rename is still
    # whole or nothing.
    sync "$temporary" 2>/dev/null || :
    if [ ! -d "$dir/$job.last" ] &&
      mv -f "$temporary" "$dir/$job.last" 2>/dev/null; then
      return 0
    fi
  fi
  rm -f "$temporary" 2>/dev/null
  return 1
}

check_arguments "$@"
job=$1
seconds=$2
uid=$(id -u)
json=$(heartbeat_json)

if [ -n "${BEZALEL_ROOT:-}" ]; then
  base=$BEZALEL_ROOT/heartbeats
  if [ -O "$BEZALEL_ROOT" ] 2>/dev/null; then
    mkdir -p "$base" 2>/dev/null
    write_in "$base" && exit 0
  fi
  write_in "$base/u/$uid" && exit 0
  complain "$job.last could not be written below $base"
  exit 1
fi

primary=/var/lib/bezalel/heartbeats
[ "$uid" -eq 0 ] || primary=$primary/u/$uid
write_in "$primary" && exit 0
if [ -n "${HOME:-}" ]; then
  fallback=$HOME/.bezalel/heartbeats
  mkdir -p "$fallback" 2>/dev/null
  write_in "$fallback" && exit 0
  complain "$job.last could not be written in $primary or $fallback"
else
  complain "$job.last could not be written in $primary, and HOME is not set"
fi
exit 1
