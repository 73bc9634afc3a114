#include "app/sight.h"

#include <doctest/doctest.h>

#include "app/cron_findings.h"

namespace bezalel::app {
namespace {

const Timestamp kNow{std::chrono::seconds(1795608000)};
const Timestamp kSince = kNow - std::chrono::hours(2);

struct Seen {
  CoveredJob covered;
  Look look;
  Memory memory;

  Seen() {
    look.now.wall = kNow;
    covered.job.kind = SchedulerKind::cron;
  }
  JudgedJob& add(const char* name, core::Verdict verdict) {
    JudgedJob judged;
    judged.job.key = {0, name};
    judged.verdict = std::move(verdict);
    look.jobs.push_back(std::move(judged));
    return look.jobs.back();
  }
  Finding& find(const char* id, const char* source) {
    Finding f;
    f.id = id;
    f.source = source;
    f.message = "why";
    f.alarm = core::Severity::p2;
    look.findings.push_back(std::move(f));
    return look.findings.back();
  }
  void open(core::IncidentKey key) {
    core::OpenIncident incident;
    incident.key = std::move(key);
    memory.open.push_back(std::move(incident));
  }
  core::Sight sight(const Coverage* coverage = nullptr) const {
    return sight_of(look, memory, coverage);
  }
};

core::IncidentKey finding_key(const char* id, const char* source) {
  return core::IncidentKey::of_finding(id, source);
}

TEST_CASE("a bad job and a finding are observed, a well job is well") {
  Seen seen;
  seen.add("bad", core::Stale{kSince});
  seen.add("good", core::Ok{});
  seen.add("late", core::Late{kSince, kNow});
  seen.find("line-ignored", "/etc/cron.d/x");
  const core::Sight sight = seen.sight();
  REQUIRE(sight.bad.size() == 2);
  CHECK(sight.bad[0].key == core::IncidentKey::of(core::JobKey{0, "bad"}));
  CHECK(sight.bad[0].verdict == "stale");
  CHECK(sight.bad[0].since == kSince);
  CHECK(sight.bad[1].verdict == "line-ignored");
  CHECK(sight.bad[1].cause == "why");
  CHECK(sight.well.size() == 2);
}

TEST_CASE("nothing is said of a job that was not seen, or is paused") {
  Seen seen;
  seen.add("unseen", core::Stale{kSince}).seen = false;
  seen.add("paused", core::Paused{}).job.paused = core::Pause{kSince, "", ""};
  CHECK(seen.sight().bad.empty());
  CHECK(seen.sight().well.empty());
  seen.add("bad", core::Stale{kSince});
  seen.look.clock_untrusted = true;
  CHECK(seen.sight().bad.empty());
}

TEST_CASE("a job that runs is well after a success that ends its incident") {
  Seen seen;
  JudgedJob& job = seen.add("x1", core::Running{kSince, {}});
  job.facts.last_success = kNow;
  CHECK(seen.sight().well.empty());
  seen.open(core::IncidentKey::of({0, "x1"}));
  seen.memory.open.back().since = kSince;
  job.job.expectation =
      core::Expectation{schedule::Every{std::chrono::hours(24)},
                        {},
                        {},
                        core::ExpectationSource::run,
                        {},
                        {}};
  CHECK(seen.sight().well.size() == 1);
  job.facts.last_success = kSince;
  CHECK(seen.sight().well.empty());
}

TEST_CASE("a silent job that runs and fails says how its last run ended") {
  Seen seen;
  JudgedJob& job =
      seen.add("a", core::Stale{kSince, core::Missing::success, {}});
  CHECK(cause_of(job) == "no run has succeeded");
  job.facts.row.failures = 2;
  job.facts.row.last_detail = "exit 3";
  CHECK(cause_of(job) == "no run has succeeded; last run failed: exit 3");
  job.verdict = core::Never{kSince, core::Missing::success};
  CHECK(cause_of(job) == "it has never succeeded; last run failed: exit 3");
  job.verdict = core::Late{kSince, kNow};
  CHECK(cause_of(job) == "due, and not seen yet");
}

TEST_CASE("two findings of one name and source are one observation") {
  Seen seen;
  seen.find("line-ignored", "/etc/cron.d/x").line = 1;
  seen.find("line-ignored", "/etc/cron.d/x").line = 2;
  seen.find("line-ignored", "/etc/cron.d/y");
  const auto causes = seen.sight().bad;
  CHECK(causes[0].cause.ends_with(" (and 1 more)"));
  CHECK(causes[0].cause_tells_apart);
  CHECK_FALSE(causes[1].cause.ends_with("more)"));
  CHECK(seen.sight().bad.size() == 2);
}

TEST_CASE("a dead daemon explains its silent jobs, and is as bad as they") {
  Seen seen;
  seen.add("cron", core::Stale{kSince}).scheduled = &seen.covered;
  CoveredJob timer;
  timer.job.kind = SchedulerKind::timer;
  seen.add("timer", core::Stale{kSince}).scheduled = &timer;
  seen.add("failed", core::Failed{kSince, 1, "exit 1"}).scheduled =
      &seen.covered;
  seen.find(kCronDead, "host");
  const core::Sight sight = seen.sight();
  REQUIRE(sight.bad.size() == 4);
  CHECK(sight.bad[0].explained_by == finding_key(kCronDead, "host"));
  CHECK_FALSE(sight.bad[1].explained_by);
  CHECK_FALSE(sight.bad[2].explained_by);
  CHECK(sight.bad[3].severity == sight.bad[0].severity);
  CHECK(sight.bad[3].severity == core::Severity::p1);
}

TEST_CASE("what is wrong with a timer explains that its job is silent") {
  for (const char* id :
       {"timer-swallowed", "timer-broken", "timer-no-next", "timer-late"}) {
    Seen seen;
    CoveredJob timer;
    timer.job.kind = SchedulerKind::timer;
    timer.job.source = "a.timer";
    JudgedJob& job = seen.add("a.timer", core::Never{kSince});
    job.scheduled = &timer;
    seen.find(id, "b.timer");
    CHECK_FALSE(seen.sight().bad[0].explained_by);
    seen.find(id, "a.timer");
    CHECK(seen.sight().bad[0].explained_by == finding_key(id, "a.timer"));
    job.verdict = core::Failed{kSince, 1, "exit 1"};
    CHECK_FALSE(seen.sight().bad[0].explained_by);
  }
}

TEST_CASE("an account that is refused explains what its jobs do not do") {
  Seen seen;
  CoveredJob job;
  job.job.user = "ann";
  seen.add("a", core::Stale{kSince}).scheduled = &job;
  seen.find(kAccountRefused, "account of bob");
  CHECK_FALSE(seen.sight().bad[0].explained_by);
  seen.find(kAccountRefused, "account of ann");
  CHECK(seen.sight().bad[0].explained_by ==
        finding_key(kAccountRefused, "account of ann"));
  seen.look.findings.clear();
  seen.find(kAccountRefused, "account of everybody");
  CHECK(seen.sight().bad[0].explained_by.has_value());
}

TEST_CASE("what went with its package says which") {
  KnownSchedule gone;
  gone.source = "certbot.timer";
  gone.package = "certbot";
  CHECK(gone_text(gone, nullptr) ==
        "its schedule is gone from certbot.timer, which the package certbot "
        "brought");
}

TEST_CASE("what a dropped line hides is told with the line") {
  Seen seen;
  KnownSchedule gone;
  gone.source = "/etc/cron.d/x";
  gone.line = 3;
  Finding& f = seen.find("line-ignored", "/etc/cron.d/x");
  f.hides = {{}, {{0, "hidden"}}, "the daemon drops /etc/cron.d/x:3"};
  JudgedJob& hidden = seen.add("hidden", core::Vanished{kSince});
  hidden.gone = &gone;
  CHECK(cause_of(hidden) == "its schedule is gone from /etc/cron.d/x");
  hidden.hidden_by = &f;
  CHECK(cause_of(hidden) == "the daemon drops /etc/cron.d/x:3");
  CHECK(seen.sight().bad[0].explained_by ==
        finding_key("line-ignored", "/etc/cron.d/x"));
  hidden.verdict = core::Stale{kSince};
  CHECK(cause_of(hidden).ends_with("; the daemon drops /etc/cron.d/x:3"));
  CHECK(seen.sight().bad[0].explained_by.has_value());
  // What it did before has its own cause.
  hidden.verdict = core::Failed{kSince, 1, "exit 1"};
  CHECK_FALSE(seen.sight().bad[0].explained_by);
}

TEST_CASE("a commented line is named with its place") {
  KnownSchedule gone;
  gone.source = "/etc/cron.d/x\n";
  gone.line = 7;
  gone.commented_out = true;
  CHECK(gone_text(gone, nullptr) ==
        "its line was commented out, /etc/cron.d/x\\n:7");
}

TEST_CASE("a finding that is absent is well, unless it could not be seen") {
  Seen seen;
  seen.open(finding_key("file-ignored", "/etc/cron.d/x"));
  CHECK(seen.sight().well.size() == 1);
  Coverage coverage;
  coverage.sources_unseen = {"/etc/cron.d"};
  CHECK(seen.sight(&coverage).well.empty());
  seen.look.not_seen = {"/home/ann"};
  CHECK(seen.sight().well.empty());
  // Of a job's incident only its verdict tells.
  Seen other;
  other.open(core::IncidentKey::of(core::JobKey{0, "a"}));
  CHECK(other.sight().well.empty());
}

TEST_CASE("a line that ended by its test is told so, and as a failure") {
  Seen seen;
  JudgedJob& job = seen.add("a", core::Failed{kSince, 1, "exit 1", {}});
  job.scheduled = &seen.covered;
  seen.covered.job.command = "[ $(date +%u) = 7 ] && work";
  RunRow run;
  run.end = record::RunEnd{};
  run.end->exit_code = 1;
  job.runs = {run};
  CHECK(cause_of(job) ==
        "exit 1, no output: the test in its line may have said no");
  job.runs[0].end->out.bytes = 3;
  CHECK(cause_of(job) == "exit 1");
  job.runs[0].end->out.bytes = 0;
  seen.covered.job.command = "work";
  CHECK(cause_of(job) == "exit 1");
}

TEST_CASE("the best evidence is named") {
  Seen seen;
  JudgedJob& job = seen.add("a", core::Ok{});
  CHECK(evidence_of(job) == "none");
  job.facts.last_success = kSince;
  CHECK(evidence_of(job) == "heartbeat");
  job.facts.has_runs = true;
  CHECK(evidence_of(job) == "wrapped");
  job.scheduled = &seen.covered;
  seen.covered.proof = Proof::starts;
  CHECK(evidence_of(job) == "log");
  seen.covered.job.watch = Watch::trigger;
  CHECK(evidence_of(job) == "trigger");
  seen.covered.proof = Proof::none;
  seen.covered.proof_is_old = true;
  CHECK(evidence_of(job) == "none");
  seen.covered.proof = Proof::systemd;
  CHECK(evidence_of(job) == "systemd");
}

TEST_CASE("a job that slept over its time says so while it is silent") {
  Seen seen;
  JudgedJob& job = seen.add("a", core::Stale{kSince});
  job.facts.gap.emplace();
  job.facts.gap->asleep = std::chrono::hours(3);
  CHECK(cause_of(job).ends_with("the host was asleep for 3h when it was due"));
  job.verdict = core::Failed{kSince, 1, "exit 1"};
  CHECK(cause_of(job).find("asleep") == std::string::npos);
}

}  // namespace
}  // namespace bezalel::app
