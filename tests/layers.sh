#!/bin/sh
# Holds the sources to the arrows drawn in ARCHITECTURE.md.
# usage: layers.sh SOURCE-DIR      one line a violation; exit 1 if there is any
set -eu
LC_ALL=C
export LC_ALL

root=${1:?usage: layers.sh SOURCE-DIR}
cd "$root"
[ -f ARCHITECTURE.md ] && [ -d src ] || {
  echo "layers: $root: no ARCHITECTURE.md and src here" >&2
  exit 2
}

# Comments go, so that prose about clocks and includes is not mistaken for code;
# "layers: allow" in a comment spares the line it is on and the next.
sources() { find src -type f \( -name '*.cc' -o -name '*.h' \) | sort; }
lists() { find src -type f -name CMakeLists.txt | sort; }

# shellcheck disable=SC2046  # file names here have no spaces
awk '
function fail(text) { print "layers: " text; bad = 1 }

# The table between the two marks of ARCHITECTURE.md.
FILENAME == "ARCHITECTURE.md" {
  if ($0 ~ /^<!-- layers:/) { in_table = 1; next }
  if ($0 ~ /^<!-- layers end/) in_table = 0
  if (!in_table || $0 !~ /^\| `/) next
  count = split($0, cell, "|")
  folder = cell[2]; gsub(/[ `]/, "", folder)
  target = cell[3]; gsub(/[ `]/, "", target)
  order[++folders] = folder
  drawn[folder] = 1
  folder_of[target] = folder
  uses[folder] = cell[4]
  libraries[folder] = cell[5]
  next
}

FNR == 1 { start_file() }

FILENAME ~ /CMakeLists\.txt$/ { link_line($0); next }
{ source_line($0) }

function start_file() {
  if (!closed) close_arrows()
  file = FILENAME
  layer = layer_of(substr(file, 5))
  in_comment = 0
  spared = 0
  in_call = 0
  if (file !~ /CMakeLists\.txt$/) {
    known[substr(file, 5)] = 1
    if (layer == "") fail(file ": its folder is not in the table")
  }
}

# may[a, b]: folder a may use folder b, directly or through what it may use.
function close_arrows(   i, j, k, n, part, changed) {
  closed = 1
  for (i = 1; i <= folders; i++) {
    may[order[i], order[i]] = 1
    n = split(uses[order[i]], part, " ")
    for (j = 1; j <= n; j++) {
      if (!(part[j] in drawn)) fail("ARCHITECTURE.md: unknown folder " part[j])
      may[order[i], part[j]] = 1
    }
  }
  do {
    changed = 0
    for (i = 1; i <= folders; i++)
      for (j = 1; j <= folders; j++)
        if ((order[i], order[j]) in may)
          for (k = 1; k <= folders; k++)
            if ((order[j], order[k]) in may && !((order[i], order[k]) in may))
              changed = may[order[i], order[k]] = 1
  } while (changed)
  for (i = 1; i <= folders; i++)
    for (j = 1; j < i; j++)
      if ((order[j], order[i]) in may)
        fail("ARCHITECTURE.md: " order[j] " is drawn below " order[i])
}

# The longest row of the table that holds this path ("" if none): "run/x.h" is
# of "run". A folder drawn by its parts stands for the first of them.
function layer_of(path,   i, best) {
  for (i = 1; i <= folders; i++)
    if ((path == order[i] || index(path, order[i] "/") == 1) &&
        length(order[i]) > length(best)) best = order[i]
  # The files beside main.cc are parts of it: main_world.h.
  if (best == "" && path ~ /^main(_[a-z]+)*\.(cc|h)$/) return "main.cc"
  if (best == "")
    for (i = 1; i <= folders; i++)
      if (dir_of(order[i]) != "" && dir_of(order[i]) == dir_of(path))
        return order[i]
  return best
}

function dir_of(path) {
  if (!sub(/\/[^\/]*$/, "", path)) return ""
  return path
}

# What is left of a line without its comments and, in include lines apart,
# without the insides of its string literals.
function code(line,   out, end) {
  out = ""
  while (line != "") {
    if (in_comment) {
      end = index(line, "*/")
      if (!end) return out
      line = substr(line, end + 2)
      in_comment = 0
    } else if (match(line, /\/\*|\/\/|"([^"\\]|\\.)*"/)) {
      token = substr(line, RSTART, 2)
      if (token == "//") return out substr(line, 1, RSTART - 1)
      if (token == "/*") {
        out = out substr(line, 1, RSTART - 1)
        line = substr(line, RSTART + 2)
        in_comment = 1
      } else {
        out = out substr(line, 1, RSTART - 1) "\"\""
        line = substr(line, RSTART + RLENGTH)
      }
    } else {
      return out line
    }
  }
  return out
}

function source_line(line,   name) {
  if (line ~ /layers: allow [a-z]/) { spared = FNR + 1; return }
  if (!in_comment && line ~ /^[ \t]*#[ \t]*include[ \t]*"/) {
    name = line
    sub(/^[^"]*"/, "", name)
    sub(/".*/, "", name)
    include(name)
    return
  }
  if (!in_comment && line ~ /^[ \t]*#[ \t]*include[ \t]*</) {
    name = line
    sub(/^[^<]*</, "", name)
    sub(/>.*/, "", name)
    library(name)
    return
  }
  line = code(line)
  if (FNR <= spared) return
  clock(line)
  environment(line)
}

function at() { return file ":" FNR ": " }

function include(name,   other) {
  if (name ~ /^\.|\/\.\.?\//) {
    fail(at() "#include \"" name "\": written as a path, expected folder/file.h")
    return
  }
  if (name !~ /\// && !(layer == "main.cc" && name ~ /^main_[a-z_]*\.h$/)) {
    fail(at() "#include \"" name "\": expected folder/file.h")
    return
  }
  if (name ~ /^stub_tracker\// && is_test(file)) return
  other = layer_of(name)
  if (other == "") {
    fail(at() "#include \"" name "\": its folder is not in the table")
    return
  }
  arrow(other, "#include \"" name "\"")
  apart(name, other)
  if (is_test("/" name) && !is_test(file))
    fail(at() "#include \"" name "\": only tests may use a fake")
  edges[substr(file, 5)] = edges[substr(file, 5)] " " name
}

# Folders side by side inside one adapter (notify/gitea, notify/smtp) are adapters
# of their own: they meet in the folder above, never each other.
function apart(name, other,   mine, its) {
  if (layer == "" || other != layer) return
  mine = dir_of(substr(file, 5))
  its = dir_of(name)
  if (mine != layer && its != layer && mine != its)
    fail(at() "#include \"" name "\": " mine " may not use " its)
}

# Tests, and the fakes and helpers that only tests may use; they can keep things
# in memory and talk to the stub tracker of tests/.
function is_test(path) {
  return path ~ /(_test\.cc|\/(fake_[a-z_]*|testing)\.(h|cc))$/
}

function arrow(other, what) {
  if (layer == "" || (layer, other) in may) return
  if (is_test(file) && other == "store/memory") return
  if (dir_of(other) != "" && dir_of(other) == dir_of(substr(file, 5))) return
  fail(at() what ": " layer " may not use " other)
}

# A library that some folder names belongs to the folders that name it. tl, fmt
# and the standard library are for all above the first that draws them.
function library(name,   top, i) {
  top = name
  sub(/\/.*/, "", top)
  sub(/\.h(pp)?$/, "", top)
  if (top !~ /^(absl|boost|CLI|curl|sqlite3|toml\+\+|systemd)$/) return
  if (layer == "" || index(" " libraries[layer] " ", " " top " ")) return
  fail(at() "#include <" name ">: " layer " may not use " top)
}

function clock(line) {
  if (layer == "sys") return
  if (line ~ /(system|steady|high_resolution|utc|file)_clock::now/ ||
      line ~ /(^|[^A-Za-z0-9_.>])(std::|::)?time *\( *(NULL|nullptr|0|&[A-Za-z_]*) *\)/ ||
      line ~ /(^|[^A-Za-z0-9_])(gettimeofday|clock_gettime|timespec_get) *\(/)
    fail(at() "reads a clock; only src/sys may")
}

function environment(line) {
  if (layer == "sys" || layer == "run" || file ~ /\/main[a-z_]*\.cc$/) return
  if (line ~ /(^|[^A-Za-z0-9_])(secure_)?getenv *\(/ ||
      line ~ /(^|[^A-Za-z0-9_])environ([^A-Za-z0-9_]|$)/)
    fail(at() "reads the environment; only src/sys, src/run and main may")
}

# bz_library(bz_x USES bz_y ...) and target_link_libraries(x ... bz_y ...).
function link_line(line,   n, i, word) {
  sub(/#.*/, "", line)
  gsub(/[()]/, " & ", line)
  n = split(line, word, /[ \t]+/)
  for (i = 1; i <= n; i++) {
    if (word[i] == "bz_library" || word[i] == "target_link_libraries") {
      in_call = 1
      owner = ""
      in_test = 0
    } else if (word[i] == ")") {
      in_call = 0
    } else if (in_call && word[i] !~ /^\(?$/) {
      if (word[i] == "TEST_USES") in_test = 1
      else if (word[i] ~ /^(USES|SYSTEM)$/) in_test = 0
      else if (owner == "") owner = word[i]
      else if (word[i] in folder_of) linked(owner, word[i])
    }
  }
}

function linked(owner, target,   from, to) {
  sub(/_tests$/, "", owner)
  if (!(owner in folder_of)) return
  from = folder_of[owner]
  to = folder_of[target]
  if ((from, to) in may) return
  if (in_test && to == "store/memory") return
  fail(at() "links " target ": " from " may not use " to)
}

# Depth first through the includes; a file met again on its own path is a cycle.
function visit(name, path,   n, i, next_file) {
  if (state[name] == 2) return
  if (state[name] == 1) {
    fail("include cycle: " path)
    return
  }
  state[name] = 1
  n = split(edges[name], next_file, " ")
  for (i = 1; i <= n; i++)
    if (next_file[i] in known) visit(next_file[i], path " -> " next_file[i])
  state[name] = 2
}

END {
  if (!folders) fail("ARCHITECTURE.md: no table of layers")
  for (name in known) visit(name, name)
  exit bad
}
' ARCHITECTURE.md $(lists) $(sources)
