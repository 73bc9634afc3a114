#!/bin/sh
# Every command has a manual page that renders without a complaint and names
# every option that the parser knows; so does the completion.
# usage: manual_test.sh SOURCE-DIR
set -eu
source=$1
man=$source/man
parser=$source/src/cli/parse.cc
completion=$source/completions/bezalel.bash
failures=0
fail() {
  echo "FAILED: $*"
  failures=$((failures + 1))
}

if command -v mandoc >/dev/null; then
  for page in "$man"/*.[1-8]; do
    said=$(mandoc -T lint -W warning "$page" 2>&1) || fail "$said"
    widest=$(mandoc -T ascii -O width=78 "$page" | sed 's/.\x08//g' |
      awk 'length > w { w = length } END { print w + 0 }')
    # A crontab line in an example cannot be broken; prose never gets there.
    [ "$widest" -le 90 ] || fail "${page##*/}: a line of $widest columns"
  done
elif command -v man >/dev/null; then
  for page in "$man"/*.[1-8]; do
    said=$(man --warnings -l "$page" 2>&1 >/dev/null) || fail "$page"
    [ -z "$said" ] || fail "$said"
  done
else
  exit 77
fi

# A page without them is no manual.
for page in "$man"/*.1; do
  for part in NAME SYNOPSIS DESCRIPTION 'EXIT STATUS' 'SEE ALSO'; do
    grep -Eq "^\.SH \"?$part\"?\$" "$page" ||
      fail "${page##*/}: expected a section $part"
  done
  grep -Eq '^\.SH "?EXAMPLES?"?$' "$page" ||
    fail "${page##*/}: expected a section EXAMPLES"
done

# Pages that other pages name are there, ours at least.
for name in $(grep -hEo '^\.BR bezalel[a-z.\\-]* \(?"?\(?[0-9]' "$man"/*.[1-8] |
  sed 's/\\-/-/g; s/^\.BR //; s/[ "(]*\([0-9]\)$/.\1/' | sort -u); do
  [ -f "$man/$name" ] || fail "man/$name is named, and not there"
done

# "COMMAND OPTION" for each option the parser declares.
if [ -f "$parser" ]; then
  awk '
    { text = text $0 "\n" }
    END {
      while (match(text, /add(_option|_flag)?\([ \n]*"[^"]+"/)) {
        token = substr(text, RSTART, RLENGTH)
        text = substr(text, RSTART + RLENGTH)
        quoted = token
        sub(/^[^"]*"/, "", quoted)
        sub(/"$/, "", quoted)
        if (token ~ /^add\(/) command = quoted
        else if (command != "" && quoted ~ /^-/) {
          n = split(quoted, spelt, ",")
          for (i = 1; i <= n; ++i) print command, spelt[i]
        }
        if (token ~ /^add\(/) print command, "-"
      }
    }' "$parser" >"${TMPDIR:-/tmp}/bezalel-options.$$"
  while read -r command option; do
    page=$man/bezalel-$command.1
    if [ ! -f "$page" ]; then
      [ "$option" != - ] || fail "man/bezalel-$command.1 is not there"
    elif [ "$option" != - ]; then
      sed 's/\\-/-/g' "$page" | grep -Eq -- "(^|[^a-z-])$option([^a-z-]|\$)" ||
        fail "man/bezalel-$command.1: $option is not described"
    fi
    if [ "$option" = - ]; then option=$command; fi
    grep -Eq -- "(^|[^a-z-])$option([^a-z-]|\$)" "$completion" ||
      fail "completions/bezalel.bash: $command $option is not completed"
  done <"${TMPDIR:-/tmp}/bezalel-options.$$"
  rm -f "${TMPDIR:-/tmp}/bezalel-options.$$"
fi

[ "$failures" = 0 ] || exit 1
echo "manual and completion are whole"
