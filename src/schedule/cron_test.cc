#include "schedule/cron.h"

#include <doctest/doctest.h>

#include <array>

namespace bezalel::schedule {
namespace {

using namespace std::chrono_literals;

Timestamp at(std::string_view text) {
  return *parse_rfc3339(text);
}
Zone zone(std::string_view name) {
  return *Zone::load(name);
}

TEST_CASE("an error names the field, the trouble, what it takes, and where") {
  struct Case {
    const char* expr;
    const char* what;
    std::size_t column;
  };
  constexpr Case kCases[] = {
      {"60 * * * *", "minute \"60\": out of range; expected 0-59", 0},
      {"* 24 * * *", "hour \"24\": out of range; expected 0-23", 2},
      {"0 0 1,15,32 * *",
       "day-of-month \"1,15,32\": out of range; expected 1-31", 9},
      {"0 0 * janu *", "month \"janu\": not a value; expected 1-12 or jan-dec",
       6},
      {"0 0 * * 5/2",
       "day-of-week \"5/2\": a step needs * or a range before it; "
       "expected 0-7 or sun-sat",
       9},
      {"*/0 * * * *", "minute \"*/0\": bad step; expected 0-59", 2},
      {"* * * *",
       "4 fields; expected 5 fields: minute hour day-of-month month "
       "day-of-week",
       7},
      {"* * * * * x",
       "6 fields; expected 5 fields: minute hour day-of-month month "
       "day-of-week",
       10},
      {"@every",
       "\"@every\": unknown nickname; expected @reboot, @yearly, @annually, "
       "@monthly, @weekly, @daily, @midnight or @hourly",
       0},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.expr);
    std::size_t column = 99;
    const auto result = CronExpr::parse(c.expr, Dialect::debian, &column);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().kind == Kind::invalid);
    CHECK(result.error().what == c.what);
    CHECK(column == c.column);
  }
}

TEST_CASE("a dialect goes by its daemon's name") {
  CHECK(parse_dialect("quartz").has_value());
  CHECK_FALSE(parse_dialect("fcron").has_value());
}

TEST_CASE("@reboot is at no time, and not among those that never run") {
  const auto expr = CronExpr::parse("@reboot");
  REQUIRE(expr.has_value());
  CHECK(expr->is_reboot());
  CHECK_FALSE(expr->never_runs());
  CHECK_FALSE(next(*expr, Zone::utc(), at("2026-01-01T00:00:00Z")));
  CHECK_FALSE(previous(*expr, Zone::utc(), at("2026-01-01T00:00:00Z")));
}

TEST_CASE("a fixed job skipped by a gap runs right after it, a wildcard not") {
  const Zone riga = zone("Europe/Riga");
  const Timestamp evening = at("2026-03-28T22:00:00Z");
  CHECK(next(*CronExpr::parse("30 3 * * *"), riga, evening) ==
        at("2026-03-29T01:00:00Z"));
  CHECK(next(*CronExpr::parse("*/30 3 * * *"), riga, evening) ==
        at("2026-03-30T00:00:00Z"));
}

TEST_CASE("in an overlap a fixed job runs once, a wildcard job twice") {
  const Zone riga = zone("Europe/Riga");
  const auto fixed = CronExpr::parse("30 3 * * *");
  const auto wild = CronExpr::parse("30 * * * *");
  CHECK(next(*fixed, riga, at("2026-10-25T00:30:00Z")) ==
        at("2026-10-26T01:30:00Z"));
  CHECK(next(*wild, riga, at("2026-10-25T00:30:00Z")) ==
        at("2026-10-25T01:30:00Z"));
}

TEST_CASE("no instant equals the one asked from, to the microsecond") {
  const auto expr = CronExpr::parse("0 3 * * *");
  const Timestamp slot = at("2026-05-05T03:00:00Z");
  CHECK(next(*expr, Zone::utc(), slot - 1us) == slot);
  CHECK(next(*expr, Zone::utc(), slot) == slot + 24h);
  CHECK(previous(*expr, Zone::utc(), slot + 1us) == slot);
  CHECK(previous(*expr, Zone::utc(), slot) == slot - 24h);
}

constexpr const char* kExprs[] = {
    "* * * * *",    "*/15 * * * *",       "30 * * * *", "0 3 * * *",
    "30 2 * * 1-5", "0 0 1 * *",          "0 0 29 2 *", "5,35 1,2,3 * * *",
    "0 12 13 * 5",  "0 9 */100,1-7 * MON"};
constexpr const char* kZones[] = {
    "UTC",          "Europe/Riga",         "America/New_York",
    "Africa/Cairo", "Australia/Lord_Howe", "Pacific/Chatham",
    "Asia/Beirut",  "America/Santiago",    "Antarctica/Troll",
    "Asia/Gaza",    "America/Nuuk",        "Pacific/Apia"};

TEST_CASE("going forward and back meets the same instants, in every zone") {
  for (const char* name : kZones) {
    const Zone here = zone(name);
    for (const char* text : kExprs) {
      const CronExpr expr = *CronExpr::parse(text);
      // Strides that are no multiple of anything, from 2024 to 2037.
      Timestamp t = at("2024-01-01T00:00:17Z");
      for (int i = 0; i < 150; ++i, t += 787h + 1'234'567'891us) {
        CAPTURE(name);
        CAPTURE(text);
        CAPTURE(format_rfc3339(t));
        const auto after = next(expr, here, t);
        const auto before = previous(expr, here, t);
        REQUIRE(after.has_value());
        REQUIRE(before.has_value());
        REQUIRE(*after > t);
        REQUIRE(*before < t);
        // Nothing lies between the two.
        REQUIRE(next(expr, here, *before) == (next(expr, here, t - 1us)));
        REQUIRE(previous(expr, here, *after) ==
                (previous(expr, here, t + 1us)));
      }
    }
  }
}

TEST_CASE("around each step of the clocks forward and back agree too") {
  for (const char* name : kZones) {
    const Zone here = zone(name);
    for (const Stretch& s : here.stretches()) {
      const Timestamp step =
          from_unix_seconds(std::max<std::int64_t>(s.start, 1'704'067'200));
      if (step > at("2037-01-01T00:00:00Z")) break;
      for (const char* text : kExprs) {
        const CronExpr expr = *CronExpr::parse(text);
        CAPTURE(name);
        CAPTURE(text);
        CAPTURE(format_rfc3339(step));
        Timestamp t = step - 3h;
        for (int i = 0; i < 10; ++i) {
          const auto after = next(expr, here, t);
          REQUIRE(after.has_value());
          REQUIRE(*after > t);
          if (i > 0) REQUIRE(previous(expr, here, *after) == t);
          t = *after;
        }
      }
    }
  }
}

TEST_CASE("what never matches is told at once") {
  for (const char* text : {"0 0 31 2 *", "0 22-6 * * *", "0 0 30 2 *",
                           "0 0 * * 5-1", "0 0 31 4,6,9,11 *"}) {
    CAPTURE(text);
    const CronExpr expr = *CronExpr::parse(text);
    CHECK(expr.never_runs());
    CHECK_FALSE(next(expr, Zone::utc(), at("2026-01-01T00:00:00Z")));
  }
  // Day-of-week begins with no star: either day is enough.
  CHECK_FALSE(CronExpr::parse("0 0 31 2 1")->never_runs());
  CHECK_FALSE(CronExpr::parse("0 0 29 2 */7")->never_runs());
}

TEST_CASE("a time at either end of what a Timestamp holds breaks nothing") {
  const CronExpr expr = *CronExpr::parse("0 0 29 2 *");
  CHECK_FALSE(next(expr, Zone::utc(), Timestamp::max()));
  CHECK_FALSE(previous(expr, Zone::utc(), Timestamp::min()));
  CHECK(next(expr, Zone::utc(), Timestamp{}) == at("1972-02-29T00:00:00Z"));
}

}  // namespace
}  // namespace bezalel::schedule
