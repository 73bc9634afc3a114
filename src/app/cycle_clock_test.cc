#include <doctest/doctest.h>

#include "app/cycle.h"
#include "app/fake_cycle.h"
#include "app/sight.h"

namespace bezalel::app {
namespace {

using fake::FakeHost;
using fake::notify;
using fake::open_of;
using fake::pass;
using std::chrono::hours;
using std::chrono::minutes;

TEST_CASE("a wall clock set by ten days opens nothing and closes nothing") {
  for (const Duration step : {Duration(hours(240)), Duration(-hours(240))}) {
    FakeHost host;
    host.beat("well", hours(2));
    host.beat("silent", minutes(20));
    notify(host);
    pass(host, hours(1));
    REQUIRE(open_of(host).size() == 1);
    host.clock.wall_now += step;
    for (int i = 0; i < 3; ++i) {
      host.clock.advance(minutes(1));
      notify(host);
    }
    CHECK(open_of(host).size() == 1);
    CHECK(host.forge->told.size() == 1);
  }
}

// A boot whose clock ran five years ahead while a job ran and a check was made,
// and the next, with the clock right again.
void boot_ahead_and_back(FakeHost& host) {
  constexpr Duration kAhead = hours(24 * 365 * 5);
  const auto boot = [&](const char* id, Duration moved) {
    host.world.boot_id = id;
    host.clock.wall_now += moved;
    host.clock.boot_now = BootTime(minutes(5));
  };
  boot("boot-ahead", kAhead);
  host.beat("a", minutes(20));
  notify(host);
  boot("boot-right", minutes(10) - kAhead);
}

bool clock_is_untrusted(FakeHost& host) {
  const auto looked = only_look(host.world);
  REQUIRE(looked);
  return looked->look.clock_untrusted;
}

TEST_CASE("a clock behind the last check is doubted for a day of its boot") {
  FakeHost host;
  host.beat("a", minutes(20));
  notify(host);
  boot_ahead_and_back(host);
  CHECK(clock_is_untrusted(host));
  host.clock.advance(hours(24));
  CHECK_FALSE(clock_is_untrusted(host));
}

TEST_CASE("a clock that a time server sets is believed at once") {
  FakeHost host;
  host.beat("a", minutes(20));
  notify(host);
  pass(host, hours(1));
  REQUIRE(open_of(host).size() == 1);
  boot_ahead_and_back(host);
  host.clock.synchronized_now = true;
  CHECK_FALSE(clock_is_untrusted(host));
  // What was dated ahead is no proof, and the next run is one again.
  notify(host);
  host.clock.advance(minutes(15));
  host.beat("a", minutes(20));
  notify(host);
  const auto looked = only_look(host.world);
  REQUIRE(looked);
  REQUIRE(looked->look.jobs.size() == 1);
  CHECK(core::status_of(looked->look.jobs[0].verdict) == core::Status::ok);
  CHECK(looked->look.jobs[0].facts.last_success == host.clock.wall_now);
}

TEST_CASE("a gap of the checker is one incident, jobs get their next turn") {
  FakeHost host;
  host.beat("a", hours(1));
  notify(host);
  host.clock.advance(hours(12));
  host.world.boot_id = "boot-2";
  host.clock.boot_now = BootTime(minutes(3));
  notify(host);
  auto open = open_of(host);
  REQUIRE(open.size() == 1);
  CHECK(open[0].key.name == "gap");
  // It runs again within its interval: nothing was ever said about it.
  host.clock.advance(minutes(20));
  host.beat("a", hours(1));
  pass(host, minutes(30));
  CHECK(open_of(host).empty());
  for (const Notice& n : host.pager->told) CHECK(n.verdict != "stale");
}

TEST_CASE("a host that slept is told from a checker that did not run") {
  const auto gap_after = [](Duration away, std::optional<Duration> before,
                            std::optional<Duration> after) {
    FakeHost host;
    host.beat("a", hours(1));
    host.clock.asleep_now = before;
    notify(host);
    host.clock.advance(away);
    host.clock.asleep_now = after;
    notify(host);
    const auto open = open_of(host);
    return open.size() == 1 ? open[0].cause : std::string();
  };
  CHECK(gap_after(hours(12), hours(5), hours(17) - minutes(20)) ==
        "nobody checked this host for 12h: the host was asleep for 11h 40m");
  CHECK(gap_after(hours(12), hours(5), hours(11)) ==
        "nobody checked this host for 12h: the host was asleep for 6h, and for "
        "the rest the checker did not run");
  CHECK(gap_after(hours(12), hours(5), hours(5)) ==
        "nobody checked this host for 12h: the host was awake, and the checker "
        "did not run");
  CHECK(gap_after(hours(12), {}, hours(11)) ==
        "nobody checked this host for 12h: it was asleep, or the checker did "
        "not run");
}

TEST_CASE("a job that was due while the host slept says so when it is late") {
  FakeHost host;
  host.beat("a", hours(1));
  host.clock.asleep_now = hours(5);
  notify(host);
  host.clock.advance(hours(3) + minutes(10));
  host.clock.asleep_now = hours(8);
  notify(host);
  const auto cause = [&] {
    const auto looked = only_look(host.world);
    REQUIRE(looked);
    const JudgedJob* job = find_job(looked->look, core::JobKey{0, "a"});
    REQUIRE(job);
    return cause_of(*job);
  };
  CHECK(cause() ==
        "due, and not seen yet; the host was asleep for 3h when it was due");
  // It is remembered, and still said once nobody is late any more but silent.
  pass(host, hours(2));
  CHECK(cause() ==
        "no run has succeeded; the host was asleep for 3h when it was due");
}

}  // namespace
}  // namespace bezalel::app
