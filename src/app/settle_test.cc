#include "app/settle.h"

#include <doctest/doctest.h>

namespace bezalel::app {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

Moment at(std::int64_t wall, std::int64_t boot, std::string id = "b1") {
  return {Timestamp(seconds(wall)), BootTime(seconds(boot)), std::move(id)};
}

TEST_CASE("a claim of another boot stands as it is") {
  CHECK(settle(Timestamp(seconds(900)), BootTime(seconds(10)), "b0",
               at(1000, 50)) == Timestamp(seconds(900)));
}

TEST_CASE("within a boot a stepped wall clock moves nothing") {
  // Written at wall 900, boot 40; since then the wall was set on by a day.
  const Moment now = at(1000 + 86400, 140);
  CHECK(settle(Timestamp(seconds(900)), BootTime(seconds(40)), "b1", now) ==
        now.wall - seconds(100));
}

TEST_CASE("five seconds ahead are clamped, more is not believed") {
  const Moment now = at(1000, 50);
  CHECK(settle(Timestamp(seconds(1005)), {}, "", now) == now.wall);
  CHECK_FALSE(settle(Timestamp(seconds(1006)), {}, "", now));
}

TEST_CASE("a boot time later than now is not believed") {
  CHECK_FALSE(settle(Timestamp(seconds(990)), BootTime(seconds(90)), "b1",
                     at(1000, 50)));
}

TEST_CASE("a step is what the wall moved more than the boot clock") {
  CHECK(clock_step(at(1000, 50), at(1900, 950)) == Duration::zero());
  CHECK(clock_step(at(1000, 50), at(1900 - 864000, 950)) == -hours(240));
  CHECK(clock_step(at(1000, 50), at(99000, 60, "b2")) == Duration::zero());
}

}  // namespace
}  // namespace bezalel::app
