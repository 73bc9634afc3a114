#include "app/host_findings.h"

#include <doctest/doctest.h>

namespace bezalel::app {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const Timestamp kNow = from_unix_seconds(1795500000);

Moment after(Duration uptime) {
  return {kNow, BootTime(uptime), "this"};
}

Cycle checked(Timestamp at, const char* boot) {
  return {at, BootTime(hours(1)), boot, {}};
}

TEST_CASE("a clock is believed until something speaks against it") {
  CHECK(clock_is_believable({}, after(minutes(1))));
  CHECK(
      clock_is_believable(checked(kNow - hours(1), "last"), after(minutes(1))));
  // A board loses so much over a boot.
  CHECK(clock_is_believable(checked(kNow + minutes(59), "last"),
                            after(minutes(1))));
  CHECK_FALSE(clock_is_believable(checked(kNow + minutes(61), "last"),
                                  after(minutes(1))));
  // Of one boot the boot clock decides.
  CHECK(clock_is_believable(checked(kNow + hours(90), "this"),
                            after(minutes(1))));
  Moment of_1970 = after(minutes(1));
  of_1970.wall = from_unix_seconds(4000);
  of_1970.synchronized = true;
  CHECK_FALSE(clock_is_believable({}, of_1970));
}

TEST_CASE("a clock that is behind is believed by a server, or after a day") {
  const Cycle ahead = checked(kNow + hours(24 * 365), "last");
  CHECK_FALSE(clock_is_believable(ahead, after(hours(23))));
  CHECK(clock_is_believable(ahead, after(hours(24))));
  Moment set = after(minutes(1));
  set.synchronized = true;
  CHECK(clock_is_believable(ahead, set));
}

TEST_CASE("a channel cannot deliver once it failed for longer than a lapse") {
  const Settings settings;
  const auto since = [](Duration d) { return std::optional(kNow - d); };
  CHECK_FALSE(cannot_deliver(false, {}, settings, kNow));
  CHECK_FALSE(cannot_deliver(false, since(minutes(45)), settings, kNow));
  CHECK(cannot_deliver(false, since(minutes(46)), settings, kNow));
  CHECK(cannot_deliver(true, {}, settings, kNow));
}

}  // namespace
}  // namespace bezalel::app
