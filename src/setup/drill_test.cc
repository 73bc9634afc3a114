// What a drill must not call proven. That it proves the rest, and leaves
// nothing, is shown by tests/packaging/first_minutes.sh.
#include "setup/drill.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include "app/fake_world.h"
#include "sys/lock.h"

namespace bezalel::setup {
namespace {

// Nothing is told, and nothing said, before it is known to be of use.
Obstacle stopped(app::fake::FakeHost& host) {
  const DrillPlan plan{"/nonexistent", 0, std::chrono::seconds(1),
                       "/nonexistent/drill.lock"};
  const auto done = drill(host.world, plan, [](const std::string& line) {
    FAIL_CHECK("said: " << line);
  });
  REQUIRE(done);
  REQUIRE(*done);
  return **done;
}

TEST_CASE("a drill without a channel proves nothing") {
  app::fake::FakeHost host;
  host.channels.clear();
  host.channels.push_back(
      std::make_unique<app::fake::FakeChannel>("local", false));
  CHECK(stopped(host).text.starts_with("no channel can be used: "));
  CHECK(stopped(host).fix == "bezalel doctor");
  host.settings.channels.clear();
  CHECK(stopped(host).text.starts_with("no channel is set: "));
  CHECK(stopped(host).fix == "bezalel init --help");
}

TEST_CASE("a drill proves nothing for alarms that are routed nowhere") {
  app::fake::FakeHost host;
  host.settings.routes["default"] = {};
  CHECK(stopped(host).text.starts_with("[route] default names no channel"));
  host.settings.routes["default"] = {"forge"};
  host.settings.routes["P1"] = {};
  CHECK(stopped(host).text.starts_with("[route] P1 names no channel"));
}

TEST_CASE("a drill names the silence that would hold its notices back") {
  app::fake::FakeHost host;
  const auto now = host.clock.wall_now;
  const app::Silence s{
      0, {}, now, now + std::chrono::hours(48), "ann", "moving disks"};
  REQUIRE(host.store.transact([&](app::Txn& txn) -> Result<void> {
    BZ_TRY(txn.put_silence(s));
    return {};
  }));
  CHECK(stopped(host).text.starts_with("the whole host is silent until "));
  CHECK(stopped(host).fix == "bezalel silence --host --end");
}

TEST_CASE("an interval that no drill has is a mistake of who typed it") {
  app::fake::FakeHost host;
  host.channels.clear();
  const DrillPlan plan{"/nonexistent", 0, std::chrono::hours(1),
                       "/nonexistent/drill.lock"};
  const auto done = drill(host.world, plan, [](const std::string&) {});
  REQUIRE_FALSE(done);
  CHECK(done.error().kind == Kind::invalid);
}

TEST_CASE("a second drill is told of the first, and makes nothing up") {
  app::fake::FakeHost host;
  const std::string lock =
      "/tmp/bezalel-drill-test." + std::to_string(::getpid());
  const sys::Lock first = sys::take_lock(lock);
  const DrillPlan plan{"/nonexistent", 0, std::chrono::seconds(1), lock};
  const auto done = drill(host.world, plan, [](const std::string& line) {
    FAIL_CHECK("said: " << line);
  });
  REQUIRE_FALSE(done);
  CHECK(done.error().kind == Kind::conflict);
  CHECK(done.error().what.starts_with(
      "drill: another drill is going on (since "));
  ::unlink(lock.c_str());
}

}  // namespace
}  // namespace bezalel::setup
