#include "app/report_data.h"

#include <doctest/doctest.h>

#include "app/cycle.h"
#include "app/fake_world.h"
#include "app/host_view.h"
#include "app/notify_cycle.h"

namespace bezalel::app {
namespace {

using fake::FakeHost;
using std::chrono::hours;
using std::chrono::minutes;

void leave_run(FakeHost& host, const std::string& id, record::Outcome how) {
  const core::JobKey key{0, "db_backup"};
  record::RunStart start;
  start.job = key.job;
  start.run_id = id;
  start.at = host.clock.wall_now - minutes(1);
  record::RunEnd end;
  end.job = key.job;
  end.run_id = id;
  end.started = start.at;
  end.at = host.clock.wall_now;
  end.outcome = how;
  host.runs.news.records.emplace_back(key, start);
  host.runs.news.records.emplace_back(key, end);
}

ReportView report_of(FakeHost& host) {
  auto looked = only_look(host.world);
  REQUIRE(looked);
  HostView view;
  view.now = host.clock.wall_now;
  view.findings = looked->look.findings;
  auto report = make_report(host.world, looked->memory, view,
                            host.clock.wall_now - hours(24));
  REQUIRE(report);
  return *std::move(report);
}

TEST_CASE("runs that no cycle has seen yet count, and none counts twice") {
  FakeHost host;
  leave_run(host, "A", record::Outcome::ok);
  leave_run(host, "B", record::Outcome::fail);
  ReportView report = report_of(host);
  CHECK(report.runs == 2);
  CHECK(report.runs_ok == 1);
  CHECK(report.runs_failed == 1);
  CHECK_FALSE(report.more_runs);

  leave_run(host, "A", record::Outcome::ok);
  REQUIRE(check_and_notify(host.world));
  leave_run(host, "C", record::Outcome::ok);
  report = report_of(host);
  CHECK(report.runs == 2);
  CHECK(report.runs_ok == 2);
}

TEST_CASE("a clock that was set leaves no gap in which nobody checked") {
  FakeHost host;
  REQUIRE(check_and_notify(host.world));
  host.clock.advance(minutes(15));
  host.clock.wall_now += hours(3);
  REQUIRE(check_and_notify(host.world));
  ReportView report = report_of(host);
  CHECK(report.gaps.empty());
  CHECK(report.longest_gap == minutes(15));
  CHECK(report.cycles_expected == 2);

  host.clock.wall_now -= hours(4);
  host.clock.advance(hours(2));
  report = report_of(host);
  REQUIRE(report.gaps.size() == 1);
  CHECK(report.gaps[0].to == host.clock.wall_now);
  CHECK(report.gaps[0].to - report.gaps[0].from == hours(2));
}

TEST_CASE("the sum of the runs comes out: skipped, in flight, without an end") {
  FakeHost host;
  leave_run(host, "OK", record::Outcome::ok);
  leave_run(host, "SKIPPED", record::Outcome::skipped);
  for (const char* open : {"LOST", "FLIES", "ENDED"}) {
    leave_run(host, open, record::Outcome::ok);
    host.runs.news.records.pop_back();
  }
  auto& records = host.runs.news.records;
  auto& flying = std::get<record::RunStart>(records[records.size() - 2].second);
  flying.at += minutes(1);
  const Timestamp started = flying.at;
  REQUIRE(check_and_notify(host.world));
  leave_run(host, "ENDED", record::Outcome::fail);
  auto looked = only_look(host.world);
  REQUIRE(looked);
  HostView view;
  view.now = host.clock.wall_now;
  view.jobs.resize(1);
  view.jobs[0].key = {0, "db_backup"};
  view.jobs[0].verdict = core::Running{started, {}};
  auto report = make_report(host.world, looked->memory, view,
                            host.clock.wall_now - hours(24));
  REQUIRE(report);
  CHECK(report->runs == 5);
  CHECK(report->runs_ok == 1);
  CHECK(report->runs_failed == 1);
  CHECK(report->runs_skipped == 1);
  CHECK(report->runs_in_flight == 1);
  CHECK(report->runs_without_end == 1);
}

TEST_CASE("the slowest alarm may be of a job that never ran") {
  FakeHost host;
  HostView view;
  view.now = host.clock.wall_now;
  view.jobs.resize(2);
  view.jobs[0].key = {0, "ran"};
  view.jobs[0].last_success = view.now;
  view.jobs[0].deadline = view.now + hours(2);
  view.jobs[1].key = {0, "new"};
  view.jobs[1].interval = hours(24);
  view.jobs[1].due = view.now + hours(20);
  view.jobs[1].deadline = view.now + hours(21);
  const auto report = make_report(host.world, {}, view, view.now - hours(24));
  REQUIRE(report);
  CHECK(report->slowest_job == "new");
  CHECK(report->slowest == hours(25) + host.settings.check_every);
}

TEST_CASE("a declared job that cannot be judged counts, once") {
  FakeHost host;
  host.beat("seen", hours(1));
  host.settings.refused_jobs = {{0, "seen"}, {0, "never-ran"}};
  const auto looked = only_look(host.world);
  REQUIRE(looked);
  const HostView view = make_host_view(looked->look, {.settings = host.settings,
                                                      .memory = looked->memory,
                                                      .users = host.users});
  CHECK(view.counts.evaluated == 1);
  CHECK(view.counts.of == 2);
  CHECK_FALSE(view.complete);
}

TEST_CASE("what a job printed is in no report where it is to stay here") {
  FakeHost host;
  DeclaredJob declared;
  declared.name = "db_backup";
  declared.expectation = core::Expectation{};
  declared.expectation->schedule = schedule::Every{hours(1)};
  host.settings.jobs = {declared};
  const auto printed = [&](OutputPolicy policy) {
    host.settings.jobs[0].output = policy;
    leave_run(host, "A", record::Outcome::fail);
    auto& end = std::get<record::RunEnd>(host.runs.news.records.back().second);
    end.err = {5, "dump\n", ""};
    auto looked = only_look(host.world);
    REQUIRE(looked);
    const HostView view =
        make_host_view(looked->look, {.settings = host.settings,
                                      .memory = looked->memory,
                                      .users = host.users});
    auto report = make_report(host.world, looked->memory, view,
                              host.clock.wall_now - hours(24));
    REQUIRE(report);
    REQUIRE(view.jobs.size() == 1);
    REQUIRE(report->host.jobs[0].last_run);
    CHECK(view.jobs[0].last_run->output_hidden ==
          (policy == OutputPolicy::none));
    return std::pair(view.jobs[0].last_run->end->err.bytes,
                     report->host.jobs[0].last_run->end->err.bytes);
  };
  CHECK(printed(OutputPolicy::notice) == std::pair(5UL, 5UL));
  CHECK(printed(OutputPolicy::local) == std::pair(5UL, 0UL));
  CHECK(printed(OutputPolicy::none) == std::pair(0UL, 0UL));
}

TEST_CASE("where older runs are not kept, the sum says so") {
  FakeHost host;
  for (int i = 0; i < kRunsKept + 5; ++i) {
    leave_run(host, "R" + std::to_string(i), record::Outcome::ok);
  }
  REQUIRE(check_and_notify(host.world));
  const ReportView report = report_of(host);
  CHECK(report.runs >= kRunsKept);
  CHECK(report.more_runs);
}

TEST_CASE("an alarm of the host blocks; what has its own line does not") {
  FakeHost host;
  Finding dead;
  dead.id = kCronDead;
  dead.alarm = core::Severity::p1;
  Finding channel = dead;
  channel.id = kChannelDead;
  Finding packaged = dead;
  packaged.alarm = core::Severity::p3;
  Finding hint;
  hint.id = "hint";
  HostView view;
  view.now = host.clock.wall_now;
  view.findings = {dead, channel, packaged, hint};
  auto report = make_report(host.world, {}, view, view.now - hours(24));
  REQUIRE(report);
  REQUIRE(report->blocking_findings.size() == 1);
  CHECK(report->blocking_findings[0].id == kCronDead);
  CHECK(blocker_count(*report) == 1);
}

}  // namespace
}  // namespace bezalel::app
