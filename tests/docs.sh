#!/bin/sh
# Every test that a document names is there.
# usage: docs.sh SOURCE-DIR
set -eu
cd "${1:?usage: docs.sh SOURCE-DIR}"
status=0
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
