#include "crontab/lint.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "schedule/test_rows.h"

namespace bezalel::crontab {
namespace {

std::vector<Remark> of(std::string text, Kind kind = Kind::user,
                       Daemon daemon = Daemon::debian) {
  return lint(parse(std::move(text), kind, daemon), {"/etc/cron.d/x"});
}

TEST_CASE("a healthy crontab has no remarks") {
  CHECK(of("MAILTO=\"\"\n# c\n\n17 3 * * 1-5 /usr/bin/x\n@daily y\n").empty());
}

TEST_CASE("MAILTO= without quotes loses the whole file") {
  const auto found = of("MAILTO=\n0 1 * * * a\n0 2 * * * b\n");
  REQUIRE(found.size() == 1);
  CHECK(found[0].rule == "file-ignored");
  CHECK(found[0].line == 1);
  CHECK(found[0].column == 8);
  CHECK(found[0].fix == "MAILTO=\"\"");
  CHECK(found[0].effect ==
        "Debian cron ignores the WHOLE file: none of its 2 jobs runs.");
}

TEST_CASE("a bad line is told with what was meant, where that is plain") {
  struct Row {
    const char* line;
    const char* fix;
  };
  for (const Row row : {
           Row{"0/5 * * * * x", "*/5 * * * * x"},
           Row{"0 2/6  * * *  x", "0 2-23/6 * * *  x"},
           Row{"0 1 ? * * x", "0 1 * * * x"},
           Row{"@Daily x", "@daily x"},
           Row{"0 0 * january * x", "0 0 * jan * x"},
           Row{"// nightly", "# nightly"},
           Row{"61 * * * * x", ""},
       }) {
    CAPTURE(row.line);
    const auto found = of(std::string(row.line) + "\n");
    REQUIRE(found.size() == 1);
    CHECK(found[0].rule == "file-ignored");
    CHECK(found[0].fix == row.fix);
  }
}

TEST_CASE("who drops a line alone is not said to lose the file") {
  const auto found =
      of("61 * * * * x\n0 1 * * * y\n", Kind::user, Daemon::cronie);
  REQUIRE(found.size() == 1);
  CHECK(found[0].rule == "line-ignored");
  CHECK(found[0].effect == "cronie drops the line and runs the others.");
}

TEST_CASE("each bad line and the missing newline are told at once") {
  const auto found = of("61 * * * * x\n0 1 * * * y\n0 25 * * * z");
  REQUIRE(found.size() == 3);
  CHECK(found[0].line == 1);
  CHECK(found[1].line == 3);
  CHECK(found[2].line == 3);
  CHECK(found[2].fix == "echo >>/etc/cron.d/x");
}

TEST_CASE(
    "a byte order mark, a blank DOS line and a continued line are named") {
  const auto mark = of("\xEF\xBB\xBF# tasks\n0 1 * * * x\n");
  REQUIRE(mark.size() == 1);
  CHECK(mark[0].message == "the file begins with a byte order mark");
  const auto dos = of("0 1 * * * x\n\r\n");
  REQUIRE(dos.size() == 1);
  CHECK(dos[0].message == "a blank line with a carriage return");
  const auto continued = of("0 1 * * * x \\\n  --more\n");
  REQUIRE(continued.size() == 1);
  CHECK(continued[0].message ==
        "no schedule; a crontab knows no \\ at the end of a line");
}

TEST_CASE("carriage returns are told once a file") {
  const auto found = of("0 1 * * * x\r\n0 2 * * * y\r\n");
  REQUIRE(found.size() == 1);
  CHECK(found[0].rule == "carriage-return");
  CHECK(found[0].column == 12);
  CHECK(found[0].fix == "sed -i 's/\\r$//' /etc/cron.d/x");
}

TEST_CASE("a comment on the line or right above it silences one rule") {
  CHECK(of("0 1 * * * x # bezalel: allow=carriage-return\r\n").empty());
  CHECK(of("# bezalel: job=x allow=file-ignored,other\n# more\n61 * * * * x\n")
            .empty());
  CHECK(of("# bezalel: allow=file-ignored\n\n61 * * * * x\n").size() == 1);
  CHECK(of("# bezalel: allow=other\n61 * * * * x\n").size() == 1);
}

TEST_CASE("a text that is no crontab gives a bounded number of remarks") {
  std::string text;
  for (int i = 0; i < 50'000; ++i) text += "x\n";
  CHECK(of(text).size() <= 102);
  CHECK(of(std::string(2'000'000, 'x')).size() == 1);
}

// "RULE:COLUMN" of each, joined by blanks; info left out.
std::string rules_of(std::string text, Kind kind = Kind::user,
                     Daemon daemon = Daemon::debian) {
  std::string out;
  for (const Remark& r : of(std::move(text), kind, daemon)) {
    if (r.weight == Weight::info) continue;
    if (!out.empty()) out += ' ';
    out += r.rule + ":" + std::to_string(r.column);
  }
  return out;
}

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

TEST_CASE("settings that do nothing, or not what they read, are told") {
  const std::string job = "0 1 * * * x\n";
  CHECK(rules_of("CRON_TZ=Europe/Riga\n" + job) == "setting-ignored:1");
  CHECK(rules_of("CRON_TZ=Europe/Riga\n" + job, Kind::user, Daemon::cronie) ==
        "");
  CHECK(rules_of("TZ=Europe/Riga\nMAILTO=ann@example.org\n" + job) == "");
  CHECK(rules_of("RANDOM_DELAY=5\n" + job) == "setting-ignored:1");
  CHECK(rules_of("HOME=/x\n" + job, Kind::user, Daemon::busybox) ==
        "setting-ignored:1");
  CHECK(rules_of("MAILTO=ann # boss\n" + job) == "setting-comment:12");
  CHECK(rules_of("X=\"a # b\"\n" + job) == "");
  CHECK(rules_of("LOG=$HOME/x\n" + job) == "setting-unexpanded:5");
  CHECK(rules_of("COST=5$\n" + job) == "");
  const auto path = of("PATH=$PATH:/opt/x\n" + job);
  REQUIRE(path.size() == 1);
  CHECK(path[0].weight == Weight::error);
  CHECK(path[0].fix == "PATH=/usr/local/bin:/usr/bin:/bin:/opt/x");
  CHECK(of("PATH=$PATH:/usr/bin:/bin\n" + job)[0].weight == Weight::warning);
}

TEST_CASE("a user where none belongs, and none where one does, are told") {
  CHECK(rules_of("0 1 * * * root /usr/bin/x\n") == "extra-user:11");
  CHECK(of("0 1 * * *  root  /usr/bin/x\n")[0].fix == "0 1 * * *  /usr/bin/x");
  CHECK(rules_of("0 1 * * * root /x\n", Kind::system) == "");
  CHECK(rules_of("0 1 * * * /usr/bin/x y\n", Kind::system) ==
        "missing-user:11");
  CHECK(of("0 1 * * * php x.php\n", Kind::system)[0].fix ==
        "0 1 * * * root php x.php");
}

TEST_CASE("a schedule that is odd is told with the line put right") {
  const auto found = of("0  22-2 * * *  /usr/bin/x\n");
  REQUIRE(found.size() == 1);
  CHECK(found[0].rule == "never-runs");
  CHECK(found[0].weight == Weight::error);
  CHECK(found[0].column == 4);
  CHECK(found[0].width == 4);
  CHECK(found[0].fix == "0 22-23,0-2 * * *  /usr/bin/x");
  CHECK(found[0].schedule == "0 22-23,0-2 * * *");
  CHECK(rules_of("*5 * * * * x\n") == "junk-ignored:1");
  CHECK(rules_of("0 3 * * 7 x\n", Kind::user, Daemon::busybox) ==
        "out-of-range:9");
}

// A host on which the programs of `there` can be started, and no other.
std::vector<Remark> on_host(std::string text, std::vector<std::string> there) {
  Where where;
  where.path = "/etc/cron.d/x";
  where.program = [there](const std::string& path) -> ProgramFacts {
    if (path == "/opt/dos") return {ProgramState::no_interpreter, "/bin/sh\r"};
    if (path == "/opt/plain") return {ProgramState::not_executable, ""};
    const bool known =
        std::find(there.begin(), there.end(), path) != there.end();
    return {known ? ProgramState::runs : ProgramState::missing, ""};
  };
  where.sends_mail = false;
  return lint(parse(std::move(text), Kind::user, Daemon::debian), where);
}

TEST_CASE("programs that are not on the host are told") {
  struct Row {
    const char* text;
    const char* rule;
    int column;
  };
  for (const Row row : {
           Row{"0 1 * * * certbot renew", "command-missing", 11},
           Row{"0 1 * * * root ls", "extra-user", 11},
           Row{"0 1 * * * cd / && /opt/gone", "command-missing", 19},
           Row{"0 1 * * * /opt/dos", "command-missing", 11},
           Row{"0 1 * * * /opt/plain", "command-missing", 11},
           Row{"0 1 * * * ls | nosuch", "command-missing", 16},
           Row{"0 1 * * * test -x /opt/gone && /opt/gone", "guard-missing", 19},
           Row{"0 1 * * * [ -x /opt/gone ] || exit 0; /opt/gone",
               "guard-missing", 16},
           Row{"0 1 * * * if [ -x /opt/gone ]; then /opt/gone; fi",
               "guard-missing", 19},
           Row{"MAILTO=ann", "mail-nowhere", 1},
           // Not known, or well.
           Row{"0 1 * * * ls -l", "", 0},
           Row{"0 1 * * * test -x /opt/gone || ls", "", 0},
           Row{"0 1 * * * test -x /usr/bin/ls && ls", "", 0},
           Row{"0 1 * * * [ -d /x ] && /opt/gone", "", 0},
           Row{"0 1 * * * . /etc/profile; nosuch", "", 0},
           Row{"0 1 * * * PATH=/opt nosuch", "", 0},
           Row{"0 1 * * * $HOME/bin/x", "", 0},
           Row{"0 1 * * * cd /srv && ./x", "", 0},
           Row{"MAILTO=\"\"", "", 0},
       }) {
    CAPTURE(row.text);
    const auto found = on_host(std::string(row.text) + "\n", {"/usr/bin/ls"});
    const std::string rule = row.rule;
    REQUIRE(found.size() == (rule.empty() ? 0 : 1));
    if (rule.empty()) continue;
    CHECK(found[0].rule == rule);
    CHECK(found[0].column == row.column);
  }
  const auto elsewhere =
      on_host("0 1 * * * zfs list\n", {"/usr/bin/ls", "/usr/sbin/zfs"});
  REQUIRE(elsewhere.size() == 1);
  CHECK(elsewhere[0].fix == "0 1 * * * /usr/sbin/zfs list");
}

// Whole lines and the verdict of Debian's own `crontab -n`.
TEST_CASE(
    "what Debian rejects is told, what it accepts is not called ignored") {
  std::ifstream file(std::string(BEZALEL_SOURCE_DIR) +
                     "/tests/data/schedules/debian_crontab_lines.tsv");
  std::string row;
  int rows = 0;
  std::getline(file, row);
  while (std::getline(file, row)) {
    CAPTURE(row);
    const std::size_t tab = row.find("\tACCEPT");
    const bool accepted = tab != std::string::npos;
    const std::size_t end = accepted ? tab : row.find("\tREJECT");
    REQUIRE(end != std::string::npos);
    std::string line = row.substr(0, end);  // a tab is written as \\t
    for (std::size_t at; (at = line.find("\\t")) != std::string::npos;) {
      line.replace(at, 2, "\t");
    }
    bool ignored = false;
    for (const Remark& r : of(line + "\n")) {
      ignored = ignored || r.rule == "file-ignored";
    }
    CHECK(ignored == !accepted);
    ++rows;
  }
  CHECK(rows == 93);
}

}  // namespace
}  // namespace bezalel::crontab
