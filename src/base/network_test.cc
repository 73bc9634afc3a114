#include "base/network.h"

#include <doctest/doctest.h>

namespace bezalel {
namespace {

TEST_CASE("a network is an address and how much of it counts") {
  const auto ten = parse_ip_network("10.0.0.0/8");
  REQUIRE(ten);
  CHECK(ten->bits == 104);
  CHECK(ten->bytes[10] == 0xff);
  CHECK(ten->bytes[12] == 10);
  CHECK(parse_ip_network("fe80::/10")->bits == 10);
  CHECK(parse_ip_network("::1")->bits == 128);
  for (const char* bad : {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1",
                          "::/129", "10.0.0.0/8x", "10/8", "host"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_ip_network(bad));
  }
}

}  // namespace
}  // namespace bezalel
