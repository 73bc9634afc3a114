#include "core/verdict.h"

#include "core/verdict_fixtures.h"

using namespace bezalel;
using namespace bezalel::core;
using namespace bezalel::core::fixtures;

namespace {

Facts with_untrusted(Distrust kind, bool confirmed) {
  Facts facts = succeeded(kStart);
  facts.untrusted = Untrusted{kind, kStart, "is a symlink", confirmed};
  return facts;
}

std::vector<Verdict> one_of_each() {
  return {Paused{kStart},
          Distrusted{kStart, Distrust::forged, "owned by uid 1002"},
          Distrusted{kStart, Distrust::corrupt, "is a symlink"},
          Distrusted{kStart, Distrust::clock, "in the future"},
          Lost{kStart, "01JD9M2A", Life::rebooted},
          Hung{kStart, kStart - 1h, 1h, 48211},
          Failed{kStart, 1, "exit 1"},
          Running{kStart, kStart + 1h},
          Never{kStart},
          Stale{kStart},
          Vanished{kStart},
          Unwatched{kStart},
          Undeclared{kStart, true},
          Late{kStart, kStart + 1h},
          Ok{kStart}};
}

}  // namespace

TEST_CASE("what has run and not succeeded has not \"never run\"") {
  Facts facts;
  facts.has_runs = true;
  CHECK(cause_of(evaluate(hourly_slots(), facts, kStart + 72h)) ==
        "it has never run");
  facts.last_start = kStart;
  CHECK(cause_of(evaluate(hourly_slots(), facts, kStart + 72h)) ==
        "it has never succeeded");
}

TEST_CASE("an interval job is ok, late after I and stale after twice I") {
  const Facts facts = succeeded(kStart);
  check_turn(daily(), facts, "ok", kStart + 24h, "late");
  check_turn(daily(), facts, "late", kStart + 48h, "stale");
  const Verdict stale = evaluate(daily(), facts, kStart + 400h);
  CHECK(since_of(stale) == std::optional<Timestamp>(kStart + 48h));
  CHECK(next_change(stale) == std::nullopt);
}

TEST_CASE("with no room between due and deadline a job is never late") {
  Job job = daily();
  job.expectation->grace = Duration::zero();
  check_turn(job, succeeded(kStart), "ok", kStart + 24h, "stale");
}

TEST_CASE("a slot job is stale when no run started in the grace") {
  const Facts facts = ran(kStart);
  check_turn(hourly_slots(), facts, "ok", kStart + 1h, "late");
  check_turn(hourly_slots(), facts, "late", kStart + 75min, "stale");
  const Verdict late = evaluate(hourly_slots(), facts, kStart + 70min);
  CHECK(since_of(late) == std::optional<Timestamp>(kStart + 1h));
  CHECK(cause_of(evaluate(hourly_slots(), facts, kStart + 2h)) ==
        "no run has started");
}

TEST_CASE("what starts late in its line is waited for until the next slot") {
  Facts facts = ran(kStart);
  facts.starts_late = true;
  check_turn(hourly_slots(), facts, "late", kStart + 2h, "stale");
  Facts first;
  first.has_runs = true;
  Job job = hourly_slots();
  job.declared_since = kStart;
  check_turn(job, first, "late", kStart + 75min, "never");
  first.starts_late = true;
  check_turn(job, first, "late", kStart + 2h, "never");
}

TEST_CASE("a job that never ran alarms after its first deadline") {
  const Job job = daily();
  const Timestamp declared = job.declared_since;
  check_turn(job, {}, "ok", declared + 24h, "late");
  check_turn(job, {}, "late", declared + 48h, "never");
  check_status(hourly_slots(), {}, declared + 5h, "never");
}

TEST_CASE("runs that never succeed are never, not stale") {
  Job job = daily();
  job.confirm = 10;
  Facts facts;
  facts.has_runs = true;
  facts.last_start = kStart;
  facts.row = failures(1, kStart + 1s);
  const Verdict verdict = evaluate(job, facts, job.declared_since + 49h);
  CHECK(status_of(verdict) == Status::never);
  CHECK(cause_of(verdict) == "it has never succeeded");
}

TEST_CASE("a success a moment ahead of us is ok") {
  check_status(daily(), succeeded(kStart), kStart - 5s, "ok");
}

TEST_CASE("manual and @reboot jobs are never silent") {
  for (const schedule::Schedule& s : {schedule::Schedule(schedule::Manual{}),
                                      schedule::Schedule(schedule::Reboot{})}) {
    const Verdict verdict =
        evaluate(job_with(s), succeeded(kStart), kStart + 24h * 4000);
    CHECK(verdict == Verdict(Ok{}));
    CHECK(next_change(verdict) == std::nullopt);
    check_status(job_with(s), {}, kStart + 24h * 4000, "ok");
  }
}

TEST_CASE("manual jobs still fail, hang and get lost") {
  const Job job = job_with(schedule::Manual{});
  Facts facts = succeeded(kStart);
  facts.row = failures(1, kStart + 1h);
  check_status(job, facts, kStart + 2h, "failed");
  check_status(job, in_flight(kStart, Life::gone), kStart + 1s, "lost");
  Facts flying = in_flight(kStart, Life::alive);
  check_status(job, flying, kStart + 400h, "running");
  flying.open_runs[0].max = 1h;
  check_turn(job, flying, "running", kStart + 1h, "hung");
}

TEST_CASE("a pause outweighs everything, and nothing ends it but an event") {
  Job job = daily();
  job.paused = Pause{kStart, "ops", "moving disks"};
  Facts facts = with_untrusted(Distrust::forged, true);
  facts.open_runs.push_back(open_run(kStart, Life::gone));
  const Verdict verdict = evaluate(job, facts, kStart + 900h);
  CHECK(verdict == Verdict(Paused{kStart}));
  CHECK(next_change(verdict) == std::nullopt);
  CHECK(severity_of(job, verdict) == std::nullopt);
  CHECK(bearing_of(job, facts, verdict) == Bearing::neither);
}

TEST_CASE("evidence that cannot be trusted is a verdict of its own") {
  struct Row {
    Distrust kind;
    const char* status;
  };
  for (const Row& row :
       {Row{Distrust::forged, "forged"}, Row{Distrust::corrupt, "corrupt"},
        Row{Distrust::clock, "clock"}}) {
    const Facts facts = with_untrusted(row.kind, true);
    check_status(daily(), facts, kStart + 1s, row.status);
    const Verdict verdict = evaluate(daily(), facts, kStart + 1s);
    CHECK(severity_of(daily(), verdict) == Severity::p2);
    CHECK(since_of(verdict) == std::optional<Timestamp>(kStart));
    CHECK(cause_of(verdict) == "the heartbeat cannot be trusted: is a symlink");
  }
}

TEST_CASE("a file seen corrupt once is shown and no alarm yet") {
  const Facts facts = with_untrusted(Distrust::corrupt, false);
  const Verdict verdict = evaluate(daily(), facts, kStart + 1s);
  CHECK(status_of(verdict) == Status::corrupt);
  CHECK(severity_of(daily(), verdict) == std::nullopt);
  CHECK(bearing_of(daily(), facts, verdict) == Bearing::neither);
}

TEST_CASE("a run of unknown life and without a limit holds nothing back") {
  const Job once = job_with(calendar("2026-11-24 03:00:00"));
  Facts facts = in_flight(kStart, Life::unknown);
  check_status(once, facts, kStart + 25h, "never");
  check_status(undeclared_job(), facts, kStart + 900h, "undeclared");
  facts.open_runs[0].life = Life::alive;
  check_status(undeclared_job(), facts, kStart + 900h, "running");
}

TEST_CASE("a job seen to start and not to end goes stale, not never") {
  Facts facts;
  facts.last_start = kStart;
  facts.has_runs = true;
  check_status(daily(), facts, kStart + 900h, "never");
  facts.starts_alone = true;
  check_status(daily(), facts, kStart + 900h, "stale");
}

TEST_CASE(
    "an interval counts from the start, where nothing but starts is seen") {
  Job job = daily();
  job.declared_since = kStart;
  Facts facts;
  facts.has_runs = true;
  facts.last_start = kStart + 240h;
  check_status(job, facts, kStart + 250h, "never");
  facts.starts_alone = true;
  check_turn(job, facts, "ok", kStart + 264h, "late");
  check_turn(job, facts, "late", kStart + 288h, "stale");
}

TEST_CASE("silence outweighs a vanished schedule, and that the rest") {
  Facts facts = succeeded(kStart);
  facts.vanished_since = kStart + 1h;
  facts.unwatched_since = kStart + 2h;
  check_turn(daily(), facts, "vanished", kStart + 48h, "stale");
  facts.vanished_since.reset();
  check_turn(daily(), facts, "unwatched", kStart + 48h, "stale");
  facts.last_success.reset();
  check_status(daily(), facts, kStart + 1s, "never");
}

TEST_CASE("an undeclared job without a heartbeat is not told as one with it") {
  const Job job = undeclared_job();
  Facts facts;
  CHECK(cause_of(evaluate(job, facts, kStart)).find("no heartbeat") !=
        std::string::npos);
  facts.last_success = kStart;
  CHECK(cause_of(evaluate(job, facts, kStart)).starts_with("a heartbeat, but"));
}

TEST_CASE(
    "what was declared once is not told as a schedule that cannot be read") {
  Job job = undeclared_job();
  CHECK(cause_of(evaluate(job, Facts(), kStart)).find("nothing declares") !=
        std::string::npos);
  job.declared = true;
  CHECK(cause_of(evaluate(job, Facts(), kStart)).find("can be read") !=
        std::string::npos);
}

TEST_CASE("an undeclared job alarms after a day") {
  Job job = undeclared_job();
  job.declared_since = kStart;
  const Facts facts = succeeded(kStart + 1h);
  const Verdict fresh = evaluate(job, facts, kStart + 2h);
  CHECK(status_of(fresh) == Status::undeclared);
  CHECK(severity_of(job, fresh) == std::nullopt);
  CHECK(bearing_of(job, facts, fresh) == Bearing::neither);
  CHECK(since_of(fresh) == std::optional<Timestamp>(kStart + 1h));
  check_turn(job, facts, "undeclared", kStart + 24h, "undeclared");
  const Verdict old = evaluate(job, facts, kStart + 24h + kTick);
  CHECK(severity_of(job, old) == Severity::p2);
}

TEST_CASE("what has no next slot is undeclared, but for a timer's last one") {
  for (const schedule::Schedule& s : {cron("0 0 30 2 *"), cron("0 22-2 * * *"),
                                      calendar("2020-01-01 00:00")}) {
    Job job = job_with(s);
    const Verdict verdict = evaluate(job, {}, kStart + 48h);
    CHECK(status_of(verdict) == Status::undeclared);
    CHECK(severity_of(job, verdict) == Severity::p2);
    CHECK(cause_of(verdict) ==
          "its schedule never matches; it can never go stale");
    check_status(job, succeeded(kStart), kStart + 1h, "undeclared");
    // systemd tells of what elapses once.
    job.expectation->source = ExpectationSource::timer;
    check_status(job, ran(kStart), kStart + 48h, "ok");
  }
}

TEST_CASE("what was due once is well after its success, and stale without") {
  const Timestamp slot = at("2026-11-24 03:00");
  Job once = job_with(calendar("2026-11-24 03:00"));
  once.declared_since = kStart;
  check_turn(once, {}, "ok", slot, "late");
  check_status(once, {}, slot + 900h, "never");
  // Before its time nothing is done yet.
  check_status(once, succeeded(kStart + 1h), slot + 900h, "stale");
  for (const Facts& facts :
       {succeeded(slot + 1min), ran(slot - 2s), succeeded(slot + 400h)}) {
    const Verdict verdict = evaluate(once, facts, slot + 900h);
    CHECK(status_of(verdict) == Status::ok);
    CHECK(next_change(verdict) == std::nullopt);
    CHECK(bearing_of(once, facts, verdict) == Bearing::well);
  }
  // A failure is not waited to be confirmed by a run that is not to come.
  once.confirm = 3;
  Facts failed;
  failed.has_runs = true;
  failed.last_start = slot + 2s;
  failed.row = {.failures = 1, .first_failure = slot + 9s};
  failed.row.last_end = slot + 9s;
  check_status(once, failed, slot + 900h, "failed");
  once.confirm.reset();
  // Declared by the very run.
  once.declared_since = slot + 20min;
  check_status(once, ran(slot + 2s), slot + 900h, "ok");
  // By a run long after it: nobody ever waited.
  check_status(once, ran(slot + 400h), slot + 900h, "undeclared");
  // All of its times, not the first alone.
  once = job_with(calendar("2026-11-24,25 03:00"));
  once.declared_since = kStart;
  check_status(once, ran(slot), slot + 900h, "stale");
  check_status(once, ran(slot + 24h), slot + 900h, "ok");
}

TEST_CASE("a heartbeat every hour does not put the undeclared alarm off") {
  Job job = undeclared_job();
  job.declared_since = kStart;
  const Facts facts = succeeded(kStart + 30h);
  CHECK(severity_of(job, evaluate(job, facts, kStart + 31h)) == Severity::p2);
  // Not known since when: the file's time is all there is.
  job.declared_since = Timestamp();
  CHECK(severity_of(job, evaluate(job, facts, kStart + 31h)) == std::nullopt);
}

TEST_CASE("what fell due while nobody looked is put off once") {
  const Job job = job_with(cron("0 3 * * *"));
  Facts facts = ran(kStart);
  facts.gap = Gap{kStart + 20h, kStart + 30h};
  check_turn(job, facts, "late", kStart + 48h + 15min, "stale");
  // The gap after that is not its own.
  facts.gap = Gap{kStart + 44h, kStart + 54h};
  check_status(job, facts, kStart + 54h, "stale");
}

TEST_CASE("every status has its text, and no other is read") {
  for (const Verdict& verdict : one_of_each()) {
    const Status status = status_of(verdict);
    CHECK(parse_status(to_string(status)) == status);
  }
  CHECK(to_string(Status::undeclared) == "undeclared");
  for (const char* text : {"", "down", "OK", "stale "}) {
    CHECK(!parse_status(text));
  }
}

TEST_CASE("alarms are those of the table") {
  struct Row {
    Status status;
    std::optional<Severity> severity;
  };
  const Row rows[] = {
      {Status::paused, {}},
      {Status::forged, Severity::p2},
      {Status::corrupt, Severity::p2},
      {Status::clock, Severity::p2},
      {Status::lost, Severity::p1},
      {Status::hung, Severity::p1},
      {Status::failed, Severity::p1},
      {Status::running, {}},
      {Status::never, Severity::p1},
      {Status::stale, Severity::p1},
      {Status::vanished, Severity::p2},
      {Status::unwatched, Severity::p2},
      {Status::undeclared, Severity::p2},
      {Status::late, {}},
      {Status::ok, {}},
  };
  const auto verdicts = one_of_each();
  REQUIRE(verdicts.size() == std::size(rows));
  Job job = daily();
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    CHECK(status_of(verdicts[i]) == rows[i].status);
    job.severity.reset();
    CHECK(severity_of(job, verdicts[i]) == rows[i].severity);
    // The job's own replaces any alarm, and makes none.
    job.severity = Severity::p3;
    CHECK(severity_of(job, verdicts[i]).has_value() ==
          rows[i].severity.has_value());
    if (rows[i].severity) {
      CHECK(severity_of(job, verdicts[i]) == Severity::p3);
    }
  }
}

TEST_CASE("a cause is one sentence without a time") {
  for (const Verdict& verdict : one_of_each()) {
    const std::string cause = cause_of(verdict);
    CHECK(!cause.empty());
    CHECK(cause.find('\n') == std::string::npos);
    CHECK(cause.find("2026") == std::string::npos);
    CHECK(cause.back() != '.');
  }
  CHECK(cause_of(Lost{kStart, "x", Life::rebooted}) ==
        "gone without an end: the host was restarted");
  CHECK(cause_of(Lost{kStart, "x", Life::gone}) ==
        "gone without an end: its process is no longer there");
  CHECK(cause_of(Failed{kStart, 1, ""}) == "ended without success");
}

TEST_CASE("why a job is silent depends on what is seen of it") {
  const Timestamp late = kStart + 400h;
  CHECK(cause_of(evaluate(daily(), succeeded(kStart), late)) ==
        "no run has succeeded");
  CHECK(cause_of(evaluate(daily(), ran(kStart), late)) == "no run has started");
  Job job = daily();
  job.confirm = 5;
  Facts facts = ran(kStart);
  facts.last_start = kStart + 24h;
  facts.row = failures(1, kStart + 25h);
  CHECK(cause_of(evaluate(job, facts, late)) == "no run has succeeded");
  facts = {};
  facts.has_runs = true;
  CHECK(cause_of(evaluate(daily(), facts, late)) == "it has never run");
}
