#include "base/time.h"

#include <doctest/doctest.h>

namespace bezalel {
namespace {

using namespace std::chrono_literals;

TEST_CASE("Unix seconds go out and come back exactly") {
  for (const char* text : {"0", "1795500000.25", "0.000001", "-0.25", "-1",
                           "1795500000", "9223372036854.775807"}) {
    CAPTURE(text);
    const auto t = parse_unix(text);
    REQUIRE(t.has_value());
    CHECK(format_unix(*t) == text);
  }
  CHECK(format_unix(Timestamp::min()) == "-9223372036854.775808");
}

TEST_CASE("what is no number of Unix seconds is refused") {
  for (const char* text : {"", "-", ".5", "1.", "1e9", "+1", " 1", "1 ", "0x1",
                           "--1", "9223372036855", "99999999999999999999"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_unix(text).has_value());
  }
  CHECK(parse_unix("1.12345678") == parse_unix("1.123456"));
}

TEST_CASE("an instant reads as RFC 3339 in UTC, fractions cut off") {
  CHECK(format_rfc3339(from_unix_seconds(0)) == "1970-01-01T00:00:00Z");
  CHECK(format_rfc3339(from_unix_seconds(1'774'746'000)) ==
        "2026-03-29T01:00:00Z");
  CHECK(format_rfc3339(Timestamp(-1us)) == "1969-12-31T23:59:59Z");
  CHECK(format_rfc3339(from_unix_seconds(951'782'400)) ==
        "2000-02-29T00:00:00Z");
  CHECK(format_utc_day(from_unix_seconds(1'774'746'000)) == "20260329");
  CHECK_FALSE(format_rfc3339(Timestamp::max()).empty());
  CHECK_FALSE(format_rfc3339(Timestamp::min()).empty());
}

TEST_CASE("times are read as people and programs write them") {
  const Timestamp t = from_unix_seconds(1'774'746'000);
  for (const char* text :
       {"2026-03-29T01:00:00Z", "2026-03-29t01:00:00z", "2026-03-29 01:00",
        "2026-03-29T01:00:00+00:00", "2026-03-29T04:00:00+03:00",
        "2026-03-29T04:00:00+0300", "2026-03-29T04:00+03",
        "2026-03-28T20:30:00-04:30", "2026-03-29T01:00:00.000Z"}) {
    CAPTURE(text);
    const auto read = parse_rfc3339(text);
    REQUIRE(read.has_value());
    CHECK(*read == t);
  }
  CHECK(*parse_rfc3339("2026-03-29T01:00:00.25Z") == t + 250ms);
}

TEST_CASE("what is no time is refused and repeated in the error") {
  for (const char* text :
       {"", "2026", "2026-03-29", "2026-13-01T00:00:00Z", "2026-02-29T00:00Z",
        "2026-03-29T24:00:00Z", "2026-03-29T01:60:00Z", "2026-03-29T01:00:00X",
        "2026-03-29T01:00:00+25:00", "2026-03-29T01:00:00Z ",
        "26-03-29T01:00:00Z", "2026-3-29T01:00:00Z"}) {
    CAPTURE(text);
    const auto read = parse_rfc3339(text);
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().kind == Kind::invalid);
  }
  CHECK(parse_rfc3339("soon").error().what ==
        "\"soon\": not a time; expected one like 2026-03-29T01:00:00Z");
}

TEST_CASE("seconds are shown without needless decimals") {
  CHECK(format_seconds(24h) == "86400");
  CHECK(format_seconds(250ms) == "0.25");
  CHECK(to_seconds(1500ms) == 1.5);
}

}  // namespace
}  // namespace bezalel
