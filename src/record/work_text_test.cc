#include "record/work_text.h"

#include <doctest/doctest.h>

using namespace bezalel::record;

TEST_CASE("what runs a command alike makes no other of it") {
  const std::string plain = work_text("/opt/bk.sh /srv");
  CHECK(plain == "/opt/bk.sh /srv");
  for (const char* same :
       {"/opt/bk.sh /srv # bezalel: job=s", "/opt/bk.sh /srv >/dev/null 2>&1",
        "bezalel run s -- /opt/bk.sh /srv",
        "/usr/bin/bezalel run s --quiet --timeout 1h -- /opt/bk.sh /srv",
        "bezalel run s -- /bin/sh -c '/opt/bk.sh /srv'",
        "nice bezalel run s -- /opt/bk.sh /srv",
        "bezalel run s -- nice /opt/bk.sh /srv"}) {
    CAPTURE(std::string(same));
    CHECK(work_text(same) == plain);
  }
}

TEST_CASE("other arguments, or more commands, are another work") {
  CHECK(work_text("bk --full") != work_text("bk --incr"));
  CHECK(work_text("cd /x && bk") == "cd /x && bk");
  CHECK(work_text("bezalel run s -- sh -c 'cd /x && bk'") == "cd /x && bk");
  CHECK(work_text("nice sh -c 'a; b'") != work_text("nice sh -c 'a; c'"));
  CHECK(work_text("").empty());
}
