// Calendar against systemd-analyze 252.
#include <doctest/doctest.h>

#include "schedule/calendar.h"
#include "schedule/test_rows.h"

namespace bezalel::schedule {
namespace {

std::vector<Timestamp> run_of_next(const Calendar& calendar, const Zone& zone,
                                   Timestamp from, std::size_t n) {
  std::vector<Timestamp> out;
  auto t = next(calendar, zone, from);
  for (; t && out.size() < n; t = next(calendar, zone, *t)) out.push_back(*t);
  return out;
}

// The rows were made with the zone database of 2025. Newer ones end Morocco's
// year-round summer time; there, rows after that say nothing about us.
bool is_retold(const Row& row) {
  const bool morocco =
      row.line().find("Africa/Casablanca") != std::string::npos;
  return morocco && row.time("from") >= from_unix_seconds(1'780'000'000);
}

TEST_CASE("calendar events elapse when systemd says they do") {
  const int rows = for_each_row("oncalendar_next.jsonl", [](const Row& row) {
    CAPTURE(row.line());
    const auto calendar = Calendar::parse(row.text("expr"));
    const auto zone = Zone::load(row.text("local_tz"));
    REQUIRE(calendar.has_value());
    REQUIRE(zone.has_value());
    CHECK(calendar->normalized() == row.text("normalized"));
    if (is_retold(row)) return;
    const auto expected = row.times("next");
    const std::size_t n = expected.size() + (row.has("exhausted") ? 1 : 0);
    CHECK(show(run_of_next(*calendar, *zone, row.time("from"), n)) ==
          show(expected));
  });
  CHECK(rows == 526);
}

TEST_CASE("what systemd refuses is refused") {
  const int rows = for_each_row("oncalendar_invalid.jsonl", [](const Row& row) {
    CAPTURE(row.line());
    CHECK_FALSE(Calendar::parse(row.text("expr")).has_value());
  });
  CHECK(rows == 73);
}

TEST_CASE("what systemd accepts though it is odd is accepted") {
  for_each_row("oncalendar_valid_odd.jsonl", [](const Row& row) {
    CAPTURE(row.line());
    const auto calendar = Calendar::parse(row.text("expr"));
    REQUIRE(calendar.has_value());
    CHECK(calendar->normalized() == row.text("normalized"));
    const auto t =
        next(*calendar, Zone::utc(), from_unix_seconds(1'700'000'000));
    std::string expected = row.text("next_from_1700000000");
    if (expected == "never") {
      CHECK_FALSE(t.has_value());
      return;
    }
    REQUIRE(t.has_value());
    // "Mon 2024-01-01 00:00:00 UTC"
    expected = expected.substr(4, 10) + "T" + expected.substr(15, 8) + "Z";
    CHECK(format_rfc3339(*t) == expected);
  });
}

TEST_CASE("where systemd gives up at a gap there is no next time") {
  for_each_row("oncalendar_infinite_loop.jsonl", [](const Row& row) {
    CAPTURE(row.line());
    const auto calendar = Calendar::parse(row.text("expr"));
    const auto zone = Zone::load(row.text("local_tz"));
    REQUIRE(calendar.has_value());
    auto t = next(*calendar, *zone, row.time("from"));
    for (int i = 0; t && i < 5; ++i) t = next(*calendar, *zone, *t);
    CHECK_FALSE(t.has_value());
  });
}

}  // namespace
}  // namespace bezalel::schedule
