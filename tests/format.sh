#!/bin/sh
# Every source reads as clang-format 19 would write it.
# usage: format.sh SOURCE-DIR
set -eu
cd "${1:?usage: format.sh SOURCE-DIR}"
command -v clang-format-19 >/dev/null || {
  echo "format: clang-format-19 is not installed" >&2
  exit 77
}
# A release archive has no .git: then the folders themselves are the list.
list() {
  if git -c safe.directory="$PWD" rev-parse --git-dir >/dev/null 2>&1; then
    git -c safe.directory="$PWD" ls-files -z -- "$@"
  else
    find src tests fuzz bench \( -name '*.cc' -o -name '*.h' \) -print0
  fi
}
# A file deleted but not yet committed is still listed.
list 'src/*.cc' 'src/*.h' 'tests/*.cc' 'tests/*.h' 'fuzz/*.cc' 'fuzz/*.h' \
  'bench/*.cc' 'bench/*.h' |
  xargs -0 -r sh -c 'for f; do [ ! -f "$f" ] || printf "%s\0" "$f"; done' sh |
  xargs -0 -r clang-format-19 --dry-run --Werror
