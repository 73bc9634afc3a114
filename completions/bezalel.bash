# bash completion for bezalel. Job names come from the heartbeat files and the
# settings that can be read; nothing is run, so that TAB never waits. $root is
# the one of the line, or of the environment, or empty.

# Names of the tables [$1.NAME] in the settings.
_bezalel_tables() {
  local dir
  for dir in "${root:-/etc/bezalel}" ${root:-"$HOME/.config/bezalel"}; do
    sed -n "s/^[[:space:]]*\\[$1\\.\"\\{0,1\\}\\([A-Za-z0-9._@-]*\\)\"\\{0,1\\}\\].*/\\1/p" \
      "$dir/bezalel.toml" "$dir"/jobs.d/*.toml 2>/dev/null
  done
}

_bezalel_jobs() {
  local dir file name
  for dir in "${root:-/var/lib/bezalel}/heartbeats" \
    "${root:-/var/lib/bezalel}/heartbeats/u/$UID" \
    "$HOME/.bezalel/heartbeats"; do
    for file in "$dir"/*.last; do
      [[ -e $file ]] || continue
      name=${file##*/}
      printf '%s\n' "${name%.last}"
    done
  done
  _bezalel_tables job
}

_bezalel() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
  local commands='init drill doctor next run beat check status logs report
    discover audit lint explain adopt release simulate alerts ack silence pause
    resume retire channel setup tour run-parts help'
  local root=${BEZALEL_ROOT-} command='' word options='--root --mine --help' i
  COMPREPLY=()

  # The command is the first word that is neither an option nor its value.
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    case $word in
      --root)
        ((i++))
        root=${COMP_WORDS[i]}
        ;;
      -*) ;;
      *)
        command=$word
        break
        ;;
    esac
  done

  if [[ -z $command && $prev != --root ]]; then
    mapfile -t COMPREPLY < \
      <(compgen -W "$commands --root --mine --version --help" -- "$cur")
    return
  fi

  # After "--" of run comes a command of its own.
  if [[ $command == run ]]; then
    for ((; i < COMP_CWORD; i++)); do
      [[ ${COMP_WORDS[i]} == -- ]] || continue
      mapfile -t COMPREPLY < <(compgen -c -f -- "$cur")
      return
    done
  fi

  case $prev in
    --root | --keep)
      mapfile -t COMPREPLY < <(compgen -d -- "$cur")
      return
      ;;
    -o | --token-file | --merge)
      mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      return
      ;;
    --job)
      mapfile -t COMPREPLY < <(compgen -W "$(_bezalel_jobs)" -- "$cur")
      return
      ;;
    --format)
      local formats='text json'
      [[ $command != check ]] || formats+=' markdown nagios prometheus'
      [[ $command != report ]] || formats+=' markdown'
      [[ $command != discover ]] || formats+=' toml'
      mapfile -t COMPREPLY < <(compgen -W "$formats" -- "$cur")
      return
      ;;
    --kind)
      mapfile -t COMPREPLY < <(compgen -W 'user system anacron' -- "$cur")
      return
      ;;
    --daemon)
      mapfile -t COMPREPLY < \
        <(compgen -W 'debian cronie busybox systemd-cron' -- "$cur")
      return
      ;;
    --style)
      mapfile -t COMPREPLY < <(compgen -W 'nightly morning' -- "$cur")
      return
      ;;
    --section)
      mapfile -t COMPREPLY < <(compgen -W 'panel blockers' -- "$cur")
      return
      ;;
    --dialect)
      local dialects='debian cronie busybox systemd-cron quartz'
      [[ $command != explain ]] || dialects+=' anacron'
      mapfile -t COMPREPLY < <(compgen -W "$dialects" -- "$cur")
      return
      ;;
    --every | --grace | --max | --timeout | --kill-after | --since)
      mapfile -t COMPREPLY < <(compgen -W '5min 15min 1h 6h 1d 1w' -- "$cur")
      return
      ;;
    --status)
      mapfile -t COMPREPLY < <(compgen -W 'ok fail' -- "$cur")
      return
      ;;
  esac

  case $command in
    help)
      mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$cur")
      return
      ;;
    run-parts) options+=' --report --test --arg --every --cron --calendar --tz
      --grace --max' ;;
    run) options+=' --every --cron --calendar --tz --grace --max --timeout
      --kill-after --no-overlap --quiet --no-output --expect-output
      --fail-output --expect-file --ok-exit --' ;;
    beat) options+=' --every --status --message --unit' ;;
    check) options+=' --notify --dry-run --quiet --all --format -o --job' ;;
    status | alerts | audit) options+=' --format' ;;
    discover) options+=' --format --sysroot' ;;
    adopt) options+=' --all --user --file --timer --dry-run --packaged --wrap --print' ;;
    release) options+=' --all --user --file --timer --dry-run' ;;
    lint) options+=' --kind --daemon --format --all' ;;
    simulate) options+=' --dry-run --start' ;;
    logs) options+=' -n --runs' ;;
    report) options+=' --style --section --since --format --send --merge' ;;
    silence) options+=' --until --reason --host --end' ;;
    pause | retire) options+=' --reason' ;;
    next) options+=' --cron --calendar --every --dialect --tz --from --prev
      -n --count' ;;
    explain) options+=' --calendar --every --dialect --tz --from -n --count
      --format' ;;
    init) options+=' --gitea --token-file --ntfy --webhook --mail --deadman
      --no-start' ;;
    drill) options+=' --every' ;;
    tour) options+=' --keep' ;;
    channel)
      if [[ $prev == channel ]]; then
        mapfile -t COMPREPLY < <(compgen -W 'list test' -- "$cur")
        return
      elif [[ $prev == test ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(_bezalel_tables channel)" -- "$cur")
        return
      fi
      ;;
  esac

  if [[ $cur != -* ]]; then
    case $command in
      lint | run-parts)
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
        return
        ;;
      run | beat | status | logs | ack | silence | pause | resume | retire)
        options=$(_bezalel_jobs)
        ;;
    esac
  fi
  mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
}

complete -F _bezalel bezalel
