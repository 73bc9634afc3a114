#include "app/announce.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "app/fake_cycle.h"
#include "app/local_time.h"
#include "app/upkeep.h"
#include "base/duration.h"

namespace bezalel::app {
namespace {

using fake::FakeHost;
using fake::notify;
using fake::open_of;
using fake::pass;
using std::chrono::hours;
using std::chrono::minutes;

TEST_CASE("a silenced job is told when the silence ends, not before") {
  FakeHost host;
  host.beat("a", minutes(20));
  notify(host);
  REQUIRE(silence(host.world, core::JobKey{0, "a"},
                  host.clock.wall_now + hours(2), "moving disks", "ops"));
  pass(host, hours(1));
  CHECK(host.forge->told.empty());
  CHECK(open_of(host).size() == 1);
  pass(host, hours(2));
  REQUIRE_FALSE(host.forge->told.empty());
  CHECK(host.forge->told[0].kind == NoticeKind::opened);
}

TEST_CASE("a silenced job that recovered in time tells nobody anything") {
  FakeHost host;
  host.beat("a", minutes(20));
  notify(host);
  REQUIRE(silence(host.world, core::JobKey{0, "a"},
                  host.clock.wall_now + hours(2), "moving disks", "ops"));
  pass(host, hours(1));
  host.beat("a", hours(20));
  pass(host, hours(2));
  CHECK(host.forge->told.empty());
  CHECK(host.pager->told.empty());
}

TEST_CASE("a silence of a job holds for what is found about it") {
  FakeHost host;
  const core::JobKey key{0, "a"};
  host.beat("a", hours(90));
  record::RunStart start;
  start.job = "a";
  start.run_id = "RUN";
  start.at = host.clock.wall_now;
  start.problems = "max=5x";
  record::RunEnd end;
  end.run_id = start.run_id;
  end.job = "a";
  end.at = end.started = start.at;
  host.runs.news.records = {{key, start}, {key, end}};
  std::string of = "a";
  SUBCASE("its own") {}
  SUBCASE("not of another") {
    of = "b";
  }
  REQUIRE(silence(host.world, core::JobKey{0, of},
                  host.clock.wall_now + hours(2), "moving disks", "ops"));
  pass(host, hours(1));
  REQUIRE(open_of(host).size() == 1);
  CHECK(open_of(host)[0].verdict == "option-invalid");
  CHECK(host.pager->told.size() == (of == "a" ? 0 : 1));
  pass(host, hours(2));
  CHECK(host.pager->told.size() >= 1);
}

TEST_CASE("many at once fold into one notice that lists them") {
  FakeHost host;
  for (int i = 0; i < 8; ++i) host.beat("j" + std::to_string(i), minutes(20));
  notify(host);
  pass(host, hours(1));
  CHECK(open_of(host).size() == 9);
  REQUIRE(host.forge->told.size() == 1);
  CHECK(host.forge->told[0].verdict == "storm");
  CHECK(host.forge->told[0].members.size() == 8);
  for (int i = 0; i < 8; ++i) host.beat("j" + std::to_string(i), hours(9));
  pass(host, minutes(30));
  REQUIRE(host.forge->told.size() == 2);
  CHECK(host.forge->told[1].kind == NoticeKind::resolved);
  CHECK(open_of(host).empty());
}

// Declares it as one for reports alone.
void make_p3(FakeHost& host, const std::string& name, Duration interval) {
  DeclaredJob d;
  d.name = name;
  d.severity = core::Severity::p3;
  d.expectation = core::Expectation{schedule::Every{interval},         {}, {},
                                    core::ExpectationSource::job_file, {}, {}};
  host.settings.jobs.push_back(d);
}

TEST_CASE("what reports alone carry is no part of a storm") {
  FakeHost host;
  for (int i = 0; i < 5; ++i) host.beat("j" + std::to_string(i), minutes(20));
  SUBCASE("it makes none") {
    make_p3(host, "j4", minutes(20));
    notify(host);
    pass(host, hours(1));
    CHECK(open_of(host).size() == 5);
    REQUIRE(host.pager->told.size() == 4);
    for (const Notice& n : host.pager->told) CHECK(n.key.name != "j4");
  }
  SUBCASE("it is not in one, and holds none") {
    host.beat("op", minutes(20));
    make_p3(host, "op", minutes(20));
    notify(host);
    pass(host, hours(1));
    REQUIRE(host.pager->told.size() == 1);
    CHECK(host.pager->told[0].members.size() == 5);
    for (int i = 0; i < 5; ++i) host.beat("j" + std::to_string(i), hours(9));
    pass(host, minutes(30));
    CHECK(host.pager->told.size() == 2);
    CHECK(open_of(host).size() == 1);
  }
  SUBCASE("one that became it holds none, and is told when it is more again") {
    notify(host);
    pass(host, hours(1));
    REQUIRE(host.pager->told.size() == 1);
    make_p3(host, "j4", minutes(20));
    for (int i = 0; i < 4; ++i) host.beat("j" + std::to_string(i), hours(90));
    pass(host, minutes(45));
    CHECK(open_of(host).size() == 1);
    CHECK(host.pager->told.size() == 2);
    host.settings.jobs.clear();
    pass(host, minutes(45));
    REQUIRE(host.pager->told.size() == 3);
    CHECK(host.pager->told[2].kind == NoticeKind::opened);
    CHECK(host.pager->told[2].key.name == "j4");
  }
}

TEST_CASE("who has seen what is left of a storm is not reminded of it") {
  FakeHost host;
  for (int i = 0; i < 8; ++i) host.beat("j" + std::to_string(i), minutes(20));
  notify(host);
  pass(host, hours(1));
  REQUIRE(host.pager->told.size() == 1);
  for (int i = 1; i < 8; ++i) host.beat("j" + std::to_string(i), hours(90));
  pass(host, minutes(30));
  const NamedJob left{{0, "j0"}, "j0"};
  REQUIRE(acknowledge(host.world, left, "ops"));
  const std::size_t told = host.pager->told.size();
  pass(host, hours(30));
  CHECK(host.pager->told.size() == told);
  CHECK(open_of(host).size() == 2);
}

TEST_CASE("a storm is shown as opened, before its members") {
  FakeHost host;
  for (int i = 0; i < 8; ++i) host.beat("j" + std::to_string(i), minutes(20));
  notify(host);
  for (int i = 0; i < 3; ++i) host.clock.advance(minutes(15));
  const auto outcome = notify(host);
  const auto& shown = outcome.cycle.transitions;
  REQUIRE(shown.size() == 9);
  CHECK(shown[0].what == "opened");
  CHECK(shown[0].verdict == "storm");
  CHECK(shown[0].text == "8 jobs went bad at once");
  CHECK(shown[1].key.name == "j0");
}

TEST_CASE("a rehearsal knows what a storm holds") {
  FakeHost host;
  for (int i = 0; i < 8; ++i) host.beat("j" + std::to_string(i), minutes(20));
  notify(host);
  pass(host, hours(1));
  host.clock.advance(minutes(15));
  const auto rehearsed = rehearse(host.world);
  REQUIRE(rehearsed);
  CHECK(rehearsed->transitions.empty());
}

TEST_CASE("a second wave into an open storm is told, and once") {
  FakeHost host;
  for (int i = 0; i < 6; ++i) host.beat("a" + std::to_string(i), minutes(20));
  for (int i = 0; i < 6; ++i) host.beat("b" + std::to_string(i), hours(2));
  notify(host);
  pass(host, hours(1));
  REQUIRE(host.pager->told.size() == 1);
  CHECK(host.pager->told[0].verdict == "storm");
  pass(host, hours(6));
  CHECK(open_of(host).size() == 13);
  std::multiset<std::string> told;
  for (const Notice& n : host.pager->told) {
    if (n.kind == NoticeKind::opened) told.insert(n.key.name);
  }
  CHECK(told.size() == 7);
  for (int i = 0; i < 6; ++i) {
    CHECK(told.count("b" + std::to_string(i)) == 1);
  }
}

TEST_CASE("the drill's P3 goes to every channel, another P3 to none") {
  FakeHost host;
  const auto drill = core::IncidentKey::of({0, std::string(kDrillJob)});
  const auto other = core::IncidentKey::of({0, "x"});
  CHECK(route(host.settings, drill, core::Severity::p3, host.channels).size() ==
        2);
  CHECK(route(host.settings, other, core::Severity::p3, host.channels).empty());
  host.settings.routes["default"] = {"forge"};
  host.settings.routes["P1"] = {"pager"};
  CHECK(route(host.settings, other, core::Severity::p1, host.channels) ==
        std::vector<std::string>{"pager"});
  CHECK(route(host.settings, other, core::Severity::p2, host.channels) ==
        std::vector<std::string>{"forge"});
}

TEST_CASE("resolved reaches a channel that was missing at the recovery") {
  FakeHost host;
  host.beat("a", minutes(20));
  notify(host);
  pass(host, hours(1));
  REQUIRE(host.forge->told.size() == 1);
  auto forge = host.take_channel("forge");
  host.beat("a", minutes(20));
  notify(host);
  CHECK(open_of(host).empty());
  host.give_channel(std::move(forge));
  host.beat("a", minutes(20));
  notify(host);
  REQUIRE(host.forge->told.size() == 2);
  CHECK(host.forge->told[1].kind == NoticeKind::resolved);
  CHECK(host.forge->refs[1] == "1");
}

// A fault in a file of settings, told of.
void misspell(FakeHost& host) {
  host.beat("a", hours(1000));
  Finding fault;
  fault.id = kSettingsInvalid;
  fault.source = "/etc/bezalel/jobs.d/a.toml";
  fault.message = "every: 1 dya is no time span";
  fault.alarm = core::Severity::p2;
  host.settings.findings = {fault};
  notify(host);
}

TEST_CASE("another fault in the same file is told") {
  FakeHost host;
  misspell(host);
  host.clock.advance(minutes(15));
  notify(host);
  REQUIRE(host.forge->told.size() == 1);
  const Timestamp since = open_of(host)[0].since;
  host.settings.findings[0].message = "grace: 1 hxour is no time span";
  host.clock.advance(minutes(15));
  notify(host);
  REQUIRE(host.forge->told.size() == 2);
  CHECK(host.forge->told[1].kind == NoticeKind::changed);
  CHECK(host.forge->told[1].sentence ==
        "Now settings-invalid: grace: 1 hxour is no time span");
  REQUIRE(open_of(host).size() == 1);
  CHECK(open_of(host)[0].cause == host.settings.findings[0].message);
  // It is as old as the trouble, not as the last change.
  CHECK(open_of(host)[0].since == since);
}

TEST_CASE("a fault that only weighs more says what it weighed") {
  FakeHost host;
  misspell(host);
  host.settings.findings[0].alarm = core::Severity::p1;
  host.clock.advance(minutes(15));
  const auto& changed = notify(host).cycle.transitions;
  REQUIRE(changed.size() == 1);
  CHECK(changed[0].text == "was P2: every: 1 dya is no time span");
}

TEST_CASE("an incident's end has one length, on the terminal and told") {
  FakeHost host;
  host.beat("a", minutes(20));
  const auto before = host.clock.wall_now;
  notify(host);
  pass(host, hours(1));
  REQUIRE(open_of(host).size() == 1);
  host.clock.advance(minutes(5));
  host.beat("a", minutes(20));
  // Without a success, that is: not since its deadline.
  const auto lasted = host.clock.wall_now - before;
  const std::string when = local_day(host.clock.wall_now, host.settings.zone);
  host.clock.advance(minutes(10));
  const auto& ended = notify(host).cycle.transitions;
  REQUIRE(ended.size() == 1);
  CHECK(ended[0].text == "well again after " + format_age(lasted));
  REQUIRE(host.forge->told.back().kind == NoticeKind::resolved);
  CHECK(host.forge->told.back().downtime == lasted);
  CHECK(host.forge->told.back().sentence.starts_with(
      "Well again: success " + when + ". Silent for 1h 5m, open for "));
}

TEST_CASE("a declared job's notice names the table that keeps it") {
  FakeHost host;
  host.beat("a", minutes(20));
  host.beat("b", minutes(20));
  DeclaredJob declared;
  declared.name = "a";
  declared.where = "/etc/bezalel/jobs.d/a.toml:1";
  host.settings.jobs.push_back(declared);
  notify(host);
  pass(host, hours(1));
  const auto& told = host.forge->told;
  REQUIRE(told.size() == 2);
  const std::string kept =
      "# no longer needed: remove its table, /etc/bezalel/jobs.d/a.toml:1, "
      "then:";
  const auto says = [](const Notice& notice, const std::string& line) {
    return std::find(notice.commands.begin(), notice.commands.end(), line) !=
           notice.commands.end();
  };
  CHECK(says(told[0], kept));
  CHECK(says(told[1], "# no longer needed:"));
}

TEST_CASE("the notice of a retired job says by whom and why") {
  FakeHost host;
  host.beat("a", minutes(20));
  notify(host);
  pass(host, hours(1));
  REQUIRE(retire(host.world, core::JobKey{0, "a"}, "moved to db9", "root"));
  host.clock.advance(minutes(15));
  notify(host);
  REQUIRE(host.forge->told.size() == 2);
  CHECK(host.forge->told[1].sentence.starts_with(
      "Retired by root on db7: \"moved to db9\" ("));
}

TEST_CASE("resolved goes to no channel that was never told") {
  FakeHost host;
  auto forge = host.take_channel("forge");
  host.beat("a", minutes(20));
  notify(host);
  pass(host, hours(1));
  host.beat("a", minutes(20));
  notify(host);
  host.give_channel(std::move(forge));
  host.beat("a", minutes(20));
  notify(host);
  CHECK(host.forge->told.empty());
}

}  // namespace
}  // namespace bezalel::app
