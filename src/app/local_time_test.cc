#include "app/local_time.h"

#include <doctest/doctest.h>

namespace bezalel::app {
namespace {

Timestamp at(const char* text) {
  return *parse_rfc3339(text);
}

TEST_CASE("a long local time carries date and offset") {
  CHECK(local_long(at("2026-11-21T23:06:00Z"), "Europe/Riga") ==
        "Sun 22 Nov 2026 01:06 +0200");
  CHECK(local_long(at("2026-07-03T23:06:00Z"), "Europe/Riga") ==
        "Sat 4 Jul 2026 02:06 +0300");
  CHECK(local_day(at("2026-11-24T23:06:00Z"), "Europe/Riga") ==
        "Wed 25 Nov 01:06 +0200");
}

TEST_CASE("a short local time names the weekday up to six days away") {
  const Timestamp now = at("2026-11-24T01:15:00Z");
  CHECK(local_short(at("2026-11-23T23:06:00Z"), now, "Europe/Riga") ==
        "Tue 01:06");
  CHECK(local_short(at("2026-11-18T01:15:00Z"), now, "Europe/Riga") ==
        "Wed 03:15");
  CHECK(local_short(at("2026-11-18T01:14:59Z"), now, "Europe/Riga") ==
        "18 Nov 03:14");
  CHECK(local_short(at("2026-11-03T01:06:00Z"), now, "UTC") == "3 Nov 01:06");
  CHECK(local_short(at("2026-11-25T01:06:00Z"), now, "UTC") == "Wed 01:06");
}

TEST_CASE("an unknown zone reads as UTC and says so") {
  for (const char* zone : {"", "Mars/Olympus", "../../etc/passwd", "\n"}) {
    CHECK(local_long(at("2026-11-21T23:06:00Z"), zone) ==
          "Sat 21 Nov 2026 23:06 +0000");
  }
}

}  // namespace
}  // namespace bezalel::app
