#include "app/coverage.h"

#include <doctest/doctest.h>

#include "app/coverage_fixtures.h"

namespace bezalel::app {
namespace {

using namespace fixtures;
using std::chrono::hours;

TEST_CASE("the failure of a timer is remembered until its next success") {
  Host host;
  ScheduledJob timer = job("a.timer", Watch::systemd, "a.timer");
  timer.timer.emplace();
  timer.timer->result = "exit-code";
  timer.timer->exit_status = 5;
  timer.timer->started = timer.timer->finished = kNow;
  host.inventory.jobs = {timer};
  const auto failure = [&] { return host.look().jobs[0].known.failure; };
  CHECK(failure() == ServiceFailure{kNow, "exit 5"});
  TimerEvidence& told = *host.inventory.jobs[0].timer;
  told.result = "success";
  CHECK(failure() == ServiceFailure{kNow, "exit 5"});
  told.finished = kNow + hours(1);
  CHECK_FALSE(failure());
  // Of a clock that is set back afterwards.
  told.result = "exit-code";
  told.finished = host.now + hours(9999);
  CHECK(failure()->at == host.now);
  told.result = "success";
  told.finished = host.now + hours(1);
  host.look();
  CHECK_FALSE(failure());
}

TEST_CASE("what counts as watched") {
  struct Row {
    Watch watch;
    const char* package;
    bool proven;
    bool watched;
    Proof proof;
  };
  const Row rows[] = {
      {Watch::none, "", false, false, Proof::none},
      {Watch::none, "dpkg", false, false, Proof::none},
      {Watch::none, "", true, true, Proof::heartbeat},
      {Watch::log, "", false, false, Proof::starts},
      {Watch::log, "dpkg", false, true, Proof::starts},
      {Watch::log, "", true, true, Proof::heartbeat},
      {Watch::shell, "", false, true, Proof::wrapped},
      {Watch::command, "", false, true, Proof::wrapped},
      {Watch::per_script, "dpkg", false, true, Proof::wrapped},
      {Watch::within, "", false, true, Proof::wrapped},
      {Watch::systemd, "", false, true, Proof::systemd},
      {Watch::trigger, "", false, false, Proof::starts},
      {Watch::trigger, "dpkg", false, true, Proof::starts},
  };
  for (const Row& row : rows) {
    CAPTURE(to_string(row.watch));
    CAPTURE(row.package);
    Host host;
    host.inventory.jobs = {job("a", row.watch)};
    host.inventory.jobs[0].package = row.package;
    if (row.proven) host.proven = {{0, "a"}};
    const Coverage c = host.look();
    REQUIRE(c.of() == 1);
    CHECK(c.watched() == (row.watched ? 1 : 0));
    CHECK(c.jobs[0].proof == row.proof);
  }
}

TEST_CASE("what is unwatched at first sight is a baseline, what comes is not") {
  Host host;
  host.inventory.jobs = {job("old", Watch::none)};
  CHECK(host.look().unwatched_baseline() == 1);
  host.inventory.jobs.push_back(job("new", Watch::none));
  const Coverage c = host.look();
  CHECK(c.unwatched_baseline() == 1);
  CHECK(c.jobs[0].known.unwatched_since == kNow + hours(1));
  CHECK_FALSE(c.jobs[1].known.baseline);
  CHECK(c.jobs[1].known.unwatched_since == kNow + hours(2));
}

TEST_CASE("what a source brings to light that could not be seen is baseline") {
  Host host;
  host.inventory.jobs = {job("a")};
  host.inventory.sources_unseen = {"crontab of"};
  host.look();
  host.unseen = std::exchange(host.inventory.sources_unseen, {});
  host.inventory.jobs.push_back(job("b", Watch::none, "crontab of ann"));
  host.inventory.jobs.push_back(job("c", Watch::none, "/etc/cron.d/y"));
  CHECK(host.look().unwatched_baseline() == 1);
}

TEST_CASE("a job that loses its wrapper says so, also one of the baseline") {
  Host host;
  host.inventory.jobs = {job("a", Watch::none)};
  host.look();
  host.inventory.jobs[0].watch = Watch::shell;
  CHECK_FALSE(host.look().jobs[0].known.unwatched_since);
  host.inventory.jobs[0].watch = Watch::none;
  const Coverage c = host.look();
  CHECK(c.jobs[0].lost_wrapper);
  CHECK_FALSE(c.jobs[0].known.baseline);
  CHECK(c.jobs[0].known.unwatched_since == host.now);
}

TEST_CASE("what vanished is gone until it comes back or is retired") {
  Host host;
  host.inventory.jobs = {job("a"), job("b")};
  host.look();
  host.inventory.jobs.pop_back();
  const Timestamp went = host.now + hours(1);
  REQUIRE(host.look().gone.size() == 1);
  const Coverage later = host.look();
  REQUIRE(later.gone.size() == 1);
  CHECK(later.gone[0].key.job == "b");
  CHECK(later.gone[0].gone_since == went);
  SUBCASE("back again") {
    host.inventory.jobs.push_back(job("b"));
    CHECK(host.look().gone.empty());
    CHECK(host.look().of() == 2);
  }
  SUBCASE("retired") {
    host.retired = host.now;
    CHECK(host.look().gone.empty());
    host.retired.reset();
    CHECK(host.look().gone.empty());
  }
}

TEST_CASE("a line whose scripts are jobs is neither counted nor missed") {
  Host host;
  host.inventory.jobs = {job("a")};
  host.inventory.lines = {job("run-parts-0d0b", Watch::shell)};
  Coverage c = host.look();
  CHECK(c.of() == 1);
  REQUIRE(c.lines.size() == 1);
  CHECK_FALSE(c.lines[0].left_to_scripts);
  host.inventory.lines[0].watch = Watch::none;
  CHECK(host.look().lines.empty());
  host.proven = {{0, "run-parts-0d0b"}};
  c = host.look();
  REQUIRE(c.lines.size() == 1);
  CHECK(c.lines[0].left_to_scripts);
  host.inventory.lines.clear();
  CHECK(host.look().gone.empty());
}

TEST_CASE("what a wrapper left is no proof once it is gone") {
  Host host;
  host.inventory.jobs = {job("a", Watch::shell)};
  host.proven = {{0, "a"}};
  host.proven_at = host.now;
  CHECK(host.look().jobs[0].proof == Proof::wrapped);
  host.inventory.jobs[0].watch = Watch::none;
  for (int i = 0; i < 2; ++i) {
    const Coverage c = host.look();
    CHECK(c.jobs[0].proof == Proof::none);
    CHECK(c.jobs[0].proof_is_old);
    CHECK(c.jobs[0].lost_wrapper);
    CHECK_FALSE(c.jobs[0].watched);
  }
  // What it leaves afterwards comes from itself.
  host.proven_at = host.now;
  CHECK(host.look().jobs[0].proof == Proof::heartbeat);
  CHECK_FALSE(host.look().jobs[0].proof_is_old);
  host.inventory.jobs[0].watch = Watch::shell;
  CHECK(host.look().jobs[0].proof == Proof::wrapped);
  host.inventory.jobs[0].watch = Watch::log;
  CHECK(host.look().jobs[0].proof == Proof::starts);
}

TEST_CASE("adopted and released between two looks, it is not watched") {
  Host host;
  host.inventory.jobs = {job("a", Watch::none)};
  host.in_shell = true;
  const Coverage c = host.look();
  CHECK_FALSE(c.jobs[0].watched);
  CHECK(c.jobs[0].proof_is_old);
}

TEST_CASE("a job that is adopted is new to its wrapper, for one look") {
  Host host;
  host.inventory.jobs = {job("a", Watch::none)};
  CHECK_FALSE(host.look().jobs[0].newly_wrapped);
  host.inventory.jobs[0].watch = Watch::shell;
  CHECK(host.look().jobs[0].newly_wrapped);
  CHECK_FALSE(host.look().jobs[0].newly_wrapped);
  // One that was so at its first sight is as old as that.
  host.inventory.jobs.push_back(job("b", Watch::shell));
  CHECK_FALSE(host.look().jobs[1].newly_wrapped);
}

TEST_CASE("moved out of a wrapped table, the old proof does not come along") {
  Host host;
  host.inventory.jobs = {job("a", Watch::shell)};
  host.proven = {{0, "a"}};
  host.proven_at = host.now;
  host.look();
  host.inventory.jobs[0].watch = Watch::none;
  host.inventory.jobs[0].source = "/etc/cron.d/other";
  const Coverage c = host.look();
  REQUIRE(c.jobs.size() == 1);
  CHECK(c.jobs[0].proof == Proof::none);
  CHECK_FALSE(c.jobs[0].watched);
  CHECK(c.gone.empty());
}

TEST_CASE("a heartbeat of a job that never was wrapped stays its proof") {
  Host host;
  host.inventory.jobs = {job("a", Watch::none)};
  host.proven = {{0, "a"}};
  host.proven_at = host.now - hours(1000);
  CHECK(host.look().jobs[0].proof == Proof::heartbeat);
  CHECK(host.look().jobs[0].watched);
}

TEST_CASE("a finding hides what it names, and nothing else") {
  std::vector<Finding> findings(2);
  findings[1].hides = {{"/etc/cron.d/x"}, {{0, "b"}}, "why"};
  KnownSchedule gone;
  gone.key.job = "a";
  gone.source = "/etc/cron.d/x";
  CHECK(what_hides(findings, gone) == &findings[1]);
  gone.source = "/etc/cron.d/xy";
  CHECK(what_hides(findings, gone) == nullptr);
  gone.key.job = "b";  // its file has another name now
  CHECK(what_hides(findings, gone) == &findings[1]);
  gone.key.uid = 1000;
  CHECK(what_hides(findings, gone) == nullptr);
  // Of a user who is not known any more: only in the same file.
  findings[1].hides->jobs[0].uid = kNoUser;
  CHECK(what_hides(findings, gone) == nullptr);
  findings[1].source = gone.source;
  CHECK(what_hides(findings, gone) == &findings[1]);
}

TEST_CASE("what was a job once is no finding for never having been one") {
  Host host;
  host.inventory.findings.resize(1);
  host.inventory.findings[0].unless_known = core::JobKey{0, "a.timer"};
  CHECK(host.look().findings.size() == 1);
  host.inventory.jobs = {job("a.timer", Watch::systemd, "a.timer")};
  host.look();
  host.inventory.jobs.clear();
  CHECK(host.look().findings.empty());
  host.retired = host.now;
  host.look();
  CHECK(host.remembered.empty());
  CHECK(host.look().findings.empty());
}

TEST_CASE("a commented line is gone, and known to be there still") {
  Host host;
  host.inventory.jobs = {job("a")};
  host.look();
  host.inventory.jobs.clear();
  host.inventory.commented_out = {{{0, "a"}, "/etc/cron.d/x", 9}};
  const Coverage c = host.look();
  REQUIRE(c.gone.size() == 1);
  CHECK(c.gone[0].commented_out);
  CHECK(c.gone[0].line == 9);
}

TEST_CASE("nothing is concluded from a source that could not be seen") {
  Host host;
  host.inventory.jobs = {job("a", Watch::shell, "/etc/cron.d/x"),
                         job("b", Watch::shell, "crontab of ann")};
  host.look();
  host.inventory.jobs.clear();
  host.inventory.sources_unseen = {"/etc/cron.d", "crontab of"};
  CHECK(host.look().gone.empty());
  host.inventory.sources_unseen = {"/etc/cron"};
  CHECK(host.look().gone.size() == 2);
}

TEST_CASE("a place takes in what lies below it, and nothing beside it") {
  struct Row {
    const char* source;
    const char* place;
    bool in;
  };
  const Row rows[] = {
      {"/etc/cron.d/x", "/etc/cron.d", true},
      {"/etc/cron.d/x", "/etc/cron.d/", true},
      {"/etc/cron.daily/x", "/etc/cron.d", false},
      {"crontab of ann", "crontab of", true},
      {"crontab of ann", "crontab of an", false},
      {"a.timer", "systemd timers", true},
      {"a.timer", "systemd timers of ann", false},
      {"a.timer of ann", "systemd timers of ann", true},
      {"a.timer of ann", "systemd timers", false},
      {"/etc/crontab", "systemd timers", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.source);
    CAPTURE(row.place);
    CHECK(lies_in(row.source, row.place) == row.in);
  }
}

TEST_CASE("a changed schedule is remembered with the one before") {
  Host host;
  host.inventory.jobs = {job("a")};
  host.look();
  host.inventory.jobs[0].schedule = "0 1 1 * *";
  const Coverage c = host.look();
  CHECK(c.jobs[0].known.former_schedule == "0 1 * * *");
  CHECK(c.jobs[0].known.schedule_changed == host.now);
}

TEST_CASE("looking again without a change writes nothing but once a day") {
  Host host;
  host.inventory.jobs = {job("a"), job("b", Watch::none)};
  CHECK(host.look().to_put.size() == 2);
  CHECK(host.look().to_put.empty());
  CHECK(host.look(hours(25)).to_put.size() == 2);
}

TEST_CASE("one name for two commands is a finding, and no double run") {
  Host host;
  host.inventory.jobs = {job("db"), job("db", Watch::shell, "/etc/cron.d/y")};
  ScheduledJob& second = host.inventory.jobs[1];
  host.inventory.jobs[0].command = "/bin/a --x # bezalel: job=db";
  second.command = "/bin/a # bezalel: job=db";
  Coverage c = host.look();
  REQUIRE(c.findings.size() == 1);
  CHECK(c.findings[0].id == "name-shared");
  CHECK(c.findings[0].source == "/etc/cron.d/y");
  CHECK(c.findings[0].line == 3);
  CHECK(c.findings[0].message ==
        "db is the name of another command, too (/etc/cron.d/x:3): where one "
        "goes well, nobody learns that the other is silent");
  CHECK(c.findings[0].fix == "bezalel lint /etc/cron.d/y");
  CHECK(c.findings[0].alarm == core::Severity::p3);
  CHECK(c.twice.empty());
  second.may_share_name = true;
  CHECK(host.look().findings.empty());
  // The same command, wrapped or not.
  second.may_share_name = false;
  second.command =
      "/usr/bin/bezalel run db -- /bin/sh -c '/bin/a --x # bezalel: job=db'";
  c = host.look();
  CHECK(c.findings.empty());
  CHECK(c.twice.size() == 1);
  // In one table, and once for all of its lines.
  second.command = "/bin/b # bezalel: job=db";
  second.source = "/etc/cron.d/x";
  host.inventory.jobs.push_back(second);
  host.inventory.jobs.back().command = "/bin/c # bezalel: job=db";
  c = host.look();
  CHECK(c.findings.size() == 1);
  CHECK(c.twice.empty());
}

TEST_CASE("the same thing started twice") {
  Host host;
  host.inventory.jobs = {job("a", Watch::shell, "/etc/cron.d/x"),
                         job("a", Watch::shell, "crontab of root")};
  CHECK(host.look().twice.size() == 1);
  ScheduledJob timer = job("certbot", Watch::systemd, "certbot.timer");
  timer.kind = SchedulerKind::timer;
  host.inventory.jobs = {job("renew-1", Watch::shell, "/etc/cron.d/certbot"),
                         timer};
  CHECK(host.look().twice.size() == 1);
  host.inventory.jobs[0].command = "test -d /run/systemd/system || renew";
  CHECK(host.look().twice.empty());
  // Equal lines of one file: another time is a schedule more.
  host.inventory.jobs = {job("a"), job("a")};
  CHECK(host.look().twice.size() == 1);
  host.inventory.jobs[1].schedule = "0 13 * * *";
  const Coverage c = host.look();
  CHECK(c.twice.empty());
  CHECK(c.of() == 1);
}

}  // namespace
}  // namespace bezalel::app
