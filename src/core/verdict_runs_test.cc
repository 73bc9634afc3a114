// Verdicts that runs decide: lost, hung, failed, skipped.
#include "core/verdict.h"
#include "core/verdict_fixtures.h"

using namespace bezalel;
using namespace bezalel::core;
using namespace bezalel::core::fixtures;

TEST_CASE("a run without an end is lost once its life is over") {
  for (const Life life : {Life::gone, Life::rebooted}) {
    const Facts facts = in_flight(kStart, life, kStart - 24h);
    const Verdict verdict = evaluate(daily(), facts, kStart + 1s);
    CHECK(verdict == Verdict(Lost{kStart, "01JD9M2A", life}));
    CHECK(next_change(verdict) == std::nullopt);
  }
  for (const Life life : {Life::alive, Life::unknown}) {
    check_status(daily(), in_flight(kStart, life, kStart - 24h), kStart + 1s,
                 "running");
  }
}

TEST_CASE("a lost run is over at the next success") {
  const Facts facts = in_flight(kStart, Life::rebooted, kStart + 1h);
  check_status(daily(), facts, kStart + 2h, "ok");
}

TEST_CASE("the first lost run of a row of them is the one that counts") {
  Facts facts = in_flight(kStart, Life::gone);
  facts.open_runs.push_back(open_run(kStart + 1h, Life::rebooted));
  const Verdict verdict = evaluate(daily(), facts, kStart + 2h);
  CHECK(since_of(verdict) == std::optional<Timestamp>(kStart));
}

TEST_CASE("a newer failure takes over from a lost run once it alarms") {
  Job job = daily();
  Facts facts = in_flight(kStart, Life::gone, kStart - 24h);
  facts.row = failures(1, kStart + 2h);
  check_status(job, facts, kStart + 3h, "failed");
  job.confirm = 2;
  check_status(job, facts, kStart + 3h, "lost");
  // A row that began before the lost run says nothing, unless its end does.
  job.confirm = 1;
  facts.row = failures(2, kStart - 1h);
  check_status(job, facts, kStart + 3h, "lost");
  facts.row.last_end = kStart + 2h;
  check_status(job, facts, kStart + 3h, "failed");
}

TEST_CASE("a run beyond its limit is hung") {
  Facts facts = in_flight(kStart, Life::alive, kStart - 24h);
  check_turn(daily(), facts, "running", kStart + 24h, "hung");
  facts.open_runs[0].max = 15min;
  check_turn(daily(), facts, "running", kStart + 15min, "hung");
  const Verdict verdict = evaluate(daily(), facts, kStart + 1h);
  CHECK(verdict == Verdict(Hung{kStart + 15min, kStart, 15min, 48211}));
  CHECK(next_change(verdict) == std::nullopt);
  CHECK(cause_of(verdict) ==
        "still running beyond its limit of 15m (pid 48211)");
}

TEST_CASE("a process that is there is hung whatever succeeded since") {
  Facts facts = in_flight(kStart, Life::alive, kStart + 23h);
  check_status(daily(), facts, kStart + 25h, "hung");
  // Of a process in another PID namespace nothing is known: it is over.
  facts.open_runs[0].life = Life::unknown;
  check_status(daily(), facts, kStart + 25h, "ok");
}

TEST_CASE("of several runs in flight the first to overstay is named") {
  Facts facts = in_flight(kStart, Life::alive, kStart - 24h);
  facts.open_runs[0].max = 3h;
  OpenRun second = open_run(kStart + 1h, Life::alive);
  second.max = 30min;
  second.pid = 7;
  facts.open_runs.push_back(second);
  check_turn(daily(), facts, "running", kStart + 90min, "hung");
  const Verdict first_look = evaluate(daily(), facts, kStart + 2h);
  CHECK(std::get<Hung>(first_look).pid == 7);
  CHECK(evaluate(daily(), facts, kStart + 4h) == first_look);
}

TEST_CASE("a failed run alarms until the first success") {
  Facts facts = ran(kStart);
  facts.row = failures(1, kStart + 25h);
  const Verdict verdict = evaluate(daily(), facts, kStart + 26h);
  CHECK(verdict == Verdict(Failed{kStart + 25h, 1, "exit 1"}));
  CHECK(cause_of(verdict) == "exit 1");
  facts.last_success = kStart + 27h;
  check_status(daily(), facts, kStart + 28h, "ok");
}

TEST_CASE("below an hour a failure is confirmed by two more") {
  const Job job = job_with(every(5min));
  Facts facts = ran(kStart);
  facts.row = failures(2, kStart + 5min);
  const Verdict unconfirmed = evaluate(job, facts, kStart + 5min);
  CHECK(status_of(unconfirmed) == Status::ok);
  // It opens nothing, and it closes nothing either.
  CHECK(bearing_of(job, facts, unconfirmed) == Bearing::neither);
  facts.row.failures = 3;
  const Verdict failed = evaluate(job, facts, kStart + 5min);
  CHECK(cause_of(failed) == "exit 1, 3 runs in a row");
}

TEST_CASE("three skips in a row alarm") {
  Facts facts = ran(kStart);
  facts.row = skips(3, kStart + 1h);
  facts.row.last_detail = "3 runs in a row were skipped";
  const Verdict verdict = evaluate(hourly_slots(), facts, kStart + 61min);
  CHECK(status_of(verdict) == Status::failed);
  CHECK(cause_of(verdict) == "3 runs in a row were skipped");
  facts.row.skips = 2;
  check_status(hourly_slots(), facts, kStart + 61min, "late");
}

TEST_CASE("a failed job whose retry overstays is hung") {
  Facts facts = in_flight(kStart, Life::alive, kStart - 48h);
  facts.row = failures(1, kStart - 24h);
  check_turn(daily(), facts, "failed", kStart + 24h, "hung");
}

TEST_CASE("a run that started in time holds silence back to its limit") {
  // Deadline: 48 h after the success; the run starts at the last moment.
  const Timestamp success = kStart - 48h;
  Facts facts = in_flight(kStart, Life::alive, success);
  check_turn(daily(), facts, "running", kStart + 24h, "hung");
  // A moment later it is not in time any more: silence is not undone by it.
  facts.open_runs[0].started = kStart + kTick;
  check_status(daily(), facts, kStart + 1h, "stale");
  check_turn(daily(), facts, "stale", kStart + 24h + kTick, "hung");
}

TEST_CASE("the late start of a slot job ends its staleness") {
  const Job job = hourly_slots();
  check_status(job, ran(kStart), kStart + 3h, "stale");
  const Facts facts = in_flight(kStart + 3h, Life::alive, kStart + 1s);
  const Verdict verdict = evaluate(job, facts, kStart + 3h + 1s);
  CHECK(status_of(verdict) == Status::running);
  // But only a success closes the incident.
  CHECK(bearing_of(job, facts, verdict) == Bearing::neither);
}

TEST_CASE("a run in flight does not hold an incident beyond a success") {
  const Timestamp failed = kStart + 1h;
  Facts facts = in_flight(kStart, Life::alive, failed + 1min);
  const Timestamp now = failed + 2min;
  check_status(daily(), facts, now, "running");
  CHECK(well_besides_flight(daily(), facts, failed, now));
  // Nor does one that began after it.
  facts.open_runs[0].started = failed + 90s;
  CHECK(well_besides_flight(daily(), facts, failed, now));
  SUBCASE("a success before the incident ends none") {
    CHECK_FALSE(well_besides_flight(daily(), facts, failed + 1min, now));
  }
  SUBCASE("nor does one that a failure followed") {
    facts.row.failures = 1;
    CHECK_FALSE(well_besides_flight(daily(), facts, failed, now));
  }
  SUBCASE("nor where silence is held back by the run alone") {
    facts.open_runs[0].started = failed + 24h;
    CHECK_FALSE(well_besides_flight(daily(), facts, failed, failed + 72h));
  }
}
