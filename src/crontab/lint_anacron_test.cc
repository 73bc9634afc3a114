#include <doctest/doctest.h>

#include "crontab/anacrontab.h"
#include "crontab/lint_said.h"

using namespace bezalel;
using namespace bezalel::crontab;

namespace {

std::string rules(std::string text, Daemon daemon = Daemon::debian) {
  return rules_of(std::move(text), crontab::Kind::anacron, daemon);
}

std::string fix(std::string text) {
  const auto remarks = of(std::move(text), crontab::Kind::anacron);
  return remarks.size() == 1 ? remarks[0].fix : "not one remark";
}

}  // namespace

TEST_CASE("nothing is said of the table of Debian's package") {
  CHECK(rules("# /etc/anacrontab\n\nSHELL=/bin/sh\n"
              "PATH=/usr/local/sbin:/usr/local/bin:/sbin:/bin\n"
              "HOME=/root\nLOGNAME=root\n"
              "1\t5\tcron.daily\trun-parts --report /etc/cron.daily\n"
              "@monthly 15 cron.monthly run-parts /etc/cron.monthly") == "");
}

TEST_CASE("what anacron skips or takes otherwise is found in its place") {
  struct Case {
    const char* text;
    const char* rules;
  };
  const Case cases[] = {
      {"x 5 a true", "line-ignored:1"},
      {" 1 5 a/b true", "line-ignored:6"},
      {"*/5 * * * * /x", "line-ignored:1"},
      {"1 5 a", "line-ignored:1"},
      {"1 99999999999 a true", "line-ignored:3"},
      {"export A=b", "line-ignored:1"},
      {"0 3 * * * root /x", "cron-line:1"},
      {"0 3 1,15 * 1-5 /x", "cron-line:1"},
      {"1 5 7 3 x", ""},
      {"@daily 5 a true", "misread:1"},
      {"@monthlyx 5 a true", "junk-ignored:9"},
      {"0 5 a true", "every-start:1"},
      {"1 5 a true\n7 5 a true", "stamp-shared:5"},
      {"7 5 a true\n1 5 a true", "stamp-shared:5"},
      {"1 5 a true\n1 9 a true", ""},
      {"1 5 a root /x", "extra-user:7"},
      {"1 5 a [[ -f x ]]", "bashism:7"},
      {"SHELL=/bin/bash\n1 5 a source x", "setting-ignored:1 bashism:7"},
      {"PATH=\"/bin\"", "setting-literal:6"},
      {"A = b", "setting-literal:4"},
      {"A=", ""},
      {"PATH=$PATH:/x", "setting-unexpanded:6"},
      {"CRON_TZ=UTC", "setting-ignored:1"},
      {"START_HOURS_RANGE=3-22\nRANDOM_DELAY=6",
       "setting-ignored:1 setting-ignored:1"},
      {"1 5 a true\r\n\r\n", "carriage-return:11"},
      {"1 5 a date +%F", ""},
      {"1 5 a date +\\%F", ""},
      {"\xEF\xBB\xBF# x\n1 5 a true", ""},
      {"\xEF\xBB\xBF"
       "1 5 a true",
       "line-ignored:1"},
      {"# bezalel: allow=every-start\n0 5 a true", ""},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    CHECK(rules(c.text) == c.rules);
  }
}

TEST_CASE("cronie's anacron knows more names, its hours and its delay") {
  CHECK(rules("@daily 5 a true\n@weekly 5 b true\n@hourly 5 c true\n",
              Daemon::cronie) == "misread:1");
  CHECK(rules("START_HOURS_RANGE=3-22\nRANDOM_DELAY=45\n", Daemon::cronie) ==
        "");
  CHECK(rules("SHELL=/bin/bash\nCRON_TZ=UTC\n", Daemon::cronie) ==
        "setting-ignored:1 setting-ignored:1");
}

TEST_CASE("what was meant is said where it is plain") {
  CHECK(fix("@weekly  5  a  true") == "7 5  a  true");
  CHECK(fix("@Monthly 5 a true") == "@monthly 5 a true");
  CHECK(fix("@reboot 5 a true") == "");
  CHECK(fix("1 5 a/b true") == "1 5 a-b true");
  CHECK(fix("export A=b c") == "A=b c");
  CHECK(fix("PATH='/bin:/usr/bin'") == "PATH=/bin:/usr/bin");
  CHECK(fix("MAILTO=\"\"") == "");
  CHECK(fix("1 5 a true\n31 5 a false") == "31 5 a-2 false");
}

TEST_CASE("a program is looked for in the PATH of the table alone") {
  Where where;
  where.program = [](const std::string& path) {
    return ProgramFacts{
        path == "/usr/bin/true" ? ProgramState::runs : ProgramState::missing,
        ""};
  };
  const auto said = [&](const char* text) {
    const auto remarks =
        lint(parse(text, crontab::Kind::anacron, Daemon::debian), where);
    return remarks.empty() ? "" : remarks.front().rule;
  };
  CHECK(said("1 5 a /opt/gone") == "command-missing");
  CHECK(said("PATH=/usr/bin\n1 5 a gone") == "command-missing");
  CHECK(said("PATH=/usr/bin\n1 5 a true") == "");
  CHECK(said("1 5 a gone") == "");
  CHECK(said("0 0 * * * gone") == "cron-line");
}
