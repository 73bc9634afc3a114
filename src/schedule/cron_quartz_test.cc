#include "schedule/cron_quartz.h"

#include <doctest/doctest.h>

#include "schedule/cron.h"
#include "schedule/words.h"

namespace bezalel::schedule {
namespace {

// Days of February 2026 (28 days, the 1st a Sunday) and of August 2026 (31
// days, the 1st a Saturday) that match a day-of-month field.
std::string days_of(const std::string& field, int weekday, int length) {
  const auto expr = CronExpr::parse("0 0 0 " + field + " * ?", Dialect::quartz);
  if (!expr) return "refused: " + expr.error().what;
  std::string out;
  for (int day = 1; day <= 31; ++day) {
    if ((expr->days(weekday, length) >> day & 1) == 0) continue;
    out += (out.empty() ? "" : " ") + std::to_string(day);
  }
  return out;
}

TEST_CASE("nW is the working day nearest the nth, in the same month") {
  CHECK(days_of("15W", 0, 28) == "16");  // a Sunday
  CHECK(days_of("14W", 0, 28) == "13");  // a Saturday
  CHECK(days_of("16w", 0, 28) == "16");  // a Monday
  CHECK(days_of("1W", 0, 28) == "2");    // a Sunday
  CHECK(days_of("1W", 6, 31) == "3");    // a Saturday: not in July
  CHECK(days_of("28W", 0, 28) == "27");  // a Saturday
  CHECK(days_of("31W", 1, 31) == "31");  // a Wednesday
  CHECK(days_of("31W", 5, 31) == "29");  // a Sunday: not in the next month
  CHECK(days_of("31W", 0, 28) == "");    // February has none
  CHECK(days_of("1W,15W", 0, 28) == "2 16");
  CHECK(days_of("LW", 0, 28) == "27");
}

TEST_CASE("weekdays are counted as cron does, and the rest is refused") {
  const auto words = [](const char* text) {
    const auto expr = CronExpr::parse(text, Dialect::quartz);
    return expr ? in_words(*expr) : "refused: " + expr.error().what;
  };
  CHECK(words("0 0 12 ? * 6") == "at 12:00 on Saturdays");
  CHECK(words("0 0 12 ? * FRIL") == words("0 0 12 ? * 5L"));
  CHECK(words("0 0 12 ? * L") ==
        "refused: day-of-week \"L\": not a value; expected 0-7 (0 is Sunday), "
        "sun-sat, 5L or 5#2");
  CHECK(words("0 0 12 L-3 * ?") ==
        "refused: day-of-month \"L-3\": not a value; expected 1-31, L, LW or "
        "15W");
  CHECK(
      words("0 0 12 * * ? 2027")
          .starts_with(
              "refused: 7 fields; expected 6 fields, without a year: second "));
}

TEST_CASE("a question mark is any day, and stands alone") {
  CHECK(days_of("?", 0, 3) == "1 2 3");
  const auto monday = CronExpr::parse("0 0 12 ? * mon", Dialect::quartz);
  REQUIRE(monday.has_value());
  CHECK(in_words(*monday) == "at 12:00 on Mondays");
  for (const char* field : {"?/2", "?,3", "0W", "32W", "W", "1WW", "1-5W"}) {
    CAPTURE(field);
    CHECK(days_of(field, 0, 28).starts_with("refused: day-of-month"));
  }
  CHECK_FALSE(CronExpr::parse("0 0 ? 1 * ?", Dialect::quartz).has_value());
}

}  // namespace
}  // namespace bezalel::schedule
