#include "app/cycle.h"

#include <doctest/doctest.h>

#include <set>

#include "app/announce.h"
#include "app/fake_cycle.h"
#include "app/upkeep.h"

namespace bezalel::app {
namespace {

using fake::FakeHost;
using fake::notify;
using fake::open_of;
using fake::pass;
using std::chrono::hours;
using std::chrono::minutes;

TEST_CASE("a silent job opens one issue and its success closes it") {
  FakeHost host;
  host.beat("db_backup", hours(1));
  notify(host);
  CHECK(host.forge->told.empty());
  pass(host, hours(3));
  REQUIRE(host.forge->told.size() == 1);
  CHECK(host.forge->told[0].kind == NoticeKind::opened);
  CHECK(host.forge->told[0].verdict == "stale");
  host.beat("db_backup", hours(1));
  notify(host);
  REQUIRE(host.forge->told.size() == 2);
  CHECK(host.forge->told[1].kind == NoticeKind::resolved);
  CHECK(host.forge->refs[1] == "1");
  CHECK(open_of(host).empty());
}

TEST_CASE("looking changes nothing") {
  FakeHost host;
  host.beat("a", minutes(5));
  notify(host);
  host.clock.advance(minutes(30));
  auto looked = only_look(host.world);
  REQUIRE(looked);
  CHECK(open_of(host).empty());
  auto dry = rehearse(host.world);
  REQUIRE(dry);
  CHECK(dry->transitions.size() == 1);
  CHECK(dry->memory.outbox.size() == 2);
  CHECK(open_of(host).empty());
  CHECK(host.forge->told.empty());
}

TEST_CASE("a schedule that never matches is told with its place") {
  FakeHost host;
  DeclaredJob job;
  job.name = "feb30";
  job.where = "/etc/bezalel/jobs.d/db.toml:3";
  job.file_mtime = host.clock.wall_now - hours(24 * 400);
  auto expr = schedule::CronExpr::parse("0 0 30 2 *");
  REQUIRE(expr);
  job.expectation =
      core::Expectation{schedule::Cron{*expr, schedule::Zone::utc()},
                        {},
                        {},
                        core::ExpectationSource::job_file,
                        job.where,
                        {}};
  host.settings.jobs.push_back(job);
  auto outcome = only_look(host.world);
  REQUIRE(outcome);
  REQUIRE(outcome->look.jobs.size() == 1);
  CHECK(core::status_of(outcome->look.jobs[0].verdict) ==
        core::Status::undeclared);
  REQUIRE(outcome->look.findings.size() == 1);
  const Finding& f = outcome->look.findings[0];
  CHECK(f.id == "schedule-invalid");
  CHECK(f.source == "/etc/bezalel/jobs.d/db.toml");
  CHECK(f.line == 3);
  CHECK(f.message == "feb30: 0 0 30 2 * (UTC) never matches");
  notify(host);
  CHECK(host.forge->told.size() == 2);
}

// A store that takes nothing.
class ClosedStore final : public Store {
 public:
  ClosedStore(Store& below, Error why) : below_(below), why_(std::move(why)) {}
  Result<void> read(
      const std::function<Result<void>(StoreReader&)>& f) override {
    return below_.read(f);
  }
  Result<void> transact(const std::function<Result<void>(Txn&)>&) override {
    return why_;
  }

 private:
  Store& below_;
  const Error why_;
};

World world_on(FakeHost& host, Store& store) {
  return {host.clock,
          host.world.boot_id,
          host.settings,
          host.jobs,
          host.runs,
          host.users,
          store,
          host.channels,
          host.actor,
          host.world.new_id,
          host.world.memory_store,
          host.world.lock,
          host.world.write_stamp,
          host.world.ping_dead_man,
          {},
          {},
          true};
}

TEST_CASE("a full disk still alarms and says that nothing was kept") {
  FakeHost host;
  host.beat("a", minutes(20));
  notify(host);
  for (int i = 0; i < 3; ++i) host.clock.advance(minutes(15));
  ClosedStore full(host.store,
                   {Kind::full, "state.db: no space left on device"});
  World world = world_on(host, full);
  auto outcome = check_and_notify(world);
  REQUIRE(outcome);
  CHECK_FALSE(outcome->cycle.uncommitted.empty());
  CHECK_FALSE(host.pager->told.empty());
  REQUIRE_FALSE(host.pings.empty());
  CHECK_FALSE(host.pings.back().empty());
}

TEST_CASE("a disk is full once, and all hear of it while that can be kept") {
  FakeHost host;
  host.beat("a", minutes(20));
  host.jobs.findings = {state_finding("written", {Kind::full, "seen"})};
  notify(host);
  REQUIRE(open_of(host).size() == 1);
  CHECK(open_of(host)[0].key ==
        core::IncidentKey::of_finding(kStateFull, "host"));
  CHECK(host.pager->told.size() == 1);
  ClosedStore full(host.store,
                   {Kind::full, "state.db: no space left on device"});
  World world = world_on(host, full);
  const auto outcome = check_and_notify(world);
  REQUIRE(outcome);
  const auto& findings = outcome->cycle.look.findings;
  const auto told =
      std::count_if(findings.begin(), findings.end(),
                    [](const Finding& f) { return f.id == kStateFull; });
  CHECK(told == 1);
  CHECK(findings.back().message.find("no space left") != std::string::npos);
  CHECK(host.pager->told.size() == 1);
  host.jobs.findings.clear();
  pass(host, minutes(15));
  CHECK(open_of(host).empty());
}

TEST_CASE("a state that somebody holds is told to who waits outside") {
  FakeHost host;
  host.beat("a", minutes(20));
  notify(host);
  const auto before = host.pings.size();
  ClosedStore held(host.store,
                   {Kind::unavailable, "state.db: database is locked"});
  World world = world_on(host, held);
  for (int i = 0; i < 3; ++i) host.clock.advance(minutes(15));
  const auto told = host.pager->told.size();
  const auto outcome = check_and_notify(world);
  REQUIRE(outcome);
  // Judged nevertheless, told to nobody.
  REQUIRE(outcome->cycle.look.jobs.size() == 1);
  CHECK(core::status_of(outcome->cycle.look.jobs[0].verdict) ==
        core::Status::stale);
  REQUIRE_FALSE(outcome->cycle.look.findings.empty());
  CHECK(outcome->cycle.look.findings.back().id == kStateBusy);
  CHECK(host.pager->told.size() == told);
  CHECK(outcome->cycle.uncommitted == "state.db: database is locked");
  REQUIRE(host.pings.size() == before + 1);
  CHECK(host.pings.back() == "state.db: database is locked");
}

TEST_CASE("a deleted heartbeat file goes stale from what was last known") {
  FakeHost host;
  host.beat("a", minutes(20));
  notify(host);
  pass(host, minutes(15));
  host.jobs.files.clear();
  pass(host, hours(1));
  REQUIRE(open_of(host).size() == 1);
  CHECK(open_of(host)[0].verdict == "stale");
}

TEST_CASE("an interval beside a schedule of no sense is remembered alone") {
  FakeHost host;
  host.beat("a", minutes(20));
  record::ScheduleText text;
  text.cron = "99 99 * * *";
  host.jobs.files.at({0, "a"}).beat->schedule =
      std::make_shared<const record::ScheduleText>(text);
  notify(host);
  REQUIRE(host.store.read([](StoreReader& reader) -> Result<void> {
    BZ_ASSIGN(const KnownJobs known, reader.known_jobs());
    const auto job = known.find({0, "a"});
    REQUIRE(job);
    REQUIRE(job->schedule);
    CHECK(job->schedule->every == "1200");
    CHECK_FALSE(job->schedule->cron);
    return {};
  }));
}

TEST_CASE("a restored older heartbeat is not a fresh one") {
  FakeHost host;
  host.beat("a", minutes(20));
  const auto old = host.jobs.files;
  notify(host);
  pass(host, minutes(15));
  host.beat("a", minutes(20));
  pass(host, minutes(15));
  const Timestamp newest = host.clock.wall_now - minutes(15);
  host.jobs.files = old;
  host.jobs.files.begin()->second.mtime = host.clock.wall_now;
  auto looked = only_look(host.world);
  REQUIRE(looked);
  CHECK(looked->look.jobs[0].facts.last_success == newest);
}

TEST_CASE("retire closes its incident and a new run brings the job back") {
  FakeHost host;
  host.beat("a", minutes(20));
  notify(host);
  pass(host, hours(1));
  REQUIRE(retire(host.world, core::JobKey{0, "a"}, "moved", "ops"));
  notify(host);
  CHECK(open_of(host).empty());
  CHECK(host.forge->told.back().kind == NoticeKind::resolved);
  auto looked = only_look(host.world);
  REQUIRE(looked);
  CHECK(looked->look.jobs.empty());
  host.clock.advance(minutes(1));
  host.beat("a", minutes(20));
  looked = only_look(host.world);
  REQUIRE(looked);
  CHECK(looked->look.jobs.size() == 1);
}

TEST_CASE("a flood silences no job that was read or is declared") {
  FakeHost host;
  host.beat("read", hours(1));
  host.beat("unread", hours(1));
  DeclaredJob d;
  d.name = "declared";
  d.expectation = core::Expectation{schedule::Every{hours(1)},
                                    {},
                                    {},
                                    core::ExpectationSource::job_file,
                                    "jobs.d/a.toml:1"};
  d.file_mtime = host.clock.wall_now;
  host.settings.jobs.push_back(d);
  notify(host);
  host.jobs.files.erase(core::JobKey{0, "unread"});
  host.jobs.flooded = {0};
  pass(host, hours(3));
  std::set<std::string> opened;
  for (const Notice& n : host.pager->told) {
    if (n.kind == NoticeKind::opened) opened.insert(n.key.name);
  }
  CHECK(opened == std::set<std::string>{"declared", "read"});
}

TEST_CASE("keeping the unwell counts the rest and misses nothing") {
  FakeHost host;
  for (const char* name : {"a", "b", "c", "d"}) host.beat(name, hours(2));
  host.beat("late", minutes(20));
  notify(host);
  REQUIRE(silence(host.world, core::JobKey{0, "b"},
                  host.clock.wall_now + hours(5), "moving", "ops"));
  host.clock.advance(minutes(30));
  auto all = only_look(host.world);
  auto few = only_look(host.world, Keep::unwell);
  REQUIRE(all);
  REQUIRE(few);
  CHECK(all->look.jobs.size() == 5);
  CHECK(all->look.counted_ok == 0);
  CHECK(few->look.counted_ok == 3);
  REQUIRE(few->look.jobs.size() == 2);
  CHECK(few->look.jobs[0].job.key.job == "b");
  CHECK(few->look.jobs[1].job.key.job == "late");
  CHECK(find_job(few->look, core::JobKey{0, "late"}) == &few->look.jobs[1]);
  CHECK(find_job(few->look, core::JobKey{0, "a"}) == nullptr);
  CHECK(find_job(few->look, core::JobKey{1, "late"}) == nullptr);
  auto bad = only_look(host.world, Keep::bad);
  REQUIRE(bad);
  CHECK(bad->look.counted_ok == 3);
  CHECK(bad->look.counted_late == 1);
  REQUIRE(bad->look.jobs.size() == 1);
  CHECK(bad->look.jobs[0].job.key.job == "b");
}

TEST_CASE("a cycle that keeps the unwell opens, remembers and closes alike") {
  FakeHost host;
  const auto cycle = [&] {
    auto outcome = check_and_notify(host.world, Keep::unwell);
    REQUIRE(outcome);
    return *std::move(outcome);
  };
  host.beat("a", hours(1));
  host.beat("b", hours(9));
  CHECK(cycle().cycle.look.counted_ok == 2);
  host.clock.advance(minutes(15));
  cycle();
  host.jobs.files.erase({0, "a"});  // remembered all the same
  for (int i = 0; i < 10; ++i) {
    host.clock.advance(minutes(15));
    cycle();
  }
  REQUIRE(open_of(host).size() == 1);
  CHECK(open_of(host)[0].key.name == "a");
  host.beat("a", hours(1));
  // Well again, and kept: its incident is still open as it is judged.
  const auto last = cycle();
  CHECK(last.cycle.look.jobs.size() == 1);
  REQUIRE(last.cycle.transitions.size() == 1);
  CHECK(last.cycle.transitions[0].what == "resolved");
  CHECK(host.forge->told.back().kind == NoticeKind::resolved);
  CHECK(open_of(host).empty());
}

TEST_CASE("a name that several users' jobs have is told apart when one is ok") {
  FakeHost host;
  host.beat("backup", hours(9), 0);
  host.beat("backup", minutes(5), 1000);
  host.beat("other", minutes(5), 1000);
  host.clock.advance(minutes(30));
  auto looked = only_look(host.world, Keep::unwell);
  REQUIRE(looked);
  CHECK(looked->look.counted_ok == 1);
  CHECK(looked->look.shared_names == std::set<std::string>{"backup"});
}

TEST_CASE("jobs come by uid and name, whatever their names have in common") {
  FakeHost host;
  const std::vector<std::pair<std::uint32_t, std::string>> keys = {
      {0, "a"},
      {0, "job"},
      {0, "job-0000000001"},
      {0, "job-00000000010"},
      {0, "job-0000000002"},
      {0, "z"},
      {7, "a"},
      {7, "job"}};
  for (auto i = keys.rbegin(); i != keys.rend(); ++i) {
    host.beat(i->second, hours(1), i->first);
  }
  auto looked = only_look(host.world);
  REQUIRE(looked);
  REQUIRE(looked->look.jobs.size() == keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    CHECK(looked->look.jobs[i].job.key ==
          core::JobKey{keys[i].first, keys[i].second});
  }
}

DeclaredJob declared_daily(const char* name, const char* where) {
  DeclaredJob job;
  job.name = name;
  job.where = where;
  job.expectation =
      core::Expectation{schedule::Every{hours(24)},        {}, {},
                        core::ExpectationSource::job_file, {}, {}};
  return job;
}

TEST_CASE(
    "a job whose table is gone from jobs.d vanished until it is retired") {
  FakeHost host;
  host.settings.jobs = {declared_daily("mute", "/e/jobs.d/a.toml:1"),
                        declared_daily("beating", "/e/jobs.d/a.toml:4")};
  notify(host);
  host.beat("beating", hours(24));
  pass(host, hours(50));
  REQUIRE(open_of(host).size() >= 1);
  CHECK(open_of(host)[0].verdict == "never");

  // Of what cannot be read nothing is gone.
  host.beat("beating", hours(24));
  auto jobs = std::exchange(host.settings.jobs, {});
  host.settings.unread = {"/e/jobs.d"};
  pass(host, minutes(15));
  REQUIRE(open_of(host).size() == 1);
  CHECK(open_of(host)[0].verdict != "vanished");
  host.settings.unread = {};
  host.settings.refused_jobs = {{0, "mute"}};
  pass(host, minutes(15));
  REQUIRE(open_of(host).size() == 1);
  CHECK(open_of(host)[0].verdict != "vanished");

  // The other tells its interval by itself.
  host.settings.refused_jobs = {};
  pass(host, minutes(15));
  REQUIRE(open_of(host).size() == 1);
  CHECK(open_of(host)[0].key.name == "mute");
  CHECK(open_of(host)[0].verdict == "vanished");
  CHECK(open_of(host)[0].severity == core::Severity::p2);
  CHECK(open_of(host)[0].cause == "its table is gone from /e/jobs.d/a.toml");

  SUBCASE("it comes back in another file") {
    jobs[0].where = "/e/jobs.d/b.toml:1";
    host.settings.jobs = jobs;
    pass(host, minutes(15));
    REQUIRE(open_of(host).size() == 1);
    CHECK(open_of(host)[0].verdict == "never");
  }
  SUBCASE("it is retired, and what runs it again is no vanished job") {
    REQUIRE(retire(host.world, {{0, "mute"}, "mute"}, "ann", "moved"));
    pass(host, minutes(15));
    CHECK(open_of(host).empty());
    host.beat("mute", hours(24));
    pass(host, minutes(15));
    CHECK(open_of(host).empty());
  }
}

}  // namespace
}  // namespace bezalel::app
