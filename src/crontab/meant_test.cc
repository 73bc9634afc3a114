#include "crontab/meant.h"

#include <doctest/doctest.h>

namespace bezalel::crontab {
namespace {

// Of the only line of a user's table.
std::string meant(const std::string& schedule, Daemon daemon = Daemon::debian) {
  const Crontab tab = parse(schedule + " /bin/x\n", Kind::user, daemon);
  REQUIRE(tab.lines.size() == 1);
  return meant_schedule(tab, tab.lines[0]);
}

TEST_CASE("what was meant, where it is plain") {
  CHECK(meant("0/5 * * * *") == "*/5 * * * *");
  CHECK(meant("7/5 * * * *") == "7-59/5 * * * *");
  CHECK(meant("0 0 1/2 * *") == "0 0 */2 * *");
  CHECK(meant("0 0 ? * monday") == "0 0 * * mon");
  CHECK(meant("0 0 1 october *") == "0 0 1 oct *");
  CHECK(meant("@Daily") == "@daily");
  CHECK(meant("@sometimes") == "");
  CHECK(meant("61 * * * *") == "");
}

TEST_CASE("the months that systemd-cron takes for others, by their numbers") {
  CHECK(meant("0 0 1 oct *", Daemon::systemd_cron) == "0 0 1 10 *");
  CHECK(meant("0 0 1 sep-Dec,oct *", Daemon::systemd_cron) ==
        "0 0 1 sep-12,10 *");
  CHECK(month_of("0 0 1 oct *") == "oct");
}

TEST_CASE("what may stand there, where what was meant is not plain") {
  const auto expected = [](const char* rule, const char* message) {
    Problem problem;
    problem.rule = rule;
    problem.message = message;
    return expected_instead(problem);
  };
  CHECK(expected("bad-minute", "minute \"61\"; expected 0-59") ==
        "write one of 0-59 there, a list (1,5), a range (1-5) or */2");
  CHECK(expected("bad-minute", "minute \"x\"; expected a schedule") == "");
  CHECK(expected("bad-minute", "no minute") == "");
  CHECK(expected("bad-nickname", "@x").starts_with("write the five fields"));
}

}  // namespace
}  // namespace bezalel::crontab
