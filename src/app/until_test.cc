#include "app/until.h"

#include <doctest/doctest.h>

namespace bezalel::app {
namespace {

// Tuesday, 2026-11-24 12:00 in Riga.
const Timestamp kNow = from_unix_seconds(1'795'514'400);

std::string said(std::string_view text) {
  const auto until = parse_until(text, kNow, "Europe/Riga");
  if (until) return std::to_string((*until - kNow) / std::chrono::minutes(1));
  return until.error().what;
}

TEST_CASE("an end is a span, a time of the day, or a date") {
  CHECK(said("2h") == "120");
  CHECK(said("tomorrow 09:00") == "1260");
  CHECK(said("tomorrow") == "1260");
  CHECK(said("Wed 12:00") == "1440");
  CHECK(said("2026-11-25 12:00") == "1440");
  CHECK(said("2026-11-24T11:00:00Z") == "60");
}

TEST_CASE("what is over is told from what never was") {
  for (const char* past : {"2026-11-23 09:00", "2024-02-29", "-1h"}) {
    CAPTURE(past);
    CAPTURE(said(past));
    CHECK(said(past).find(past[0] == '-' ? "not a time" : "lies in the past") !=
          std::string::npos);
  }
  for (const char* never :
       {"2026-02-30", "2027-02-30", "2026-11-31", "", "x"}) {
    CAPTURE(never);
    CHECK(said(never).find("not a time") != std::string::npos);
  }
}

}  // namespace
}  // namespace bezalel::app
