#include <doctest/doctest.h>

#include "crontab/lint_said.h"

namespace bezalel::crontab {
namespace {

TEST_CASE("what the user of a job may not execute is told") {
  Where where;
  where.program = [](const std::string&) -> ProgramFacts { return {}; };
  where.may_run = [](const std::string& path, const std::string& user) {
    return user == "root" || !path.starts_with("/root/");
  };
  const auto of = [&](const std::string& text) {
    return lint(parse(text, Kind::system, Daemon::debian), where);
  };
  CHECK(of("0 1 * * * root /root/x.sh\n").empty());
  CHECK(of("0 1 * * * ann /srv/x.sh\n").empty());
  const auto found = of("0 1 * * * ann /root/x.sh\n");
  REQUIRE(found.size() == 1);
  CHECK(found[0].rule == "command-missing");
  CHECK(found[0].message == "\"ann\" may not execute \"/root/x.sh\"");
  const auto guarded = of("0 1 * * * ann test -x /root/x && /root/x\n");
  REQUIRE(guarded.size() == 1);
  CHECK(guarded[0].rule == "guard-missing");
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
           Row{"0 1 * * * if [ -d /srv ] && [ -x /opt/gone ]; then /opt/gone; "
               "fi",
               "guard-missing", 34},
           Row{"0 1 * * * if ls && [ -x /opt/gone ]; then /opt/gone; fi",
               "guard-missing", 25},
           Row{"0 1 * * * if [ -x /opt/gone ] && [ $(date +\\%d) -le 7 ]; then "
               "/opt/gone; fi",
               "guard-missing", 19},
           Row{"0 1 * * * [ -d /srv ] && [ -x /opt/gone ] && /opt/gone",
               "guard-missing", 31},
           Row{"0 1 * * * ls; if [ -x /opt/gone ]; then /opt/gone || ls; fi",
               "guard-missing", 23},
           Row{"0 1 * * * test -x /opt/gone -a ! -d /run/x && /opt/gone",
               "guard-missing", 19},
           Row{"0 1 * * * test -x /opt/gone && /opt/gone; ls a || ls b",
               "guard-missing", 19},
           Row{"0 1 * * * /opt/gone $(date)", "command-missing", 11},
           Row{"MAILTO=ann", "mail-nowhere", 1},
           Row{"0 1 * * * [ -f /opt/gone ] && /opt/gone", "guard-missing", 16},
           Row{"0 1 * * * [ ! -x /opt/gone ] || /opt/gone", "guard-missing",
               18},
           Row{"0 1 * * * [ ! -e /opt/gone ] && exit 0; /opt/gone",
               "guard-missing", 18},
           Row{"0 1 * * * command -v /opt/gone >/dev/null && /opt/gone x",
               "guard-missing", 22},
           Row{"0 1 * * * which nosuch >/dev/null && nosuch", "guard-missing",
               17},
           Row{"0 1 * * * plain", "command-missing", 11},
           Row{"0 1 * * * /srv", "command-missing", 11},
           // Not known, or well.
           Row{"0 1 * * * if [ -x /opt/gone ]; then /opt/gone; elif ls; fi", "",
               0},
           Row{"0 1 * * * if [ -x /opt/gone ]; then /opt/gone; else ls; fi", "",
               0},
           Row{"0 1 * * * test -x /opt/gone && /opt/gone || ls", "", 0},
           Row{"0 1 * * * if ls /srv; then ls; fi", "", 0},
           Row{"0 1 * * * if ls /opt/gone; then ls; fi", "", 0},
           Row{"0 1 * * * if nosuch; then ls; fi", "", 0},
           Row{"0 1 * * * if [ -d /gone ] && [ -x /opt/gone ]; then ls; fi", "",
               0},
           Row{"0 1 * * * if ls || [ -x /opt/gone ]; then ls; fi", "", 0},
           Row{"0 1 * * * if [ -x /opt/gone ] || [ -x /usr/bin/ls ]; then ls; "
               "fi",
               "", 0},
           Row{"0 1 * * * if [ -d /srv ] && [ -x /opt/gone ]; then ls a; else "
               "ls; fi",
               "", 0},
           Row{"0 1 * * * if [ $(ls) = web1 ] && [ -x /opt/gone ]; then ls; fi",
               "", 0},
           Row{"0 1 * * * [ -x /opt/gone -o -x /usr/bin/ls ] && ls", "", 0},
           Row{"0 1 * * * [ -x /opt/gone ] || (ls) && ls", "", 0},
           Row{"0 1 * * * [ -x /opt/gone ] && exit 0; ls", "", 0},
           Row{"0 1 * * * [ -f /run/flag ] && ls", "", 0},
           Row{"0 1 * * * which ls >/dev/null && ls", "", 0},
           Row{"0 1 * * * which nosuch || ls", "", 0},
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
    CAPTURE(std::string(row.text));
    auto found = on_host(std::string(row.text) + "\n", {"/usr/bin/ls"});
    std::erase_if(found,
                  [](const Remark& r) { return r.weight == Weight::info; });
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

TEST_CASE("what the shell of a line has itself is looked for nowhere") {
  const auto told = [](const std::string& line, const std::string& shell) {
    std::string out;
    for (const Remark& r : on_host(
             (shell.empty() ? "" : shell + "\n") + "0 1 * * * " + line + "\n",
             {"/usr/bin/ls", "/bin/bash", "/usr/bin/zsh",
              "/usr/bin/bezalel-sh"})) {
      if (r.rule == "command-missing") out += r.message + " | " + r.fix;
    }
    return out;
  };
  for (const char* line :
       {"shopt -s nullglob; ls", "mapfile x <f", "declare -a x; ls",
        "declare -x PATH=/opt; nosuch", "pushd /", "let x=1", "enable -n ls",
        "coproc ls", "time ls", "readarray x <f", "builtin cd /", "typeset x",
        "readonly x=1", "f() { ls; }; f", "f () { ls; }; f",
        "function f { ls; }; f", "function f() { ls; }; f",
        "for x in a; do ls; done; popd"}) {
    CAPTURE(line);
    CHECK(told(line, "SHELL=/bin/bash") == "");
    CHECK(told(line, "SHELL=/usr/bin/bezalel-sh\nBEZALEL_SHELL=/bin/bash") ==
          "");
  }
  CHECK(told("setopt nullglob", "SHELL=/usr/bin/zsh") == "");
  CHECK(told("setopt nullglob", "SHELL=/bin/bash") != "");
  CHECK(told("f() { ls; }; f", "") == "");
  CHECK(told("readonly x=1; ls", "") == "");
  CHECK(told("shopt -s nullglob", "") ==
        "\"shopt\" is not in the PATH of the job | SHELL=/bin/bash on a line "
        "above");
  // An adopted table has a SHELL already, and needs it.
  CHECK(
      told("shopt -s nullglob", "SHELL=/usr/bin/bezalel-sh") ==
      "\"shopt\" is not in the PATH of the job | BEZALEL_SHELL=/bin/bash on a "
      "line above");
  CHECK(told("nosuch", "SHELL=/bin/bash").starts_with("\"nosuch\" is not"));
}

TEST_CASE("a record keeps what nobody mails") {
  const auto told = [](const std::string& text) {
    const auto found =
        on_host(text, {"/usr/bin/ls", "/usr/bin/bezalel", "/usr/bin/bezalel-sh",
                       "/bin/sh", "/bin/bash"});
    return std::count_if(found.begin(), found.end(), [](const Remark& r) {
      CHECK(r.fix.size() <= 72);
      return r.rule == "mail-nowhere";
    });
  };
  const std::string adopted = "SHELL=/usr/bin/bezalel-sh\n";
  const std::string run = "0 1 * * * /usr/bin/bezalel run ";
  CHECK(told("MAILTO=ann\n0 1 * * * ls\n") == 1);
  CHECK(told(adopted + "MAILTO=ann\n0 1 * * * ls\n") == 0);
  CHECK(told("MAILTO=ann\n" + adopted + "0 1 * * * ls\n") == 0);
  CHECK(told("MAILTO=ann\n" + run + "x -- /bin/sh -c 'ls'\n") == 0);
  CHECK(told("MAILTO=ann\n" + run + "--grace 1h x -- ls\n") == 0);
  CHECK(told("MAILTO=ann\n0 1 * * * cd / && /usr/bin/bezalel run-parts "
             "/etc/x\n") == 0);
  CHECK(told("MAILTO=ann\n" + run + "x -- ls; ls\n") == 1);
  CHECK(told("MAILTO=ann\n" + run + "--no-output x -- ls\n") == 1);
  CHECK(told(adopted + "MAILTO=ann\n" + run + "--no-output x -- ls\n") == 1);
  CHECK(told("MAILTO=ann\n" + run + "x -- ls\n0 1 * * * ls\n") == 1);
  CHECK(told("MAILTO=ann\n0 1 * * * ls\nMAILTO=bob\n" + adopted +
             "0 1 * * * ls\n") == 1);
}

TEST_CASE("what is asked within a test is no guard") {
  for (const char* command :
       {"[ \"$(date +\\%u)\" = 7 ] && ls", "test $(which ls) && ls",
        "[ -d /srv ] && [ \"`date +\\%a`\" = Sun ] && ls"}) {
    CAPTURE(command);
    for (const Remark& r :
         on_host("0 1 * * * " + std::string(command) + "\n", {})) {
      CHECK(r.rule == "guarded");
    }
  }
}

TEST_CASE("where a program was looked for is shown whole") {
  const std::string path =
      "/usr/local/sbin:/usr/local/bin:/sbin:/bin:/usr/sbin:/usr/bin";
  const auto found = on_host("PATH=" + path + "\n0 1 * * * nosuch\n", {});
  REQUIRE(found.size() == 1);
  CHECK(found[0].effect == "PATH is \"" + path +
                               "\" under cron: each run ends with exit status "
                               "127.");
  const auto cut =
      on_host("PATH=" + std::string(500, '/') + "\n0 1 * * * nosuch\n", {});
  REQUIRE(cut.size() == 1);
  CHECK(cut[0].effect.find("PATH is \"//") == 0);
  CHECK(cut[0].effect.find("//..\" under") != std::string::npos);
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
