#include "base/web_address.h"

#include <doctest/doctest.h>

namespace bezalel {
namespace {

TEST_CASE("an address of the web has its scheme and a host") {
  for (const char* good :
       {"https://hc-ping.com/uuid", "http://127.0.0.1:9/x", "https://d",
        "https://u:p@hc.example:8443?x=1", "http://[::1]/x", "http://[::1]:80",
        "https://hc.example/ping#x"}) {
    CAPTURE(good);
    CHECK(is_web_address(good));
  }
  for (const char* bad :
       {"", "not a url", "ftp://x", "https://", "https:///path", "http://:80",
        "https://?x", "https://u@", "hc-ping.com/uuid", "https://a b",
        "https://a\nb", "http://a:0", "http://a:65536", "http://a:x",
        "http://a:"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_web_address(bad));
  }
}

}  // namespace
}  // namespace bezalel
