#include <doctest/doctest.h>

#include <set>

#include "app/announce.h"
#include "app/cycle.h"
#include "app/fake_cycle.h"
#include "app/sight.h"
#include "app/upkeep.h"

namespace bezalel::app {
namespace {

using fake::FakeHost;
using fake::notify;
using fake::open_of;
using fake::pass;
using std::chrono::hours;
using std::chrono::minutes;

TEST_CASE("an action is tried within its limit and told") {
  FakeHost host;
  DeclaredJob d;
  d.name = "a";
  d.expectation = core::Expectation{schedule::Every{minutes(20)},
                                    {},
                                    {},
                                    core::ExpectationSource::job_file,
                                    "jobs.d/a.toml:1"};
  d.file_mtime = host.clock.wall_now;
  Action action;
  action.restart = "a.service";
  d.on_stale = action;
  host.settings.jobs.push_back(d);
  host.actor.result.text = "/bin/fix --token=hunter2, exit 1: PASSWORD=hunter2";
  host.beat("a", minutes(20));
  notify(host);
  pass(host, hours(3));
  CHECK(host.actor.performed.size() == 3);
  bool told = false;
  for (const Notice& n : host.forge->told) {
    told = told || n.kind == NoticeKind::action;
    CHECK(n.sentence.find("hunter2") == std::string::npos);
  }
  CHECK(told);
}

TEST_CASE("an alarm waits for no action, and actions not for ever") {
  FakeHost host;
  for (const char* name : {"a", "b", "c"}) {
    DeclaredJob d;
    d.name = name;
    d.expectation = core::Expectation{schedule::Every{minutes(20)},
                                      {},
                                      {},
                                      core::ExpectationSource::job_file,
                                      "jobs.d/a.toml:1"};
    d.file_mtime = host.clock.wall_now;
    Action action;
    action.restart = "x.service";
    action.timeout = minutes(2);
    d.on_stale = action;
    host.settings.jobs.push_back(d);
    host.beat(name, minutes(20));
  }
  notify(host);
  pass(host, minutes(30));
  bool told_first = true;
  host.actor.while_it_runs = [&] {
    told_first = told_first && !host.forge->told.empty();
    host.clock.advance(minutes(2));
  };
  host.clock.advance(minutes(15));
  notify(host);
  CHECK(told_first);
  // The third might have lasted beyond what one check may take.
  CHECK(host.actor.performed.size() == 2);
  notify(host);
  CHECK(host.actor.performed.size() == 4);
}

TEST_CASE("no action is taken for a job that runs or is well again") {
  FakeHost host;
  host.settings.policy.close_hold = hours(2);
  DeclaredJob d;
  d.name = "a";
  d.expectation = core::Expectation{schedule::Every{minutes(20)},
                                    {},
                                    {},
                                    core::ExpectationSource::job_file,
                                    "jobs.d/a.toml:1"};
  d.file_mtime = host.clock.wall_now;
  Action action;
  action.restart = "a.service";
  action.limit_count = 100;
  d.on_stale = d.on_failed = action;
  host.settings.jobs.push_back(d);
  host.beat("a", minutes(20));
  notify(host);
  pass(host, hours(1));
  const std::size_t before = host.actor.performed.size();
  REQUIRE(before > 0);
  SUBCASE("well again") {
    host.beat("a", minutes(20));
  }
  const core::JobKey key{0, "a"};
  record::RunStart start;
  start.job = "a";
  start.at = host.clock.wall_now;
  SUBCASE("in flight") {
    start.run_id = "RUN";
    host.runs.news.records = {{key, start}};
  }
  SUBCASE("failed and in flight again") {
    start.run_id = "FIRST";
    record::RunEnd end;
    end.run_id = start.run_id;
    end.job = "a";
    end.at = host.clock.wall_now;
    end.started = start.at;
    end.outcome = record::Outcome::fail;
    end.exit_code = 1;
    host.runs.news.records = {{key, start}, {key, end}};
    start.run_id = "SECOND";
    host.runs.news.records.emplace_back(key, start);
  }
  notify(host);
  REQUIRE(open_of(host).size() == 1);
  CHECK(host.actor.performed.size() == before);
}

TEST_CASE("every committed cycle leaves its stamp and pings the dead man") {
  FakeHost host;
  host.beat("a", hours(1));
  notify(host);
  CHECK(host.stamps == 1);
  REQUIRE(host.pings.size() == 1);
  CHECK(host.pings[0].empty());
}

TEST_CASE("the dead man hears of alarms that wait out their backoff") {
  FakeHost host;
  host.beat("a", minutes(20));
  notify(host);
  host.forge->next = GaveUp{"401: the token was refused"};
  pass(host, hours(1));
  // Nothing is tried for six hours, and nothing has left.
  const auto outcome = notify(host);
  CHECK(outcome.delivery.failed.empty());
  CHECK(outcome.delivery.waiting > 0);
  CHECK(host.pings.back() ==
        "the outbox does not drain: forge: 401: the token was refused");
  host.forge->next = Sent{};
  pass(host, hours(7));
  CHECK(host.pings.back().empty());
}

// Whether an incident of the dead man is open.
bool dead_man_told(FakeHost& host) {
  bool told = false;
  REQUIRE(host.store.read([&](StoreReader& r) -> Result<void> {
    BZ_ASSIGN(const auto open, r.open_incidents());
    for (const auto& i : open) {
      told = told ||
             i.key == core::IncidentKey::of_finding(kDeadManFailing, "deadman");
    }
    return {};
  }));
  return told;
}

TEST_CASE("a dead man that is not pinged for three cycles is told") {
  FakeHost host;
  host.settings.deadman_url = Secret("https://hc.example/x");
  host.settings.policy.close_hold = Duration();
  const auto cycle = [&] {
    host.beat("a", hours(1));
    notify(host);
    host.clock.advance(minutes(15));
  };
  host.ping_error = "dead-man ping: refused";
  for (int i = 0; i < 4; ++i) cycle();
  CHECK_FALSE(dead_man_told(host));
  cycle();
  CHECK(dead_man_told(host));
  host.ping_error.clear();
  cycle();
  cycle();
  CHECK_FALSE(dead_man_told(host));
  // One that fails now and then is not.
  for (int i = 0; i < 9; ++i) {
    host.ping_error = i % 3 == 0 ? "" : "dead-man ping: refused";
    cycle();
    CHECK_FALSE(dead_man_told(host));
  }
}

}  // namespace
}  // namespace bezalel::app
