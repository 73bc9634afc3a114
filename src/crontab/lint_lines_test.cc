#include <doctest/doctest.h>

#include "crontab/lint_said.h"

namespace bezalel::crontab {
namespace {

TEST_CASE("what cronie's crontab refuses to install is not called ignored") {
  const auto of_many = [](const char* line, int n, Kind kind, Daemon daemon) {
    std::string text;
    for (int i = 0; i < n; ++i) text += line;
    return rules_of(std::move(text), kind, daemon);
  };
  const char* setting = "A=b\n";
  const char* job = "@daily x\n";
  CHECK(of_many(setting, 1000, Kind::user, Daemon::cronie) == "");
  CHECK(of_many(setting, 1001, Kind::user, Daemon::cronie) ==
        "not-installed:0");
  CHECK(of_many(setting, 1001, Kind::system, Daemon::cronie) == "");
  CHECK(of_many(setting, 1001, Kind::user, Daemon::debian) == "");
  CHECK(of_many(job, 10'001, Kind::user, Daemon::cronie) == "not-installed:0");
}

TEST_CASE("of what is too large nothing is claimed") {
  const auto found = of(std::string(2 << 20, '#'));
  REQUIRE(found.size() == 1);
  CHECK(found[0].rule == "too-large");
  CHECK(found[0].weight == Weight::error);
  CHECK(found[0].effect == "Nothing in it was judged; its jobs may run.");
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
       }) {
    CAPTURE(row.line);
    const auto found = of(std::string(row.line) + "\n");
    REQUIRE(found.size() == 1);
    CHECK(found[0].rule == "file-ignored");
    CHECK(found[0].fix == row.fix);
  }
}

TEST_CASE("where it is not plain what was meant, the fix says what may stand") {
  const char* one =
      "write one of 0-59 there, a list (1,5), a range (1-5) or */2";
  CHECK(of("61 * * * * x\n")[0].fix == one);
  CHECK(of("*/0 * * * * x\n")[0].fix == one);
  CHECK(of("* 24 * * * x\n")[0].fix.starts_with("write one of 0-23 there"));
  CHECK(of("* * L * * x\n")[0].fix.starts_with("write one of 1-31 there"));
  CHECK(of("@every 5m x\n")[0].fix ==
        "write the five fields, as */5 * * * * for every five minutes");
  CHECK(of("0 * * * * * x\n")[0].fix ==
        "take out the field that is none of the five");
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

TEST_CASE("a system table without a user is told as that") {
  const auto path = of("0 3 * * * /usr/local/bin/x\n", Kind::system);
  REQUIRE(path.size() == 1);
  CHECK(path[0].message == "no user; \"/usr/local/bin/x\" stands in its place");
  CHECK(path[0].fix == "0 3 * * * root /usr/local/bin/x");
  CHECK(of("0 3 * * * root\n", Kind::system)[0].fix ==
        "write the command behind the user");
  CHECK(of("0 3 * * *\n", Kind::system)[0].fix ==
        "write a user and the command there");
}

TEST_CASE("busybox crond reads no table with users") {
  CHECK(rules_of("0 3 * * * root x\n0 4 * * * root y\n", Kind::system,
                 Daemon::busybox) == "unread-table:11");
}

TEST_CASE("a blank that is none is what is told, at its place") {
  const auto first =
      of("0\xc2\xa0"
         "3 * * * /bin/true\n");
  REQUIRE(first.size() == 1);
  CHECK(first[0].rule == "file-ignored");
  CHECK(first[0].column == 2);
  CHECK(first[0].width == 2);
  CHECK(first[0].message == "a no-break space separates no words");
  CHECK(first[0].fix == "0 3 * * * /bin/true");
  // Accepted: the day of week with what follows, and no command.
  const auto last = of("0 3 * * *\xc2\xa0/bin/true\n");
  REQUIRE(last.size() == 1);
  CHECK(last[0].rule == "no-break-space");
  CHECK(last[0].weight == Weight::error);
  CHECK(last[0].column == 10);
  CHECK(last[0].fix == "0 3 * * * /bin/true");
  const auto user = of("0 3 * * * root\xc2\xa0/bin/true\n", Kind::system);
  REQUIRE(user.size() == 1);
  CHECK(user[0].column == 15);
  CHECK(user[0].fix == "0 3 * * * root /bin/true");
  CHECK(rules_of("0 3 * * * a &&\xe2\x80\x8b"
                 "b\n") == "no-break-space:15");
  CHECK(rules_of("0 3 * * * grep \xc2\xa0 x \"\xc2\xa0\"\n") == "");
  CHECK(rules_of("61 3 * * * echo \xc2\xa0\n") == "file-ignored:1");
}

TEST_CASE("carriage returns are told once a file") {
  const auto found = of("0 1 * * * x\r\n0 2 * * * y\r\n");
  REQUIRE(found.size() == 1);
  CHECK(found[0].rule == "carriage-return");
  CHECK(found[0].column == 12);
  CHECK(found[0].fix == "sed -i 's/\\r$//' /etc/cron.d/x");
}

TEST_CASE("October has no name for systemd-cron, but a number") {
  const auto fix = [](const std::string& month) {
    const auto found =
        of("0 1 1 " + month + " * x\n", Kind::user, Daemon::systemd_cron);
    REQUIRE(found.size() == 1);
    CHECK(found[0].rule == "line-ignored");
    CHECK(found[0].message == "month \"" + month +
                                  "\": systemd-cron knows no October by its "
                                  "name; expected 10");
    return found[0].fix;
  };
  CHECK(fix("oct") == "0 1 1 10 * x");
  CHECK(fix("Jan,oct-dec") == "0 1 1 jan,10-12 * x");
  CHECK(fix("october") == "0 1 1 10 * x");
  CHECK(of("0 1 1 sep * x\n", Kind::user, Daemon::systemd_cron).empty());
  const auto other = of("0 1 1 13 * x\n", Kind::user, Daemon::systemd_cron);
  REQUIRE(!other.empty());
  CHECK(other[0].message.find("October") == std::string::npos);
}

}  // namespace
}  // namespace bezalel::crontab
