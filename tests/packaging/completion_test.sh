#!/usr/bin/env bash
# What TAB offers. usage: completion_test.sh SOURCE-DIR
set -u
source "$1/completions/bezalel.bash"
box=$(mktemp -d)
trap 'rm -rf "$box"' EXIT
mkdir -p "$box/heartbeats"
touch "$box/heartbeats/db_backup.last" "$box/heartbeats/runner_health.last"
printf '[channel.forge]\n  [channel.pager]\n' >"$box/bezalel.toml"
mkdir "$box/jobs.d" "$box/other"
printf '[job.declared]\n[job."at@home"]\n' >"$box/jobs.d/a.toml"
printf '[job.elsewhere]\n' >"$box/other/bezalel.toml"
export BEZALEL_ROOT=$box HOME=$box
failures=0

# expect "LINE" "what is offered for its last word, sorted"
expect() {
  local IFS=$' \n'
  read -r -a COMP_WORDS <<<"$1"
  [[ $1 == *' ' ]] && COMP_WORDS+=("")
  COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
  COMPREPLY=()
  _bezalel
  local offered
  offered=$(printf '%s\n' "${COMPREPLY[@]}" | sort -u | xargs)
  [[ $offered == "$2" ]] && return
  echo "FAILED: '$1' offers '$offered', expected '$2'"
  failures=$((failures + 1))
}

expect 'bezalel d' 'discover doctor drill'
expect 'bezalel --root / re' 'release report resume retire'
expect 'bezalel status ' 'at@home db_backup declared runner_health'
expect "bezalel --root $box/other status " 'elsewhere'
expect 'bezalel help ch' 'channel check'
expect 'bezalel discover --format t' 'text toml'
expect 'bezalel run-parts --re' '--report'
expect 'bezalel ack r' 'runner_health'
expect 'bezalel silence db_backup --' \
  '--end --help --host --mine --reason --root --until'
expect 'bezalel check --f' '--format'
expect 'bezalel check --format n' 'nagios'
expect 'bezalel report --format ' 'json markdown text'
expect 'bezalel report --section ' 'blockers panel'
expect 'bezalel check --job d' 'db_backup declared'
expect 'bezalel channel ' 'list test'
expect 'bezalel channel test ' 'forge pager'
expect 'bezalel run db_backup --every 1d --no-o' '--no-output --no-overlap'
expect 'bezalel run db_backup --every 1d -- mktem' 'mktemp'
expect 'bezalel lint --daemon c' 'cronie'
expect 'bezalel lint --kind ' 'anacron system user'
expect 'bezalel nonsense' ''
[[ $failures == 0 ]] || exit 1
echo "completion offers what it should"
