#include "record/ulid.h"

#include <doctest/doctest.h>

using namespace bezalel;
using namespace bezalel::record;

TEST_CASE("a ULID is milliseconds, then randomness, in base 32") {
  std::array<std::uint8_t, 10> random{};
  CHECK(make_ulid(from_unix_seconds(0), random) ==
        "00000000000000000000000000");
  // The example of the ULID specification: 1469918176385 ms.
  const Timestamp t(std::chrono::milliseconds(1'469'918'176'385));
  CHECK(make_ulid(t, random) == "01ARYZ6S410000000000000000");
  random.fill(0xff);
  CHECK(make_ulid(t, random) == "01ARYZ6S41ZZZZZZZZZZZZZZZZ");
  CHECK(make_ulid(from_unix_seconds(-5), random) ==
        "0000000000ZZZZZZZZZZZZZZZZ");
}

TEST_CASE("only 26 characters of the alphabet are a ULID") {
  CHECK(is_ulid("01ARYZ6S410000000000000000"));
  for (const char* text :
       {"", "01ARYZ6S41000000000000000", "01ARYZ6S4100000000000000000",
        "81ARYZ6S410000000000000000", "01ARYZ6S41000000000000000I",
        "01aryz6s410000000000000000"}) {
    CAPTURE(text);
    CHECK(!is_ulid(text));
  }
}
