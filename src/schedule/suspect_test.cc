#include "schedule/suspect.h"

#include <doctest/doctest.h>

#include "schedule/field_terms.h"
#include "schedule/test_rows.h"

namespace bezalel::schedule {
namespace {

// "rule field text -> rewrite; ..."
std::string told(std::string_view expr, Dialect dialect) {
  std::string out;
  for (const Oddity& odd : oddities_of(expr, dialect)) {
    if (!out.empty()) out += "; ";
    out += odd.rule + ' ' + std::to_string(odd.field) + ' ' +
           std::string(expr.substr(odd.begin, odd.end - odd.begin));
    if (!odd.rewrite.empty()) out += " -> " + odd.rewrite;
  }
  return out;
}

struct Case {
  const char* expr;
  const char* told;
};

TEST_CASE("a schedule that runs as written has no oddity") {
  for (const char* expr : {"* * * * *",
                           "*/15 * * * *",
                           "0 0 1,15 * *",
                           "0 0 1-31 * *",
                           "*/60 * * * *",
                           "0 */24 * * *",
                           "0 0 * * */7",
                           "0 0 * */12 *",
                           "0-59/5 * * * *",
                           "5-55/50 * * * *",
                           "30 2 * * mon-fri",
                           "0 0 * * 5-7",
                           "0 22-23,0-2 * * *",
                           "0 0 29 2 *",
                           "0 0 * * 0,7",
                           "0 0 */1 * 1",
                           "0 0 1 */3 *",
                           "59 23 31 12 *",
                           "@daily",
                           "@reboot",
                           "0 5,17 * * 1-5"}) {
    CAPTURE(expr);
    CHECK(told(expr, Dialect::debian) == "");
    CHECK(told(expr, Dialect::cronie) == "");
  }
  for (const char* expr : {"0 22-6 * * *", "0 0 * * fri-mon", "*/15 * * * *",
                           "0 0 1 * *", "0 0 * * sun-sat", "0 0 1-31 * *"}) {
    CAPTURE(expr);
    CHECK(told(expr, Dialect::busybox) == "");
  }
  CHECK(told("0 0 12 ? * MON#1", Dialect::quartz) == "");
}

TEST_CASE("a weekday's number is not what Quartz makes of it") {
  const Case cases[] = {
      {"0 0 12 ? * 6", "weekday-number 4 6 -> 0 0 12 ? * sat"},
      {"0 0 12 ? * 1-5", "weekday-number 4 1-5 -> 0 0 12 ? * mon-fri"},
      {"0 0 12 ? * 5L,3#2", "weekday-number 4 5L,3#2 -> 0 0 12 ? * friL,wed#2"},
      {"0 0 12 ? * 5-7", "weekday-number 4 5-7"},
      {"0 0 12 ? * */2", ""},
      {"0 0 12 ? * FRIL", ""},
      {"0 0 12 1 * ?", ""},
  };
  for (const Case& c : cases) {
    CAPTURE(c.expr);
    CHECK(told(c.expr, Dialect::quartz) == c.told);
  }
}

TEST_CASE("busybox crond dies of a nickname") {
  const Case cases[] = {
      {"@daily", "daemon-ends -1 @daily -> 0 0 * * *"},
      {" @hourly ", "daemon-ends -1 @hourly -> 0 * * * *"},
      {"@yearly", "daemon-ends -1 @yearly -> 0 0 1 1 *"},
      {"@reboot", "daemon-ends -1 @reboot"},
      {"@Daily", ""},
  };
  for (const Case& c : cases) {
    CAPTURE(c.expr);
    CHECK(told(c.expr, Dialect::busybox) == c.told);
  }
}

TEST_CASE("Debian cron: what never runs, with what was meant") {
  const Case cases[] = {
      {"0 22-2 * * *", "never-runs 1 22-2 -> 0 22-23,0-2 * * *"},
      {"0 23-0 * * *", "never-runs 1 23-0 -> 0 23,0 * * *"},
      {"0 20-4/2 * * *", "never-runs 1 20-4/2 -> 0 20,22,0,2,4 * * *"},
      {"0 0 * * fri-mon", "never-runs 4 fri-mon -> 0 0 * * fri-sat,sun-mon"},
      {"0 0 * * SAT-SUN", "never-runs 4 SAT-SUN -> 0 0 * * sat,sun"},
      {"0 0 * * 6-2", "never-runs 4 6-2 -> 0 0 * * 6,0-2"},
      {"0 0 * * 7-1", "never-runs 4 7-1 -> 0 0 * * 0-1"},
      {"0 0 * nov-feb *", "never-runs 3 nov-feb -> 0 0 * nov-dec,jan-feb *"},
      {"0 10-5 * * *", "never-runs 1 10-5 -> 0 10-23,0-5 * * *"},
      {"0 0 28-3 * *", "never-runs 2 28-3 -> 0 0 28-31,1-3 * *"},
      {"59-0 * * * *", "never-runs 0 59-0 -> 59,0 * * * *"},
      {"0 0 30 2 *", "never-runs 2 30 2 -> 0 0 28 2 *"},
      {"0 0 31 4,6 *", "never-runs 2 31 4,6 -> 0 0 30 4,6 *"},
      {"0 8,22-2 * * *", "backward-range 1 22-2 -> 0 8,22-23,0-2 * * *"},
      {"0 0 1 * sat-sun",
       "day-or 2 1; backward-range 4 sat-sun -> 0 0 1 * sat,sun"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.expr);
    CHECK(told(c.expr, Dialect::debian) == c.told);
  }
}

TEST_CASE("Debian cron: what means something else than it says") {
  const Case cases[] = {
      {"*/90 * * * *", "step-too-large 0 */90"},
      {"*/120 * * * *", "step-too-large 0 */120 -> 0 */2 * * *"},
      {"0 */36 * * *", "step-too-large 1 */36"},
      {"0 8-10/6 * * *", "step-too-large 1 8-10/6"},
      {"5* * * * *", "junk-ignored 0 5*"},
      {"1.5 * * * *", "junk-ignored 0 1.5 -> 1,5 * * * *"},
      {"1;2 * * * *", "junk-ignored 0 1;2 -> 1,2 * * * *"},
      {"0 12 1..5 * *", "junk-ignored 2 1..5 -> 0 12 1-5 * *"},
      {"0 0 * * 5#2", "junk-ignored 4 5#2"},
      {"0 0 * * mon#1", "junk-ignored 4 mon#1"},
      {"0 0~5 * * *", "junk-ignored 1 0~5"},
      {"*5 * * * *", "junk-ignored 0 *5 -> */5 * * * *"},
      {"*-5 * * * *", "junk-ignored 0 *-5 -> */5 * * * *"},
      {"**/5 * * * *", "junk-ignored 0 **/5 -> */5 * * * *"},
      {"0 4294967297 * * *", "number-wraps 1 4294967297"},
      {"0 0 1 * 1", "day-or 2 1"},
      {"0 0 1-31 * 1", "day-or 2 1-31 -> 0 0 * * 1"},
      {"0 0 1 * 0-6", "day-or 2 1 -> 0 0 1 * *"},
      {"0 0 */2 * 1", "day-and 2 */2"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.expr);
    CHECK(told(c.expr, Dialect::debian) == c.told);
  }
}

TEST_CASE("cronie: the end of a range that is zero") {
  const Case cases[] = {
      {"0 5-0 * * *", "backward-range 1 5-0 -> 0 5-23,0 * * *"},
      {"0 22-0 * * *", "never-runs 1 22-0 -> 0 22-23,0 * * *"},
      {"0 0 * * sat-sun", ""},
      {"0~30 2 * * *", ""},
      {"0 0 * * fri-mon", "never-runs 4 fri-mon -> 0 0 * * fri-sat,sun-mon"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.expr);
    CHECK(told(c.expr, Dialect::cronie) == c.told);
  }
}

TEST_CASE("busybox: what is outside sets all, a step alone sets one") {
  const Case cases[] = {
      {"0 3 * * 7", "out-of-range 4 7 -> 0 3 * * 0"},
      {"0 3 * * 5-7", "out-of-range 4 5-7 -> 0 3 * * 5-6,0"},
      {"61 * * * *", "out-of-range 0 61"},
      {"5/15 * * * *", "step-ignored 0 5/15 -> 5-59/15 * * * *"},
      {"0 3 * * mon#1", "junk-ignored 4 mon#1"},
      {"0 L * * *", "never-runs 1 L"},
      {"0 0 */2 * 1", "day-or 2 */2"},
      {"0 0 1-31 * 1", "day-or 2 1-31 -> 0 0 * * 1"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.expr);
    CHECK(told(c.expr, Dialect::busybox) == c.told);
  }
}

TEST_CASE("an oddity is told in one line, foreign text escaped") {
  const auto never = oddities_of("0 22-2 * * *", Dialect::debian);
  REQUIRE(never.size() == 1);
  CHECK(never[0].message == "hours \"22-2\" never match");
  CHECK(never[0].why ==
        "Debian cron accepts this line and never runs it: the range runs "
        "backwards.");
  CHECK(never[0].weight == Oddity::Weight::never_runs);
  const auto junk = oddities_of("0 5\033[2J * * *", Dialect::debian);
  REQUIRE(junk.size() == 1);
  CHECK(junk[0].message == "hours \"5\\x1b[2J\" are read as \"5\"");
  CHECK(junk[0].why == "Debian cron drops \"\\x1b[2J\" without a word.");
}

TEST_CASE("what Debian takes and cronsim refuses is always odd") {
  for_each_row("debian_odd_accepts.jsonl", [](const Row& row) {
    CAPTURE(row.line());
    const auto all = oddities_of(row.text("expr"), Dialect::debian);
    REQUIRE_FALSE(all.empty());
    const bool never = all[0].weight == Oddity::Weight::never_runs;
    CHECK(never == (row.integer("count") == 0));
  });
}

TEST_CASE("nothing is odd about a refused or an endless expression") {
  CHECK(oddities_of("60 * * * *", Dialect::debian).empty());
  CHECK(oddities_of("", Dialect::debian).empty());
  std::string endless = "5-1";
  while (endless.size() < 100'000) endless += ",5-1";
  CHECK(oddities_of("0 " + endless + " * * *", Dialect::debian).empty());
}

TEST_CASE("a step that is no number is a step of nothing") {
  // busybox reads "*/" and a control character as a step of 0.
  for (const Dialect dialect :
       {Dialect::debian, Dialect::cronie, Dialect::busybox}) {
    for (const Oddity& odd : oddities_of("*/\x15 * * * *", dialect)) {
      CHECK(odd.rewrite.find("*/0") == std::string::npos);
    }
  }
  CHECK(!oddities_of("*/\x15 * * * *", Dialect::busybox).empty());
}

TEST_CASE("the terms of a field stand where they are written") {
  const auto expr = CronExpr::parse("0  8-18/2,mon * * *", Dialect::busybox);
  const auto fields = field_terms(*expr);
  REQUIRE(fields.size() == 5);
  REQUIRE(fields[1].terms.size() == 1);
  CHECK(fields[1].terms[0].first == 8);
  CHECK(fields[1].terms[0].last == 18);
  CHECK(fields[1].terms[0].step == 2);
  CHECK(fields[1].begin == 3);
  CHECK(fields[1].read_to == 9);
  CHECK(fields[1].end == 13);
}

// Beside the generator of systemd-cron 1.15.19.
TEST_CASE("systemd-cron reads some fields in its own way") {
  const Case cases[] = {
      {"30 2 * * 1-5", ""},
      {"30 2 * * friday", ""},
      {"30 2 1 jan *", ""},
      {"30 2 1 nov *", "misread 3 nov -> 30 2 1 11 *"},
      {"30 2 * * sat-sun", "misread 4 sat-sun -> 30 2 * * sat,sun"},
      {"30 2 * * 5-7", "misread 4 5-7 -> 30 2 * * 0,5,6"},
      {"30 2 * * 0-7", "misread 4 0-7 -> 30 2 * * *"},
      {"30 2 * * mon#1", "junk-ignored 4 mon#1"},
      {"5/15 * * * *", "step-ignored 0 5/15 -> 5-59/15 * * * *"},
      {"*/90 * * * *", "step-too-large 0 */90"},
      {"0 3 1 * 1", "day-and 2 1"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.expr);
    CHECK(told(c.expr, Dialect::systemd_cron) == c.told);
  }
}

}  // namespace
}  // namespace bezalel::schedule
