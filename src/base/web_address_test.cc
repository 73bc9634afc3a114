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

TEST_CASE("whether a server is this host shows in its spelling") {
  for (const char* here :
       {"localhost", "smtp://localhost:25", "127.0.0.1:2525",
        "smtps://u@127.0.0.2/x", "[::1]", "smtp://[::1]:25"}) {
    CAPTURE(here);
    CHECK(is_on_loopback(here));
  }
  for (const char* elsewhere :
       {"", "smtp://mail.example", "127.evil.example", "localhost.example",
        "smtp://localhost@mail.example", "[::1].example", "[::2]"}) {
    CAPTURE(elsewhere);
    CHECK_FALSE(is_on_loopback(elsewhere));
  }
}

TEST_CASE("a bare name is a mailbox of this host's own server alone") {
  CHECK(is_mailbox_here("root", "smtp://localhost"));
  CHECK_FALSE(is_mailbox_here("root", "smtp://mail.example"));
  for (const char* bad : {"", "-f", "a b", "a,b", "<root>"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_mailbox_here(bad, "smtp://localhost"));
  }
}

}  // namespace
}  // namespace bezalel
