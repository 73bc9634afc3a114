#include "notify/gitea/marker.h"

#include <doctest/doctest.h>

namespace bezalel::notify {
namespace {

TEST_CASE("the last marker line counts, whatever stands around it") {
  const auto m = find_marker(
      "<!-- heartbeat-checker:v1 k=old e=1 -->\ntext\n"
      "  <!-- heartbeat-checker:v1 k=5f0c e=12 -->\r\n\nadded by hand\n");
  REQUIRE(m);
  CHECK(m->k == "5f0c");
  CHECK(m->e == 12);
}

TEST_CASE("what only looks like a marker is none") {
  for (const char* body :
       {"", "\n\n", "<!-- heartbeat-checker:v1 k= e=1 -->",
        "<!-- heartbeat-checker:v1 k=5f e= -->",
        "<!-- heartbeat-checker:v1 k=5f e=-1 -->",
        "<!-- heartbeat-checker:v1 k=5f e=1x -->",
        "<!-- heartbeat-checker:v1 k=5 f e=1 -->",
        "<!-- heartbeat-checker:v2 k=5f e=1 -->",
        "> <!-- heartbeat-checker:v1 k=5f e=1 -->",
        "<!-- heartbeat-checker:v1 k=5f e=99999999999999999999 -->",
        "<!-- heartbeat-checker:v1 k=-->",
        "<!-- heartbeat-checker:v1 k=5f c=01J -->"}) {
    CAPTURE(body);
    CHECK_FALSE(find_marker(body));
  }
}

TEST_CASE("a comment belongs to the event that it names") {
  const char* body =
      "**Still stale**\n\n<!-- heartbeat-checker:v1 k=5f c=01JD -->";
  CHECK(is_comment_of(body, "01JD"));
  CHECK_FALSE(is_comment_of(body, "01J"));
  CHECK_FALSE(is_comment_of("c=01JD", "01JD"));
}

}  // namespace
}  // namespace bezalel::notify
