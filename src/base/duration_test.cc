#include "base/duration.h"

#include <doctest/doctest.h>

#include <fstream>

#include "base/json_read.h"

namespace bezalel {
namespace {

using namespace std::chrono_literals;

TEST_CASE("time spans mean what systemd says they mean") {
  std::ifstream in(BEZALEL_SOURCE_DIR "/tests/data/schedules/timespan.jsonl");
  int rows = 0;
  for (std::string line; std::getline(in, line); ++rows) {
    CAPTURE(line);
    const auto row = JsonValue::parse(line);
    REQUIRE(row.has_value());
    const auto span = parse_time_span(*row->member("in")->as_string());
    CHECK(span.has_value() == *row->member("valid")->as_bool());
    if (!span) continue;
    CHECK(span->count() == *row->member("usec")->as_int());
    CHECK(format_time_span(*span) == *row->member("human")->as_string());
  }
  CHECK(rows == 85);
}

TEST_CASE("an error repeats the text, says what was expected, and where") {
  struct Case {
    const char* text;
    const char* what;
    std::size_t column;
  };
  constexpr Case kCases[] = {
      {"1 dya", "\"1 dya\": unknown unit; expected s, min, h, d", 2},
      {"5MIN", "\"5MIN\": unknown unit; expected s, min, h, d", 1},
      {"1h 5x", "\"1h 5x\": unknown unit; expected s, min, h, d", 4},
      {"", "\"\": empty; expected a span like 90s, 15min or 2d", 0},
      {"infinity",
       "\"infinity\": endless; expected a span like 90s, 15min or 2d", 0},
      {"-5s", "\"-5s\": negative; expected a span of 0 or more", 0},
      {"1h,30m",
       "\"1h,30m\": not a number; expected a span like 90s, 15min, 1h 30min "
       "or 2d",
       2},
      {"1000000y", "\"1000000y\": too long; expected less than 290000 years",
       0},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.text);
    std::size_t column = 99;
    const auto span = parse_time_span(c.text, &column);
    REQUIRE_FALSE(span.has_value());
    CHECK(span.error().what == c.what);
    CHECK(column == c.column);
  }
}

TEST_CASE("an age shows at most two units") {
  struct Case {
    Duration age;
    const char* text;
  };
  const Case kCases[] = {{56h, "2d 8h"},  {252s, "4m 12s"},
                         {800ms, "0.8s"}, {5min, "5m"},
                         {24h, "1d"},     {0s, "0s"},
                         {-5s, "0s"},     {24h + 5min, "1d"},
                         {1500ms, "1s"},  {3h + 59min + 59s, "3h 59m"}};
  for (const Case& c : kCases) CHECK(format_age(c.age) == c.text);
}

TEST_CASE("sizes take a binary suffix and refuse the rest") {
  CHECK(*parse_size("10") == 10);
  CHECK(*parse_size("4k") == 4096);
  CHECK(*parse_size("1M") == 1048576);
  CHECK(*parse_size("2G") == 2147483648);
  for (const char* bad : {"", "k", "-1", "1.5M", "4 k", "1T", "4kB",
                          "99999999999999999999", "18446744073709551615k"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_size(bad).has_value());
  }
}

}  // namespace
}  // namespace bezalel
