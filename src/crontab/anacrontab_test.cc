#include "crontab/anacrontab.h"

#include <doctest/doctest.h>

using namespace bezalel;
using namespace bezalel::crontab;
using std::chrono::minutes;

TEST_CASE("the table of Debian's package has three entries") {
  const Anacrontab tab = parse_anacrontab(
      "# comment\n\nSHELL=/bin/sh\n"
      "1\t5\tcron.daily\trun-parts --report /etc/cron.daily\n"
      "7 10 cron.weekly run-parts --report /etc/cron.weekly\n"
      "@monthly 15 cron.monthly run-parts --report /etc/cron.monthly",
      Daemon::debian);
  CHECK(tab.dropped.empty());
  REQUIRE(tab.entries.size() == 3);
  CHECK(tab.entries[0].line == 4);
  CHECK(tab.entries[0].days == 1);
  CHECK(tab.entries[0].delay == minutes(5));
  CHECK(tab.entries[0].id == "cron.daily");
  CHECK(tab.entries[0].command == "run-parts --report /etc/cron.daily");
  CHECK(tab.entries[2].period == "@monthly");
  CHECK(tab.entries[2].days == 31);
}

TEST_CASE("a line that anacron skips is named, and the others stay") {
  for (const char* line :
       {"1 5 a/b true", "1 5 a", "x 5 a true", "1 -5 a true", "A B=c", "=c",
        "\001", "@ 5 a true", "99999999999 5 a true", "1 99999999999 a true",
        "@weekly 99999999999 a true", "export A=b"}) {
    CAPTURE(line);
    const Anacrontab tab = parse_anacrontab(
        std::string(line) + "\n1 5 twin true\n", Daemon::debian);
    REQUIRE(tab.dropped.size() == 1);
    CHECK(tab.dropped[0].line == 1);
    REQUIRE(tab.entries.size() == 1);
    CHECK(tab.entries[0].id == "twin");
  }
}

TEST_CASE("a period that anacron does not know is run at each of its starts") {
  for (const char* line :
       {"@weekly 5 a true", "@Monthly 5 a true", "@reboot 5 a true",
        "@month 5 a true", "@yearlies 5 a true"}) {
    CAPTURE(line);
    const Anacrontab tab = parse_anacrontab(line, Daemon::debian);
    CHECK(tab.dropped.empty());
    REQUIRE(tab.misread.size() == 1);
    CHECK(tab.misread[0].column == 1);
    REQUIRE(tab.entries.size() == 1);
    CHECK(tab.entries[0].days == 0);
  }
  CHECK(parse_anacrontab("@monthlyx 5 a true", Daemon::debian).misread.empty());
}

TEST_CASE("as lines, an anacrontab keeps every byte and says what each is") {
  const Crontab tab = parse(
      "\xEF\xBB\xBF# mark\r\n\r\nA= b \n 7\t10  w  date +\\%F\r\n\n1 5 a/b x",
      crontab::Kind::anacron, Daemon::debian);
  REQUIRE(tab.lines.size() == 6);
  CHECK(tab.lines.back().end == tab.text.size());
  const LineType types[] = {LineType::blank, LineType::blank, LineType::setting,
                            LineType::job,   LineType::blank, LineType::bad};
  for (std::size_t i = 0; i < 6; ++i) {
    CAPTURE(i);
    CHECK(tab.lines[i].type == types[i]);
  }
  CHECK(tab.lines[2].value == " b ");
  const Line& job = tab.lines[3];
  CHECK(job.schedule == "7 10");
  CHECK(job.name == "w");
  CHECK(job.field_columns == std::vector<int>{2, 4});
  CHECK(job.command_column == 11);
  CHECK(job.written == "date +\\%F\r");
  CHECK(job.command == "date +%F\r");
  CHECK(tab.lines[5].problem->column == 1);
  CHECK(parse(std::string((1 << 20) + 1, 'x'), crontab::Kind::anacron,
              Daemon::debian)
            .refused->rule == "too-large");
}

TEST_CASE("a line that anacron takes is an entry or a setting") {
  for (const char* line : {"0 5 a true", "1 5 a=b true", "@yearly 1 a true",
                           "A=", "A =b", "1 =b true", " # x", "1 5 a true\r"}) {
    CAPTURE(line);
    CHECK(parse_anacrontab(line, Daemon::debian).dropped.empty());
  }
}

TEST_CASE("cronie knows more periods and a random delay") {
  const Anacrontab tab = parse_anacrontab(
      "RANDOM_DELAY=45\n@daily 5 d true\n@weekly 25 w true\n", Daemon::cronie);
  REQUIRE(tab.entries.size() == 2);
  CHECK(tab.entries[0].days == 1);
  CHECK(tab.entries[0].delay == minutes(50));
  CHECK(tab.entries[1].days == 7);
}

TEST_CASE("only cronie's anacron keeps to hours") {
  const char* text = "START_HOURS_RANGE=3-22\n1 5 a true\n";
  const auto not_before = [&](Daemon daemon) {
    return parse_anacrontab(text, daemon).entries.at(0).not_before;
  };
  CHECK(not_before(Daemon::cronie) == std::chrono::hours(3));
  CHECK(not_before(Daemon::debian) == Duration::zero());
}

TEST_CASE("a stamp is one day, or nothing") {
  using namespace std::chrono;
  CHECK(parse_anacron_stamp("20261124\n") ==
        sys_days(year(2026) / November / 24));
  for (const char* text : {"", "\n", "2026112", "20261131", "2026-11-24",
                           "20261124x", "00000000"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_anacron_stamp(text));
  }
}
