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
