#include "app/upkeep.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "app/fake_cycle.h"
#include "app/notice_text.h"

namespace bezalel::app {
namespace {

using fake::FakeHost;
using fake::notify;
using fake::pass;
using std::chrono::hours;
using std::chrono::minutes;

std::ptrdiff_t reminders(const FakeHost& host) {
  return std::count_if(
      host.forge->told.begin(), host.forge->told.end(),
      [](const Notice& n) { return n.kind == NoticeKind::reminder; });
}

// A host without a cron daemon.
struct DeadCron {
  DeadCron() {
    host.world.inventory = &host.inventory;
    Finding dead;
    dead.id = kCronDead;
    dead.source = "host";
    dead.message = "no cron daemon runs";
    dead.alarm = core::Severity::p1;
    host.inventory.found.findings = {dead};
    host.beat("a", hours(1000));
    notify(host);
  }
  FakeHost host;
};

TEST_CASE("a finding that somebody has seen is not reminded of") {
  DeadCron unseen;
  pass(unseen.host, hours(8));
  CHECK(reminders(unseen.host) > 0);

  DeadCron seen;
  const auto said = acknowledge_finding(seen.host.world, kCronDead, "root");
  REQUIRE(said);
  CHECK(*said ==
        "cron-dead: seen, no more reminders; it closes when it is over");
  pass(seen.host, hours(8));
  CHECK(reminders(seen.host) == 0);
}

TEST_CASE("findings of one name in several places are seen together, counted") {
  FakeHost host;
  Finding fault;
  fault.id = kSettingsInvalid;
  fault.alarm = core::Severity::p2;
  for (const char* source : {"/etc/bezalel/a.toml", "/etc/bezalel/b.toml"}) {
    fault.source = source;
    host.settings.findings.push_back(fault);
  }
  host.beat("x", hours(1));
  notify(host);
  const auto said = acknowledge_finding(host.world, kSettingsInvalid, "root");
  REQUIRE(said);
  CHECK(said->starts_with("settings-invalid: 2 alarms seen"));
}

TEST_CASE("of findings of one name, one is meant by its source") {
  FakeHost host;
  Finding fault;
  fault.id = kSettingsInvalid;
  fault.alarm = core::Severity::p2;
  std::vector<core::IncidentKey> keys;
  for (const char* source : {"/etc/bezalel/a.toml", "/etc/bezalel/b.toml"}) {
    fault.source = source;
    host.settings.findings.push_back(fault);
    keys.push_back(core::IncidentKey::of_finding(fault.id, source));
  }
  const std::string a = "settings-invalid:/etc/bezalel/a.toml";
  CHECK(is_called(keys[0], a));
  CHECK_FALSE(is_called(keys[1], a));
  CHECK(is_called(keys[1], kSettingsInvalid));
  CHECK_FALSE(is_called(core::IncidentKey::of({0, "a"}), "a"));
  host.beat("x", hours(1000));
  // Silenced before it was told: nobody hears of it until that is over.
  const Timestamp until = host.clock.wall() + hours(2);
  const auto quiet =
      silence_findings(host.world, a, {keys[0]}, until, "moving", "root");
  REQUIRE(quiet);
  CHECK(quiet->starts_with(a + ": no notices until "));
  notify(host);
  REQUIRE(host.forge->told.size() == 1);
  CHECK(host.forge->told[0].key == keys[1]);
  const auto seen = acknowledge_finding(host.world, a, "root");
  REQUIRE(seen);
  CHECK(seen->starts_with(a + ": seen, no more reminders"));
  for (const core::OpenIncident& i : fake::open_of(host)) {
    CHECK(i.acked.has_value() == (i.key == keys[0]));
  }
  REQUIRE(end_silence_of_findings(host.world, kSettingsInvalid, "root"));
  CHECK_FALSE(end_silence_of_findings(host.world, a, "root"));
  notify(host);
  CHECK(host.forge->told.size() == 2);
}

TEST_CASE("a job that somebody has seen is not reminded of") {
  FakeHost host;
  host.beat("a", minutes(20));
  notify(host);
  pass(host, hours(2));
  REQUIRE(acknowledge(host.world, core::JobKey{0, "a"}, "root"));
  const auto before = reminders(host);
  pass(host, hours(30));
  CHECK(reminders(host) == before);
}

TEST_CASE("what has no open incident cannot be seen") {
  FakeHost host;
  host.beat("a", hours(1));
  notify(host);
  const auto job = acknowledge(host.world, core::JobKey{0, "a"}, "root");
  REQUIRE_FALSE(job);
  CHECK(job.error().kind == Kind::not_found);
  CHECK(job.error().what ==
        "a: has no open incident; expected one of `bezalel alerts`");
  CHECK_FALSE(acknowledge_finding(host.world, "a", "root"));
  CHECK_FALSE(acknowledge_finding(host.world, kCronDead, "root"));
}

TEST_CASE("a job that is retired takes its pause and its silence with it") {
  FakeHost host;
  const core::JobKey a{0, "a"};
  host.beat("a", hours(1));
  notify(host);
  REQUIRE(pause(host.world, a, "moving", "root"));
  REQUIRE(silence(host.world, a, host.clock.wall() + hours(100), "m", "root"));
  REQUIRE(silence(host.world, {}, host.clock.wall() + hours(1), "h", "root"));
  REQUIRE(retire(host.world, a, "gone", "root"));
  const auto looked = only_look(host.world);
  REQUIRE(looked);
  CHECK(looked->memory.pauses.empty());
  for (const Silence& s : looked->memory.silences) {
    CHECK((!s.key || s.until <= host.clock.wall()));
  }
  CHECK_FALSE(resume(host.world, a, "root"));
}

TEST_CASE("a job whose proof is dated ahead can be retired") {
  FakeHost host;
  host.clock.wall_now += hours(5);
  host.beat("a", hours(1));
  host.clock.wall_now -= hours(5);
  host.world.boot_id = "boot-2";  // nothing tells what the clock was then
  notify(host);
  REQUIRE(open_of(host).size() == 1);
  CHECK(open_of(host)[0].verdict == "clock");
  REQUIRE(retire(host.world, core::JobKey{0, "a"}, "gone", "root"));
  pass(host, minutes(15));
  CHECK(open_of(host).empty());

  host.beat("a", minutes(20));
  pass(host, hours(1));
  REQUIRE(open_of(host).size() == 1);
  CHECK(open_of(host)[0].verdict == "stale");
}

TEST_CASE("the end of a retired job has the name under which it was opened") {
  FakeHost host;
  host.beat("a", hours(1));
  host.beat("a", hours(100), 7);
  pass(host, minutes(150));
  REQUIRE(host.forge->told.size() == 1);
  CHECK(issue_title(host.forge->told[0]).find("root/a@db7") !=
        std::string::npos);
  REQUIRE(retire(host.world, core::JobKey{0, "a"}, "gone", "root"));
  pass(host, minutes(15));
  REQUIRE(host.forge->told.size() == 2);
  CHECK(subject(host.forge->told[1]) == "OK root/a@db7 retired");
}

TEST_CASE("of two silences the newer counts, though it is the shorter") {
  FakeHost host;
  host.beat("a", minutes(20));
  notify(host);
  const Timestamp now = host.clock.wall();
  const core::JobKey a{0, "a"};
  REQUIRE(silence(host.world, a, now + hours(100), "long", "root"));
  REQUIRE(silence(host.world, {}, now + hours(2), "host", "root"));
  REQUIRE(silence(host.world, a, now + hours(1), "short", "root"));
  const auto looked = only_look(host.world);
  REQUIRE(looked);
  const auto* held =
      looked->memory.silence_of(core::IncidentKey::of(a), host.clock.wall());
  REQUIRE(held);
  CHECK(held->why == "host");
  pass(host, hours(3));
  CHECK(host.forge->told.size() == 1);
}

}  // namespace
}  // namespace bezalel::app
