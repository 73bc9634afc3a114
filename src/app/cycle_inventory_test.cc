// Cycles of a host whose schedule is known.
#include <doctest/doctest.h>

#include "app/cycle.h"
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

TEST_CASE("what is not wrapped and leaves proof is watched by its heartbeat") {
  FakeHost host;
  for (const char* name : {"beating", "declared", "mute"}) {
    host.inventory.line(name, Watch::none);
  }
  host.inventory.line("wrapped", Watch::shell);
  host.beat("beating", hours(2));
  host.beat("wrapped", hours(2));
  DeclaredJob declared;
  declared.name = "declared";
  host.settings.jobs.push_back(declared);
  auto seen = look_at_schedule(host.world, host.inventory);
  REQUIRE(seen);
  REQUIRE(seen->jobs.size() == 4);
  CHECK(seen->jobs[0].watch == Watch::heartbeat);
  CHECK(seen->jobs[1].watch == Watch::heartbeat);
  CHECK(seen->jobs[2].watch == Watch::none);
  CHECK(seen->jobs[3].watch == Watch::shell);
  CHECK(open_of(host).empty());
}

TEST_CASE("what was never watched is told with its members and what helps") {
  FakeHost host;
  host.world.inventory = &host.inventory;
  host.inventory.line("own", Watch::none);
  host.inventory.line("of_package", Watch::none).package = "sysstat";
  notify(host);
  REQUIRE(host.forge->told.size() == 1);
  const Notice& told = host.forge->told[0];
  CHECK(told.verdict == kUnwatchedBaseline);
  CHECK(told.members ==
        std::vector<std::string>{"own /etc/cron.d/jobs:1",
                                 "of_package /etc/cron.d/jobs:2"});
  const auto fix = [&] {
    const auto look = only_look(host.world);
    REQUIRE(look);
    for (const Finding& f : look->look.findings) {
      if (f.id == kUnwatchedBaseline) return f.fix;
    }
    return std::string();
  };
  CHECK(fix() == "bezalel adopt --all --dry-run");
  host.inventory.found.jobs[0].watch = Watch::shell;
  CHECK(fix() == "bezalel adopt --all --packaged --dry-run");
  host.inventory.found.jobs[1].watch = Watch::trigger;
  host.inventory.found.jobs[1].package.clear();
  CHECK(fix() == "bezalel audit");
}

TEST_CASE("a wrapped line that never runs alarms from its schedule alone") {
  FakeHost host;
  host.world.inventory = &host.inventory;
  host.inventory.line("backup", Watch::shell);
  notify(host);
  CHECK(open_of(host).empty());
  pass(host, hours(3));
  REQUIRE(open_of(host).size() == 1);
  CHECK(open_of(host)[0].verdict == "never");
  CHECK(open_of(host)[0].severity == core::Severity::p1);
  // Of one thing there is one alarm, however long it goes on.
  pass(host, hours(50));
  REQUIRE(open_of(host).size() == 1);
  CHECK(open_of(host)[0].verdict == "never");
}

TEST_CASE("a wrapped line whose schedule never matches is told once") {
  FakeHost host;
  host.world.inventory = &host.inventory;
  host.inventory.line("backup", Watch::shell);
  host.inventory.found.jobs[0].expectation.reset();
  Finding f;
  SUBCASE("of cron") {
    f.id = "never-runs";
  }
  SUBCASE("of anacron, which runs it whenever it is started") {
    f.id = "line-misread";
  }
  f.source = host.inventory.found.jobs[0].source;
  f.line = host.inventory.found.jobs[0].line;
  f.alarm = core::Severity::p2;
  host.inventory.found.findings.push_back(f);
  notify(host);
  pass(host, hours(50));
  REQUIRE(open_of(host).size() == 1);
  CHECK(open_of(host)[0].verdict == f.id);
  // Of a line of which nothing else is told it is told of the job.
  host.inventory.found.findings.clear();
  pass(host, minutes(15));
  REQUIRE(open_of(host).size() == 1);
  CHECK(open_of(host)[0].verdict == "undeclared");
  CHECK(open_of(host)[0].cause.starts_with("no schedule that can be read"));
}

TEST_CASE("what was unwatched at first sight is one P3, what comes a P2") {
  FakeHost host;
  host.world.inventory = &host.inventory;
  for (const char* name : {"a", "b", "c"}) {
    host.inventory.line(name, Watch::none);
  }
  notify(host);
  pass(host, hours(50));
  REQUIRE(open_of(host).size() == 1);
  CHECK(open_of(host)[0].key.name == kUnwatchedBaseline);
  CHECK(open_of(host)[0].severity == core::Severity::p3);
  host.inventory.line("new", Watch::none);
  pass(host, minutes(15));
  REQUIRE(open_of(host).size() == 2);
  CHECK(open_of(host)[1].verdict == "unwatched");
  CHECK(open_of(host)[1].key.name == "new");
  // Wrapped: both are over.
  for (auto& j : host.inventory.found.jobs) j.watch = Watch::shell;
  pass(host, minutes(15));
  CHECK(open_of(host).empty());
}

TEST_CASE("what is left of the baseline is told to those who have its issue") {
  FakeHost host;
  host.world.inventory = &host.inventory;
  for (const char* name : {"a", "b", "c"}) {
    host.inventory.line(name, Watch::none);
  }
  notify(host);
  REQUIRE(host.forge->told.size() == 1);
  pass(host, minutes(15));
  CHECK(host.forge->told.size() == 1);
  host.inventory.found.jobs[0].watch = Watch::shell;
  pass(host, minutes(15));
  REQUIRE(host.forge->told.size() == 2);
  const Notice& told = host.forge->told[1];
  CHECK(told.kind == NoticeKind::changed);
  CHECK(told.cause == "2 jobs were never watched");
  CHECK(told.members == std::vector<std::string>{"b /etc/cron.d/jobs:2",
                                                 "c /etc/cron.d/jobs:3"});
  CHECK(open_of(host).size() == 1);
  CHECK(host.pager->told.empty());
}

TEST_CASE("a job that is adopted owes its first record from then on") {
  FakeHost host;
  host.world.inventory = &host.inventory;
  host.inventory.line("old", Watch::log);
  notify(host);
  pass(host, hours(50));
  host.inventory.found.jobs[0].watch = Watch::shell;
  pass(host, minutes(1));
  CHECK(open_of(host).empty());
  // Which does not come.
  pass(host, hours(3));
  REQUIRE(open_of(host).size() == 1);
  CHECK(open_of(host)[0].verdict == "never");
}

TEST_CASE("a file that is ignored is one incident, whatever it holds") {
  FakeHost host;
  host.world.inventory = &host.inventory;
  host.inventory.line("backup", Watch::shell);
  host.inventory.line("prune", Watch::shell);
  notify(host);
  host.beat("backup", hours(1));
  host.beat("prune", hours(1));
  pass(host, minutes(15));
  const auto jobs = std::exchange(host.inventory.found.jobs, {});
  Finding f;
  f.id = "file-ignored";
  f.source = jobs[0].source;
  f.alarm = core::Severity::p2;
  f.hides = {{f.source}, {}, "the daemon ignores it"};
  host.inventory.found.findings = {f};
  pass(host, minutes(15));
  REQUIRE(open_of(host).size() == 1);
  CHECK(open_of(host)[0].verdict == "file-ignored");
  CHECK(open_of(host)[0].severity == core::Severity::p2);
  // Silent for too long, they make it as bad as they are.
  pass(host, hours(3));
  REQUIRE(open_of(host).size() == 1);
  CHECK(open_of(host)[0].severity == core::Severity::p1);
  host.inventory.found.findings.clear();
  host.inventory.found.jobs = jobs;
  host.beat("backup", hours(1));
  host.beat("prune", hours(1));
  pass(host, minutes(15));
  CHECK(open_of(host).empty());
}

TEST_CASE("a line commented out is an incident until it is retired") {
  FakeHost host;
  host.world.inventory = &host.inventory;
  host.inventory.line("backup", Watch::shell);
  notify(host);
  host.beat("backup", hours(1));
  pass(host, minutes(15));
  host.inventory.found.jobs.clear();
  host.inventory.found.commented_out = {{{0, "backup"}, "/etc/cron.d/jobs", 7}};
  pass(host, minutes(15));
  REQUIRE(open_of(host).size() == 1);
  CHECK(open_of(host)[0].verdict == "vanished");
  CHECK(open_of(host)[0].cause ==
        "its line was commented out, /etc/cron.d/jobs:7");
  SUBCASE("silent on, it is the same incident") {
    pass(host, hours(3));
    REQUIRE(open_of(host).size() == 1);
    CHECK(open_of(host)[0].verdict == "stale");
    CHECK(open_of(host)[0].cause.ends_with(
        "; its line was commented out, /etc/cron.d/jobs:7"));
  }
  SUBCASE("retired") {
    REQUIRE(retire(host.world, core::JobKey{0, "backup"}, "moved", "ops"));
    pass(host, hours(3));
    CHECK(open_of(host).empty());
    // Back, and never run again: watched anew.
    host.inventory.found.commented_out.clear();
    host.inventory.line("backup", Watch::shell);
    pass(host, hours(6));
    REQUIRE(open_of(host).size() == 1);
  }
  SUBCASE("back") {
    host.inventory.line("backup", Watch::shell);
    host.beat("backup", hours(1));
    pass(host, minutes(15));
    CHECK(open_of(host).empty());
  }
}

TEST_CASE("an edited command is another job, and the one before is over") {
  FakeHost host;
  host.world.inventory = &host.inventory;
  host.inventory.line("backup-0001", Watch::shell);
  notify(host);
  host.beat("backup-0001", hours(1));
  pass(host, minutes(15));
  host.inventory.found.jobs.clear();
  host.inventory.line("backup-0002", Watch::shell);
  // At once: nothing is said of the former name, here or in the cycle.
  const auto looked = only_look(host.world);
  REQUIRE(looked);
  for (const JudgedJob& j : looked->look.jobs) {
    CHECK(j.job.key.job == "backup-0002");
  }
  pass(host, minutes(15));
  host.beat("backup-0002", hours(1));
  pass(host, minutes(90));
  CHECK(open_of(host).empty());
}

TEST_CASE("a dead cron daemon is one incident that explains its jobs") {
  FakeHost host;
  host.world.inventory = &host.inventory;
  for (const char* name : {"a", "b", "c"}) {
    host.inventory.line(name, Watch::shell);
    host.beat(name, hours(1));
  }
  notify(host);
  Finding dead;
  dead.id = kCronDead;
  dead.source = "host";
  dead.message = "no cron daemon runs";
  dead.alarm = core::Severity::p1;
  host.inventory.found.findings = {dead};
  pass(host, hours(5));
  REQUIRE(open_of(host).size() == 1);
  CHECK(open_of(host)[0].key.name == kCronDead);
}

TEST_CASE("a cause lists the jobs that it explains") {
  FakeHost host;
  host.world.inventory = &host.inventory;
  for (const char* name : {"a", "b"}) {
    host.inventory.line(name, Watch::shell);
    host.beat(name, hours(1));
  }
  notify(host);
  pass(host, hours(5));
  Finding dead;
  dead.id = kCronDead;
  dead.source = "host";
  dead.message = "no cron daemon runs";
  dead.alarm = core::Severity::p1;
  host.inventory.found.findings = {dead};
  pass(host, minutes(15));
  const auto told =
      std::find_if(host.forge->told.begin(), host.forge->told.end(),
                   [](const Notice& n) { return n.key.name == kCronDead; });
  REQUIRE(told != host.forge->told.end());
  CHECK(told->members == std::vector<std::string>{"a stale", "b stale"});
}

TEST_CASE("what goes with its package is for reports") {
  FakeHost host;
  host.world.inventory = &host.inventory;
  for (const char* name : {"own", "certbot", "declared"}) {
    ScheduledJob& job = host.inventory.line(name, Watch::shell);
    if (std::string(name) != "own") job.package = "certbot";
    host.beat(name, hours(1));
  }
  DeclaredJob declared;
  declared.name = "declared";
  host.settings.jobs.push_back(declared);
  notify(host);
  host.inventory.found.jobs.clear();
  pass(host, minutes(15));
  REQUIRE(open_of(host).size() == 3);
  for (const core::OpenIncident& i : open_of(host)) {
    CHECK(i.verdict == "vanished");
    CHECK(i.severity ==
          (i.key.name == "certbot" ? core::Severity::p3 : core::Severity::p2));
  }
}

TEST_CASE("systemd's own result is judged without a wrapper") {
  FakeHost host;
  host.world.inventory = &host.inventory;
  ScheduledJob& timer = host.inventory.line("logrotate", Watch::systemd);
  timer.kind = SchedulerKind::timer;
  TimerEvidence evidence;
  evidence.started = host.clock.wall_now;
  evidence.finished = host.clock.wall_now;
  evidence.result = "success";
  timer.timer = evidence;
  notify(host);
  pass(host, minutes(30));
  CHECK(open_of(host).empty());
  host.inventory.found.jobs[0].timer->started = host.clock.wall_now;
  host.inventory.found.jobs[0].timer->finished = host.clock.wall_now;
  host.inventory.found.jobs[0].timer->result = "exit-code";
  host.inventory.found.jobs[0].timer->exit_status = 7;
  pass(host, minutes(15));
  REQUIRE(open_of(host).size() == 1);
  CHECK(open_of(host)[0].verdict == "failed");
  CHECK(open_of(host)[0].cause == "exit 7");
  host.inventory.found.jobs[0].timer->result = "success";
  host.inventory.found.jobs[0].timer->finished = host.clock.wall_now;
  host.inventory.found.jobs[0].timer->started = host.clock.wall_now;
  pass(host, minutes(15));
  CHECK(open_of(host).empty());
}

TEST_CASE("a failed timer is well after a success, not when it is reset") {
  FakeHost host;
  host.world.inventory = &host.inventory;
  ScheduledJob& timer = host.inventory.line("logrotate", Watch::systemd);
  timer.kind = SchedulerKind::timer;
  TimerEvidence evidence;
  evidence.last_trigger = host.clock.wall_now;
  evidence.state_since = host.clock.wall_now;
  evidence.active_state = "failed";
  evidence.result = "resources";
  timer.timer = evidence;
  notify(host);
  REQUIRE(open_of(host).size() == 1);
  // `systemctl reset-failed`: no command was started, so nothing tells of it.
  TimerEvidence& told = *host.inventory.found.jobs[0].timer;
  told.state_since.reset();
  told.active_state = "inactive";
  told.result = "success";
  pass(host, minutes(15));
  pass(host, minutes(15));
  REQUIRE(open_of(host).size() == 1);
  CHECK(open_of(host)[0].verdict == "failed");
  told.started = told.finished = host.clock.wall_now;
  pass(host, minutes(15));
  CHECK(open_of(host).empty());
}

}  // namespace
}  // namespace bezalel::app
