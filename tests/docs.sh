#!/bin/sh
# Every test that a document names is there; the manual keeps to 80 columns.
# usage: docs.sh SOURCE-DIR
set -eu
cd "${1:?usage: docs.sh SOURCE-DIR}"
status=0
# A page of the manual keeps to 80 columns, examples and all.
if command -v mandoc >/dev/null; then
  for page in man/*.[1-8]; do
    mandoc -T ascii -O width=78 "$page" 2>/dev/null | sed "s/.$(printf '\b')//g" |
      awk -v page="$page" 'length > 80 { print page ": " $0; n++ }
        END { exit n > 0 }' || status=1
  done
fi
for page in doc/*.md README.md CONTRIBUTING.md ARCHITECTURE.md; do
  for path in $(grep -oE '(tests|src|fuzz|bench|packaging)/[A-Za-z0-9_/.-]+\.(sh|cc|h|py|txt)' \
    "$page" | sort -u); do
    [ -e "$path" ] || {
      echo "$page: $path: no such file"
      status=1
    }
  done
done
exit $status
