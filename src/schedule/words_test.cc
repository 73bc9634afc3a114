#include "schedule/words.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "schedule/test_rows.h"

namespace bezalel::schedule {
namespace {

struct Case {
  const char* expr;
  const char* words;
};

std::string of_cron(std::string_view text, Dialect dialect = Dialect::debian) {
  const auto expr = CronExpr::parse(text, dialect);
  CAPTURE(text);
  REQUIRE(expr.has_value());
  return in_words(*expr);
}

TEST_CASE("a cron expression in words") {
  const Case cases[] = {
      {"* * * * *", "every minute"},
      {"*/15 * * * *", "every 15 minutes"},
      {"5-59/15 * * * *", "every 15 minutes, from minute 5"},
      {"0 * * * *", "every hour, on the hour"},
      {"@hourly", "every hour, on the hour"},
      {"17 * * * *", "every hour, at minute 17"},
      {"0 3 * * *", "at 03:00 every day"},
      {"@daily", "at 00:00 every day"},
      {"0 3 * * 1-5", "at 03:00, Monday to Friday"},
      {"0 3 * * mon-fri", "at 03:00, Monday to Friday"},
      {"0 3 * * 0", "at 03:00 on Sundays"},
      {"0 3 * * 7", "at 03:00 on Sundays"},
      {"0 3 * * 6,0", "at 03:00 on Saturdays and Sundays"},
      {"0 3 * * 5-7", "at 03:00, Friday to Sunday"},
      {"0 3 * * 1,3,5", "at 03:00 on Mondays, Wednesdays and Fridays"},
      {"0 3,15 * * *", "at 03:00 and 15:00 every day"},
      {"0,30 3 * * *", "at 03:00 and 03:30 every day"},
      {"* 3 * * *", "every minute from 03:00 to 03:59"},
      {"*/5 8-18 * * *", "every 5 minutes from 08:00 to 18:55"},
      {"30 8-18 * * *", "every hour from 08:30 to 18:30"},
      {"0 */2 * * *", "every 2 hours from 00:00 to 22:00"},
      {"0 9-17/2 * * 1-5",
       "every 2 hours from 09:00 to 17:00, Monday to Friday"},
      {"0,17,45 * * * *", "at minutes 0, 17 and 45 of every hour"},
      {"0,17,45 1-4 * * *", "at minutes 0, 17 and 45 of the hours 01 to 04"},
      {"*/20 1,5 * * *", "every 20 minutes of the hours 01 and 05"},
      {"0 0 1 * *", "at 00:00 on the 1st of every month"},
      {"@monthly", "at 00:00 on the 1st of every month"},
      {"0 0 1,15 * *", "at 00:00 on the 1st and 15th of every month"},
      {"0 0 1-7 * *", "at 00:00 on the 1st to 7th of every month"},
      {"0 0 22,23 * *", "at 00:00 on the 22nd and 23rd of every month"},
      {"0 0 11,12,13 * *", "at 00:00 on the 11th to 13th of every month"},
      {"0 0 */2 * *",
       "at 00:00 on every 2nd day from the 1st to the 31st of every month"},
      {"@yearly", "at 00:00 on the 1st of January"},
      {"0 0 1 */3 *",
       "at 00:00 on the 1st of January, April, July and October"},
      {"0 0 * 6-8 *", "at 00:00 every day in June to August"},
      {"* * * 12 *", "every minute, in December"},
      {"0 0 * 1 1", "at 00:00 on Mondays in January"},
      {"0 0 1 * 1", "at 00:00 on the 1st of the month and also on Mondays"},
      {"0 0 1 6 1-5",
       "at 00:00 on the 1st of the month and also on Monday to Friday, in "
       "June"},
      {"0 0 1-31 * 1", "at 00:00 every day"},
      {"0 0 */2 * 1",
       "at 00:00 on Mondays that fall on every 2nd day from the 1st to the "
       "31st of every month"},
      {"0 9 */100,1-7 * MON",
       "at 09:00 on Mondays that fall on the 1st to 7th of every month"},
      {"*/90 * * * *", "every hour, on the hour"},
      {"0 22-2 * * *", "never"},
      {"0 0 30 2 *", "never"},
      {"0 0 * * 5#2", "at 00:00 on Fridays"},
      {"@reboot", "once at every boot"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.expr);
    CHECK(of_cron(c.expr) == c.words);
  }
}

TEST_CASE("what another daemon makes of an expression, in words") {
  CHECK(of_cron("0 22-2 * * *", Dialect::busybox) ==
        "at 00:00, 01:00, 02:00, 22:00 and 23:00 every day");
  CHECK(of_cron("0 3 * * 7", Dialect::busybox) == "at 03:00 every day");
  CHECK(of_cron("0 0 */2 * 1", Dialect::busybox).find("and also on Mondays") !=
        std::string::npos);
  CHECK(of_cron("10~40 3 * * *", Dialect::cronie) ==
        "at 03:10 every day, or up to 30m later");
}

TEST_CASE("a quartz expression in words") {
  const Case cases[] = {
      {"0 0 12 * * *", "at 12:00 every day"},
      {"30 0 12 * * *", "at 12:00:30 every day"},
      {"*/10 * * * * *", "every 10 seconds"},
      {"* * * * * *", "every second"},
      {"5,10 * * * * *", "at seconds 5 and 10 of every minute"},
      {"*/10 * 8-9 * * *", "every 10 seconds from 08:00 to 09:59"},
      {"*/10 0 8 * * *", "every 10 seconds of minute 0 of hour 08"},
      {"15 * * * * *", "every minute, at second 15"},
      {"0 0 12 L * *", "at 12:00 on the last day of every month"},
      {"0 0 12 LW * *", "at 12:00 on the last working day of every month"},
      {"0 0 12 1,L * *", "at 12:00 on the 1st and the last day of every month"},
      {"0 0 12 * * 5#2", "at 12:00 on the 2nd Friday of every month"},
      {"0 0 12 * * 5L", "at 12:00 on the last Friday of every month"},
      {"0 0 12 * 5 1#1", "at 12:00 on the 1st Monday of May"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.expr);
    CHECK(of_cron(c.expr, Dialect::quartz) == c.words);
  }
}

TEST_CASE("a calendar event in words") {
  const Case cases[] = {
      {"daily", "at 00:00 every day"},
      {"hourly", "every hour, on the hour"},
      {"minutely", "every minute"},
      {"weekly", "at 00:00 on Mondays"},
      {"Mon..Fri 03:00", "at 03:00, Monday to Friday"},
      {"*:0/15", "every 15 minutes"},
      {"*-*-01 04:00", "at 04:00 on the 1st of every month"},
      {"*-*~01 04:00", "at 04:00 on the last day of every month"},
      {"*-*~03 04:00", "at 04:00 on the 3rd last day of every month"},
      {"Mon *-05~07/1", "at 00:00 on Mondays in the last 7 days of May"},
      {"quarterly", "at 00:00 on the 1st of January, April, July and October"},
      {"2027-03-01 12:00", "at 12:00 on the 1st of March, in 2027"},
      {"*:*:0/10", "every 10 seconds"},
      {"*:*:00.5", "as *-*-* *:*:00.500000"},
      {"Sat,Sun 10:00 Europe/Riga", "at 10:00 on Saturdays and Sundays"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.expr);
    const auto calendar = Calendar::parse(c.expr);
    REQUIRE(calendar.has_value());
    CHECK(in_words(*calendar) == c.words);
  }
}

TEST_CASE("every known expression has words of plain ASCII") {
  const auto check = [](const std::string& words) {
    CHECK_FALSE(words.empty());
    CHECK(std::all_of(words.begin(), words.end(),
                      [](char c) { return c >= ' ' && c <= '~'; }));
    CHECK(words.find("  ") == std::string::npos);
    CHECK(words.back() != ' ');
  };
  for_each_row("cron_next.jsonl", [&](const Row& row) {
    const bool six = row.text("debian") == "n/a: 6 fields";
    const auto expr = CronExpr::parse(row.text("expr"),
                                      six ? Dialect::quartz : Dialect::debian);
    CAPTURE(row.text("expr"));
    if (expr) check(in_words(*expr));
  });
  for_each_row("oncalendar_next.jsonl", [&](const Row& row) {
    const auto calendar = Calendar::parse(row.text("expr"));
    CAPTURE(row.text("expr"));
    if (calendar) check(in_words(*calendar));
  });
}

TEST_CASE("an interval and what has no times, in words") {
  CHECK(in_words(Schedule(Every{std::chrono::minutes(90)})) ==
        "every 1h 30min, counted from the last time");
  CHECK(in_words(Schedule(Manual{})) == "whenever somebody starts it");
  CHECK(in_words(Schedule(Reboot{})) == "once at every boot");
}

}  // namespace
}  // namespace bezalel::schedule
