#!/bin/sh
# Proves that layers.sh sees each kind of violation, and nothing where there is
# none. usage: layers_test.sh LAYERS-SH
set -eu
LC_ALL=C
export LC_ALL

layers=$1
box=$(mktemp -d)
trap 'rm -rf "$box"' EXIT
failures=0

# A tree that obeys: three layers, two adapters, prose that only looks wrong.
fresh() {
  rm -rf "$box/t"
  mkdir -p "$box/t/src/base" "$box/t/src/core" "$box/t/src/sys" \
    "$box/t/src/run" "$box/t/src/store/memory" "$box/t/src/store/sqlite" \
    "$box/t/src/notify"
  cat >"$box/t/ARCHITECTURE.md" <<'TABLE'
<!-- layers: folder | target | may use | libraries -->
| folder | target | may use | libraries |
|---|---|---|---|
| `base` | bz_base | | |
| `core` | bz_core | base | absl |
| `sys` | bz_sys | base | |
| `run` | bz_run | sys | |
| `store/memory` | bz_store_memory | core sys | |
| `store/sqlite` | bz_store_sqlite | core sys | sqlite3 |
| `notify` | bz_notify | core sys | curl |
| `main.cc` | bezalel_full | run store/memory store/sqlite notify | |
<!-- layers end -->
TABLE
  cat >"$box/t/src/base/a.h" <<'SOURCE'
// Says time(nullptr) and getenv("X") in a comment only.
/* system_clock::now() in
   a long comment, clock_gettime( too */
const char* text = "gettimeofday(";
int lifetime(int x);
int timer = lifetime(0);
SOURCE
  echo '#include "base/a.h"' >"$box/t/src/core/b.h"
  echo '#include <absl/time/time.h>' >>"$box/t/src/core/b.h"
  printf '#include "base/a.h"\nlong t = time(nullptr);\n' >"$box/t/src/sys/s.cc"
  printf '#include "sys/s.h"\nauto e = getenv("X");\n' >"$box/t/src/run/r.cc"
  echo '#include "core/b.h"' >"$box/t/src/store/sqlite/q.cc"
  echo '#include "store/sqlite/q.h"' >"$box/t/src/store/contract_test.cc"
  echo '#include "store/memory/m.h"' >"$box/t/src/notify/n_test.cc"
  echo '#include "store/memory/m.h"' >"$box/t/src/core/fake_world.h"
  echo '#include "stub_tracker/stub_tracker.h"' >"$box/t/src/notify/testing.h"
  echo '#include "core/fake_world.h"' >"$box/t/src/core/b_test.cc"
  printf '#include "run/r.h"\nauto e = getenv("X");\n' >"$box/t/src/main.cc"
  echo '#include "main_world.h"' >>"$box/t/src/main.cc"
  echo '#include "notify/http.h"' >"$box/t/src/main_world.h"
  echo 'bz_library(bz_core USES bz_base)' >"$box/t/src/core/CMakeLists.txt"
}

# expect NAME PATTERN: layers.sh fails and one of its lines matches.
expect() {
  if said=$(sh "$layers" "$box/t" 2>&1); then
    echo "FAILED: $1: nothing was noticed"
    failures=$((failures + 1))
  elif ! printf '%s\n' "$said" | grep -Eq "$2"; then
    echo "FAILED: $1: no line like $2 in:"
    printf '%s\n' "$said"
    failures=$((failures + 1))
  elif [ "$(printf '%s\n' "$said" | wc -l)" != 1 ]; then
    echo "FAILED: $1: more than one line:"
    printf '%s\n' "$said"
    failures=$((failures + 1))
  fi
  fresh
}

# add FILE LINE..: appends lines to a file of the tree.
add() {
  file=$box/t/src/$1
  shift
  printf '%s\n' "$@" >>"$file"
}

fresh
if ! said=$(sh "$layers" "$box/t" 2>&1) || [ -n "$said" ]; then
  echo "FAILED: a tree that obeys was blamed: $said"
  failures=$((failures + 1))
fi

add base/a.cc '#include "core/b.h"'
expect 'an include upwards' '^layers: src/base/a.cc:1: .*base may not use core'
add notify/n.cc '#include "store/memory/m.h"'
expect 'an adapter in an adapter' 'notify may not use store/memory'
add store/sqlite/q.h '#include "store/memory/m.h"'
expect 'a store in a store' 'store/sqlite may not use store/memory'
mkdir "$box/t/src/notify/mail" "$box/t/src/notify/forge"
add notify/mail/m.cc '#include "notify/http.h"' '#include "notify/forge/f.h"'
expect 'a channel in a channel' 'm.cc:2: .*notify/mail may not use notify/forge'
add core/c.cc '#include "core/fake_world.h"'
expect 'a fake outside tests' 'only tests may use a fake'
add notify/n.cc '#include "stub_tracker/stub_tracker.h"'
expect 'the stub tracker outside tests' 'its folder is not in the table'
add core/c.h '  #  include "sys/s.h"  // why not'
expect 'an include with spaces' 'c.h:1: .*core may not use sys'
add core/c.h '#include "../base/a.h"'
expect 'an include as a path' 'written as a path'
add core/c.h '#include "b.h"'
expect 'an include without a folder' 'expected folder/file.h'
add core/c.h '#include "main_world.h"'
expect 'main from below' 'expected folder/file.h'
add core/c.h '#include "else/x.h"'
expect 'an unknown folder in an include' 'its folder is not in the table'
mkdir "$box/t/src/else"
add else/x.cc 'int x;'
expect 'an unknown folder' 'src/else/x.cc: its folder is not in the table'
add core/c.h '#include "core/d.h"'
add core/d.h '#include "core/e.h"'
add core/e.h '#include "core/c.h"'
expect 'an include cycle' 'include cycle: .*core/c.h'
add core/CMakeLists.txt 'bz_library(bz_core' '  USES bz_base' '    bz_sys)'
expect 'a link line' 'core/CMakeLists.txt:4: links bz_sys: core may not use sys'
add core/CMakeLists.txt 'target_link_libraries(bz_core_tests PRIVATE bz_run)'
expect 'a link line of a test' 'links bz_run: core may not use run'
add core/c.cc 'auto t = std::chrono::system_clock::now();'
expect 'system_clock' 'c.cc:1: reads a clock'
add core/c.cc 'auto t = time(nullptr);'
expect 'time()' 'reads a clock'
add core/c.cc 'auto t = std::time(&t);'
expect 'std::time()' 'reads a clock'
add core/c.cc '/* so */ gettimeofday(&v, nullptr);'
expect 'gettimeofday' 'reads a clock'
add core/c.cc '::clock_gettime (CLOCK_REALTIME, &v);'
expect 'clock_gettime' 'reads a clock'
add core/c.cc 'auto e = std::getenv("HOME");'
expect 'getenv' 'reads the environment'
add core/c.cc 'for (char** e = environ; *e; ++e) {}'
expect 'environ' 'reads the environment'
add base/a.cc '#include <curl/curl.h>'
expect 'a library that is not drawn' 'base may not use curl'
add notify/n.cc '#include <sqlite3.h>'
expect 'a library of somebody else' 'notify may not use sqlite3'
sed -i 's/| `base` | bz_base | |/| `base` | bz_base | core |/' \
  "$box/t/ARCHITECTURE.md"
expect 'an arrow that points up in the table' 'base is drawn below core'

add core/c.cc '// layers: allow clock: this test compares with the real one' \
  'auto t = time(nullptr);'
said=$(sh "$layers" "$box/t" 2>&1) || {
  echo "FAILED: a spared line was blamed: $said"
  failures=$((failures + 1))
}

[ "$failures" = 0 ] || exit 1
echo "layers.sh sees every kind of violation"
