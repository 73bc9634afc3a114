#include "app/forgotten.h"

#include <doctest/doctest.h>

#include "app/fake_cycle.h"

namespace bezalel::app {
namespace {

using fake::FakeHost;
using fake::notify;
using fake::pass;
using std::chrono::hours;
using std::chrono::minutes;

std::string marker_of(const FakeHost& host, const char* job) {
  return core::marker_key(host.settings.host,
                          core::IncidentKey::of(core::JobKey{0, job}),
                          host.settings.own_of);
}

void lose_state(FakeHost& host) {
  Finding lost;
  lost.id = "state-missing";
  host.world.store_findings = {lost};
}

TEST_CASE("after a loss, what is well is sought once, and what is bad is not") {
  FakeHost host;
  lose_state(host);
  host.beat("bad", minutes(20));
  host.clock.advance(hours(2));
  host.beat("well", hours(5));
  notify(host);
  notify(host);
  REQUIRE(host.forge->sought.size() == 1);
  CHECK(host.forge->sought[0] ==
        std::set<std::string>{marker_of(host, "well")});
  CHECK(host.pager->sought.empty());  // no tracker
}

TEST_CASE("a user's own checking seeks and opens what is its own") {
  FakeHost host;
  const std::string of_host = marker_of(host, "a");
  host.settings.own_of = "ann";
  lose_state(host);
  host.beat("a", hours(1));
  notify(host);
  REQUIRE(host.forge->sought.size() == 1);
  CHECK(host.forge->sought[0] == std::set<std::string>{marker_of(host, "a")});
  CHECK(marker_of(host, "a") != of_host);
  pass(host, hours(3));
  REQUIRE(!host.forge->told.empty());
  CHECK(host.forge->told[0].marker == marker_of(host, "a"));
}

TEST_CASE("a tracker that does not answer is asked again") {
  FakeHost host;
  lose_state(host);
  host.beat("well", hours(5));
  host.forge->next = RetryLater{"down", {}, false, false};
  CHECK_FALSE(notify(host).troubles.empty());
  CHECK(host.forge->sought.empty());
  host.forge->next = Sent{};
  pass(host, minutes(15));
  CHECK(host.forge->sought.size() == 1);
}

TEST_CASE("a state that was never lost has nothing to seek") {
  FakeHost host;
  host.beat("well", hours(5));
  notify(host);
  CHECK(host.forge->sought.empty());
}

}  // namespace
}  // namespace bezalel::app
