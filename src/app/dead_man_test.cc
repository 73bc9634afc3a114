#include "app/dead_man.h"

#include <doctest/doctest.h>

#include "app/fake_cycle.h"

namespace bezalel::app {
namespace {

using fake::FakeHost;
using std::chrono::minutes;

DeadMan remembered(FakeHost& host) {
  DeadMan out;
  REQUIRE(host.store.read([&](StoreReader& r) -> Result<void> {
    BZ_ASSIGN(out, dead_man(r));
    return {};
  }));
  return out;
}

TEST_CASE("how the last ping went is remembered, a failure from its first") {
  FakeHost host;
  host.settings.deadman_url = Secret("https://hc.example/x");
  const Timestamp start = host.clock.wall();
  REQUIRE(ping_dead_man(host.world, ""));
  CHECK(remembered(host).last == start);
  CHECK_FALSE(remembered(host).failing_since);

  host.ping_error = "no answer";
  host.clock.advance(minutes(15));
  CHECK_FALSE(ping_dead_man(host.world, ""));
  host.clock.advance(minutes(15));
  CHECK_FALSE(ping_dead_man(host.world, ""));
  const DeadMan failing = remembered(host);
  CHECK(failing.last == start);
  CHECK(failing.failing_since == start + minutes(15));
  CHECK(failing.last_error == "no answer");

  const Duration three = 3 * host.settings.check_every;
  const Timestamp since = *failing.failing_since;
  CHECK_FALSE(dead_man_finding(failing, host.settings, since + three));
  const auto told = dead_man_finding(failing, host.settings,
                                     since + three + std::chrono::seconds(1));
  REQUIRE(told);
  CHECK(told->since == since);

  host.ping_error.clear();
  REQUIRE(ping_dead_man(host.world, ""));
  CHECK_FALSE(remembered(host).failing_since);
}

}  // namespace
}  // namespace bezalel::app
