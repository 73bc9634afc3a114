#include <doctest/doctest.h>

#include <algorithm>

#include "crontab/lint_said.h"

namespace bezalel::crontab {
namespace {

TEST_CASE("an unescaped % that cuts a command is told, one that feeds it not") {
  for (const char* cut :
       {"echo at $(date +%F) >>/var/log/x", "tar cf \"b-`date +%F`.tar\" /b",
        "date +%H", "wget -q http://h/a%20b", "printf %s x",
        "sleep $((RANDOM % 60)) && x", "echo '50%' | mail ann",
        "x --name=a%b && y >/dev/null"}) {
    CAPTURE(cut);
    const auto found = of("0 1 * * * " + std::string(cut) + "\n");
    REQUIRE(!found.empty());
    CHECK(std::any_of(found.begin(), found.end(), [](const Remark& r) {
      return r.rule == "percent" && r.weight == Weight::error;
    }));
  }
  for (const char* meant :
       {"mail -s hello ann%Dear Ann,%%yours", "cat >/dev/null%", "x \\%y",
        "date +\\%F", "echo \"$(date +\\%F)\" >x", "sh -s%echo hello"}) {
    CAPTURE(meant);
    CHECK(rules_of("0 1 * * * " + std::string(meant) + "\n") == "");
  }
  const auto found = of("0 1 * * * echo `date +%H:%M` # \\%\n");
  REQUIRE(found.size() == 1);
  CHECK(found[0].column == 23);
  CHECK(found[0].fix == "0 1 * * * echo `date +\\%H:\\%M` # \\%");
  // busybox crond knows no %.
  CHECK(rules_of("0 1 * * * date +%F\n", Kind::user, Daemon::busybox) == "");
}

TEST_CASE("a line without a command is told") {
  for (const char* line : {"0 3 * * *", "0 3 * * * ", "0 3 * * * %text"}) {
    CAPTURE(line);
    CHECK(rules_of(std::string(line) + "\n").starts_with("command-empty:"));
  }
  CHECK(rules_of("0 3 * * * # the backup\n") == "command-empty:11");
  CHECK(rules_of("0 3 * * * : # nothing\n") == "");
}

TEST_CASE("bash is told where sh runs the line") {
  struct Row {
    const char* command;
    const char* rules;
  };
  for (const Row row : {
           Row{"source /etc/profile && x", "bashism:11"},
           Row{"cd / && source x && y", "bashism:19"},
           Row{"[[ -f /x ]] && y", "bashism:11"},
           Row{"x &> /tmp/log", "bashism:13"},
           Row{"x &>>/tmp/log", "bashism:13"},
           Row{"diff <(a) <(b)", "bashism:16"},
           Row{"cat <<<hello", "bashism:15"},
           Row{"touch /tmp/{1..3}", "bashism:22"},
           Row{"echo ${x:0:3}", "bashism:16"},
           Row{"set -o pipefail; a | b", "bashism:18"},
           Row{"[ \"$a\" == b ] && c", "bashism:18"},
           Row{"sleep $((RANDOM \\% 60))", "bashism:20"},
           Row{"sleep $RANDOM", "bashism:17"},
           // None of it for the shell of the line.
           Row{"bash -c 'source x && [[ -f y ]] &> z'", ""},
           Row{"awk '{print $1, $2}' x", ""},
           Row{"find / -exec rm {} \\;", ""},
           Row{"x >/dev/null 2>&1 & y", ""},
           Row{"RANDOM=$$; echo $RANDOM", ""},
           Row{"echo source", ""},
           Row{"a=${b%.*}; echo ${c:-x} ${d##*/}", ""},
           Row{"if [ -x /x ]; then /x; fi", ""},
           Row{"echo \"a &> b\" | x", ""},
       }) {
    CAPTURE(row.command);
    std::string line = row.command;
    for (std::size_t at = 0; (at = line.find('%', at)) != std::string::npos;) {
      if (line[at - 1] != '\\') line.insert(at++, "\\");
      ++at;
    }
    CHECK(rules_of("0 1 * * * " + line + "\n") == row.rules);
    CHECK(rules_of("SHELL=/bin/bash\n0 1 * * * " + line + "\n") == "");
  }
  CHECK(of("0 1 * * * x &>>/tmp/l && y\n")[0].fix ==
        "0 1 * * * x >>/tmp/l 2>&1 && y");
  CHECK(of("0 1 * * * source e && y\n")[0].fix == "0 1 * * * . e && y");
}

TEST_CASE("a quote that is never closed stops the shell") {
  const auto found = of("0 3 * * * echo \"unfinished\n");
  REQUIRE(found.size() == 1);
  CHECK(found[0].rule == "quote-open");
  CHECK(found[0].weight == Weight::error);
  CHECK(found[0].column == 16);
  CHECK(found[0].message == "the quote \" is never closed");
  CHECK(found[0].effect ==
        "sh stops with a syntax error: nothing of the line runs.");
  CHECK(rules_of("0 3 * * * cd it's && x\n") == "quote-open:16");
  CHECK(rules_of("SHELL=/bin/bash\n0 3 * * * x `y\n") == "quote-open:13");
  // A % has cut the other one off.
  CHECK(rules_of("0 3 * * * echo \"x %F\"\n") == "percent:19");
  CHECK(rules_of("0 3 * * * x # don't\n") == "");
  CHECK(rules_of("SHELL=/bin/bash\n0 3 * * * echo $'it\\'s'\n") == "");
  CHECK(rules_of("SHELL=/usr/bin/python3\n0 3 * * * it's\n") == "");
}

TEST_CASE("the line to write instead can be pasted") {
  const auto fix = [](const char* text) { return of(text).at(0).fix; };
  CHECK(fix("0 1 * * * date +%F\r\n") == "0 1 * * * date +\\%F");
  CHECK(fix("0\t1 * * * date +%F # \xc3\xa9\n") ==
        "0\t1 * * * date +\\%F # \xc3\xa9");
  CHECK(fix("0 1 * * * date \x1b +%F\n").starts_with("change it in an editor"));
}

}  // namespace
}  // namespace bezalel::crontab
