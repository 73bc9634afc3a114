#include <doctest/doctest.h>

#include "crontab/lint_said.h"

namespace bezalel::crontab {
namespace {

// "RULE:COLUMN", of the command, of what is worth knowing about its status.
std::string infos_of(const std::string& command) {
  std::string out;
  for (const Remark& r : of("0 1 * * * " + command + "\n")) {
    if (r.rule != "status-masked" && r.rule != "guarded") continue;
    CHECK(r.weight == Weight::info);
    if (!out.empty()) out += ' ';
    out += r.rule + ":" + std::to_string(r.column - 10);
  }
  return out;
}

TEST_CASE("a status that is not that of the work is worth knowing") {
  struct Row {
    const char* command;
    const char* infos;
  };
  for (const Row& row : {Row{"pg_dump db | gzip >f", "status-masked:14"},
                         Row{"a | b | c", "status-masked:9"},
                         Row{"work || true", "status-masked:9"},
                         Row{"work || :", "status-masked:9"},
                         Row{"work || exit 0", "status-masked:9"},
                         Row{"work; echo done", "status-masked:7"},
                         Row{"cd /x && work; exit 0", "status-masked:16"},
                         Row{"work >/dev/null 2>&1 &", "status-masked:22"},
                         Row{"work&", "status-masked:5"}}) {
    CAPTURE(row.command);
    CHECK(infos_of(row.command) == row.infos);
  }
}

TEST_CASE("a guard that ends without a word is worth knowing") {
  struct Row {
    const char* command;
    const char* infos;
  };
  for (const Row& row :
       {Row{"flock -n /x work || exit 0", "guarded:1"},
        Row{"[ \"$(hostname)\" = web1 ] && work", "guarded:1"},
        Row{"test \"$(date +\\%d)\" = 01 && work", "guarded:1"},
        Row{"[ $(id -u) = 0 ] || exit 0; work", "guarded:1"}}) {
    CAPTURE(row.command);
    CHECK(infos_of(row.command) == row.infos);
  }
}

TEST_CASE("where a failure is recorded, a test that says no is told as one") {
  const auto found =
      of("SHELL=/usr/bin/bezalel-sh\n"
         "0 1 * * * [ \"$(date +\\%u)\" = 7 ] && work\n"
         "0 1 * * * [ -f /flag ]&& cd /x && work\n"
         "0 1 * * * [ -x /x ] && /x\n"
         "0 1 * * * [ -f /flag ] && work; true\n");
  std::string told;
  for (const Remark& r : found) {
    if (r.rule != "guarded" || r.weight != Weight::warning) continue;
    told += std::to_string(r.line) + ":" + std::to_string(r.column) + " " +
            r.fix + "\n";
  }
  CHECK(told ==
        "2:34 0 1 * * * [ \"$(date +\\%u)\" = 7 ] || exit 0; work\n"
        "3:23 0 1 * * * [ -f /flag ] || exit 0; cd /x && work\n");
}

TEST_CASE("a plain status and a plain guard are nothing to say") {
  for (const char* command :
       {"work", "work && echo done", "cd /x && work", "cd /x; work",
        "work || mail -s failed ann", "echo yes | work", "flock -n /x work",
        "test -x /x && /x", "[ -x /x ] || exit 0; /x", "echo 'a | b &'",
        "work 2>&1", "echo \"$(a | b)\"", "set -o pipefail; a | b",
        "set -e; work; echo done", "if a; then b; fi; echo x", "x '&'",
        "for i in 1 2; do work $i; done", "work &&", "a | \"b"}) {
    CAPTURE(command);
    CHECK(infos_of(command).empty());
  }
}

}  // namespace
}  // namespace bezalel::crontab
