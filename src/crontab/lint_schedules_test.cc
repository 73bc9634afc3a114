#include <doctest/doctest.h>

#include "crontab/lint_said.h"

namespace bezalel::crontab {
namespace {

TEST_CASE("a schedule that is odd is told with the line put right") {
  const auto found = of("0  22-2 * * *  /usr/bin/x\n");
  REQUIRE(found.size() == 1);
  CHECK(found[0].rule == "never-runs");
  CHECK(found[0].weight == Weight::error);
  CHECK(found[0].column == 4);
  CHECK(found[0].width == 4);
  CHECK(found[0].fix == "0 22-23,0-2 * * *  /usr/bin/x");
  CHECK(found[0].schedule == "0 22-23,0-2 * * *");
  CHECK(rules_of("*5 * * * * x\n") == "junk-ignored:1");
  CHECK(rules_of("0 3 * * 7 x\n", Kind::user, Daemon::busybox) ==
        "out-of-range:9");
}

// A host on which the programs of `there` can be started, and no other.

}  // namespace
}  // namespace bezalel::crontab
