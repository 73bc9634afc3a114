#include "schedule/cron_systemd.h"

#include <doctest/doctest.h>

#include "schedule/cron.h"
#include "schedule/words.h"

namespace bezalel::schedule {
namespace {

std::string words(std::string_view text) {
  const auto expr = CronExpr::parse(text, Dialect::systemd_cron);
  return expr ? in_words(*expr) : "refused: " + expr.error().what;
}

// Each answer is that of the generator of systemd-cron 1.15.19.
TEST_CASE("systemd-cron makes a timer of a line") {
  struct Case {
    const char* expr;
    const char* words;
  };
  const Case cases[] = {
      {"30 2 * * *", "at 02:30 every day"},
      {"*/15 * * * *", "every 15 minutes"},
      {"*/90 * * * *", "every hour, on the hour"},
      {"5/15 * * * *", "every hour, at minute 5"},
      {"0 3 * * 1-5", "at 03:00, Monday to Friday"},
      {"0 3 * * 7", "at 03:00 on Sundays"},
      {"0 3 * * mon#1", "at 03:00 on Mondays"},
      {"0 3 * * friday", "at 03:00 on Fridays"},
      {"0 3 1 * 1", "at 03:00 on Mondays that fall on the 1st of every month"},
      {"0 3 1 nov *", "at 03:00 on the 1st of October"},
      {"0 3 1 dec *", "at 03:00 on the 1st of November"},
      {"0 3 * * 0-7", "at 03:00 on Sundays"},
      {"@daily", "at 00:00 every day"},
      {"@Weekly", "at 00:00 on Mondays"},
      {"@quarterly", "at 00:00 on the 1st of January, April, July and October"},
      {"@minutely", "every minute"},
      {"@5",
       "at 00:00 on every 5th day from the 1st to the 31st of every month"},
      {"@reboot", "once at every boot"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.expr);
    CHECK(words(c.expr) == c.words);
  }
}

TEST_CASE("systemd-cron leaves garbled weekdays out: every day matches") {
  for (const char* expr : {"0 3 * * sat-sun", "0 3 * * fri-mon", "0 3 * * 5-7",
                           "0 3 * * 5#2", "0 3 * * x"}) {
    CAPTURE(expr);
    CHECK(words(expr) == "at 03:00 every day");
  }
}

TEST_CASE("systemd-cron has no timer for any other garbled field") {
  for (const char* expr :
       {"0 22-2 * * *", "60 * * * *", "0 24 * * *", "0 3 0 * *", "0 3 32 * *",
        "0 3 * oct *", "0 3 * 13 *", "5* * * * *", "1.5 * * * *", "*/0 * * * *",
        "*/2/3 * * * *", "1-3-5 * * * *", "~ * * * *", "1,,2 * * * *",
        "0 3 * *", "@dayly"}) {
    CAPTURE(expr);
    CHECK(words(expr).starts_with("refused: "));
  }
}

TEST_CASE("what systemd-cron runs follows the rules of systemd's timers") {
  const auto expr = CronExpr::parse("30 2 * * *", Dialect::systemd_cron);
  const Zone berlin = *Zone::load("Europe/Berlin");
  // 2027-03-28: 02:00 becomes 03:00; nothing is caught up.
  CHECK(next(*expr, berlin, *parse_rfc3339("2027-03-27T12:00:00Z")) ==
        *parse_rfc3339("2027-03-29T00:30:00Z"));
  // 2027-10-31: 03:00 becomes 02:00; the first pass only.
  const auto first =
      next(*expr, berlin, *parse_rfc3339("2027-10-30T12:00:00Z"));
  CHECK(first == *parse_rfc3339("2027-10-31T00:30:00Z"));
  CHECK(next(*expr, berlin, *first) == *parse_rfc3339("2027-11-01T01:30:00Z"));
  CHECK(previous(*expr, berlin, *parse_rfc3339("2027-03-29T00:00:00Z")) ==
        *parse_rfc3339("2027-03-27T01:30:00Z"));
}

}  // namespace
}  // namespace bezalel::schedule
