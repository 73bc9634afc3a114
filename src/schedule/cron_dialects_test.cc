// What cronie and busybox crond make of an expression where they differ from
// Debian's cron.
#include <doctest/doctest.h>

#include <bitset>

#include "schedule/cron.h"

namespace bezalel::schedule {
namespace {

Timestamp at(std::string_view text) {
  return *parse_rfc3339(text);
}

std::string bits_of(std::uint64_t bits) {
  std::string text;
  for (int i = 0; i < 64; ++i) {
    if ((bits >> i & 1) == 0) continue;
    text += (text.empty() ? "" : ",") + std::to_string(i);
  }
  return text;
}

CronExpr expr_of(std::string_view text, Dialect dialect) {
  auto expr = CronExpr::parse(text, dialect);
  CAPTURE(text);
  REQUIRE(expr.has_value());
  return *expr;
}

TEST_CASE("cronie refuses what Debian's cron drops") {
  for (const char* text :
       {"*-5 * * * *", "*5 * * * *", "** * * * *", "*/5/5 * * * *",
        "5* * * * *", "1.5 * * * *", "1;2 * * * *", "0 0 * * 5#2",
        "1-2-3 * * * *", "5/15 * * * *", "60 * * * *", "*/0 * * * *",
        "@Daily"}) {
    CAPTURE(text);
    CHECK_FALSE(CronExpr::parse(text, Dialect::cronie).has_value());
  }
  for (const char* text : {"*,5 * * * *", "*/90 * * * *", "0 22-2 * * *",
                           "@daily", "0 0 * * mon-5"}) {
    CAPTURE(text);
    CHECK(CronExpr::parse(text, Dialect::cronie).has_value());
  }
}

TEST_CASE("cronie takes a range to zero for one to seven") {
  CHECK(bits_of(expr_of("0 5-0 * * *", Dialect::cronie).hours()) == "5,6,7");
  const auto weekend = expr_of("0 0 * * sat-sun", Dialect::cronie);
  // 1 November 2026 is a Sunday.
  CHECK(bits_of(weekend.days(0, 7)) == "1,7");
  CHECK(expr_of("0 22-2 * * *", Dialect::cronie).never_runs());
}

TEST_CASE("the time that cronie draws is its first, and a spread") {
  const auto drawn = expr_of("10~40 3~5 * * *", Dialect::cronie);
  CHECK(bits_of(drawn.minutes()) == "10");
  CHECK(bits_of(drawn.hours()) == "3");
  CHECK(drawn.spread() == std::chrono::minutes(30) + std::chrono::hours(2));
  CHECK(expr_of("~ * * * *", Dialect::cronie).spread() ==
        std::chrono::minutes(59));
  CHECK(expr_of("5 * * * *", Dialect::cronie).spread() == Duration::zero());
  CHECK_FALSE(CronExpr::parse("40~10 * * * *", Dialect::cronie).has_value());
}

TEST_CASE("busybox lets a range wrap and takes every value for one outside") {
  struct Row {
    const char* text;
    const char* hours;
  };
  constexpr const char* kAll =
      "0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23";
  const Row rows[] = {
      {"0 22-2 * * *", "0,1,2,22,23"},
      {"0 5/10 * * *", "5"},
      {"0 */90 * * *", "0"},
      {"0 2-10/4 * * *", "2,6,10"},
      {"0 25 * * *", kAll},
      {"0 3,25 * * *", kAll},
      {"0 L * * *", ""},
      {"0 3,x * * *", "3"},
      {"0 3x * * *", "3"},
      {"0 1-2-3 * * *", "1,2"},
      {"0 * * * *", kAll},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(bits_of(expr_of(row.text, Dialect::busybox).hours()) == row.hours);
  }
}

TEST_CASE("busybox joins days by or where both fields leave some out") {
  // November 2026 begins on a Sunday and has 30 days.
  const auto days = [](std::string_view text) {
    return bits_of(expr_of(text, Dialect::busybox).days(0, 30));
  };
  CHECK(days("0 0 1 * *") == "1");
  CHECK(days("0 0 * * 1") == "2,9,16,23,30");
  CHECK(days("0 0 1 * 1") == "1,2,9,16,23,30");
  CHECK(days("0 0 */10 * 1") == "2,9,10,16,20,23,30");
  CHECK(days("0 0 * * fri-mon").starts_with("1,2,6,7,8,9"));
  CHECK(days("0 0 * * 7").starts_with("1,2,3,4,5,6,7"));
  CHECK(days("0 0 * * mon#1") == "2,9,16,23,30");
}

TEST_CASE("busybox runs no job of a gap, and one of an overlap twice") {
  const Zone zone = *Zone::load("Europe/Riga");
  const auto expr = expr_of("30 3 * * *", Dialect::busybox);
  // 2026-03-29: 03:00 becomes 04:00.
  CHECK(next(expr, zone, at("2026-03-28T12:00:00Z")) ==
        at("2026-03-30T00:30:00Z"));
  // 2026-10-25: 04:00 becomes 03:00.
  CHECK(next(expr, zone, at("2026-10-24T12:00:00Z")) ==
        at("2026-10-25T00:30:00Z"));
  CHECK(next(expr, zone, at("2026-10-25T00:30:00Z")) ==
        at("2026-10-25T01:30:00Z"));
}

}  // namespace
}  // namespace bezalel::schedule
