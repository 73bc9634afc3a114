#include "core/job.h"

#include <limits>

#include "core/job_fixtures.h"

using namespace bezalel;
using namespace bezalel::core;
using namespace bezalel::core::fixtures;

namespace {

const Timestamp kNow = Timestamp();  // interval_of does not depend on it

Window window(const Job& job, const Facts& facts) {
  const auto w = window_of(job, facts);
  REQUIRE(w.has_value());
  return *w;
}

void check_window(const Job& job, const Facts& facts, const char* due,
                  const char* deadline) {
  const Window w = window(job, facts);
  CHECK(format_rfc3339(w.due) == format_rfc3339(at(due)));
  CHECK(format_rfc3339(w.deadline) == format_rfc3339(at(deadline)));
}

Gap gap(const char* from, const char* to) {
  return {at(from), at(to)};
}

}  // namespace

TEST_CASE("an interval counts from the last success") {
  const Facts facts = succeeded(at("2026-11-22 01:06"));
  check_window(daily(), facts, "2026-11-23 01:06", "2026-11-24 01:06");
}

TEST_CASE("an interval counts from the declaration while nothing succeeded") {
  check_window(daily(), {}, "2026-11-02 00:00", "2026-11-03 00:00");
}

TEST_CASE("the start of a run does not move an interval") {
  Facts facts =
      in_flight(at("2026-11-23 09:00"), Life::gone, at("2026-11-22 01:06"));
  check_window(daily(), facts, "2026-11-23 01:06", "2026-11-24 01:06");
}

TEST_CASE("a factor stretches the interval, a grace replaces it") {
  Job job = daily();
  const Facts facts = succeeded(at("2026-11-22 00:00"));
  job.factor = 3;
  check_window(job, facts, "2026-11-23 00:00", "2026-11-25 00:00");
  job.factor = 1.5;
  check_window(job, facts, "2026-11-23 00:00", "2026-11-23 12:00");
  job.expectation->grace = 2h;
  check_window(job, facts, "2026-11-23 00:00", "2026-11-23 02:00");
}

TEST_CASE("a factor below one, or none at all, is one") {
  Job job = daily();
  const Facts facts = succeeded(at("2026-11-22 00:00"));
  for (const double factor :
       {0.5, 0.0, -3.0, std::numeric_limits<double>::quiet_NaN()}) {
    job.factor = factor;
    check_window(job, facts, "2026-11-23 00:00", "2026-11-23 00:00");
  }
}

TEST_CASE("no interval and no factor goes beyond the end of time") {
  Job job = job_with(every(Duration::max()));
  const Facts facts = succeeded(at("2026-11-22 00:00"));
  CHECK(window(job, facts).deadline == Timestamp::max());
  job = daily();
  job.factor = std::numeric_limits<double>::infinity();
  CHECK(window(job, facts).deadline == Timestamp::max());
  job.expectation->grace = Duration::max();
  CHECK(window(job, facts).deadline == Timestamp::max());
}

TEST_CASE("with run records a slot wants a start within 15 minutes") {
  const Job job = job_with(cron("0 3 * * *"));
  check_window(job, ran(at("2026-11-23 03:00")), "2026-11-24 03:00",
               "2026-11-24 03:15");
}

TEST_CASE("a start up to five seconds early is that of its slot") {
  const Job job = job_with(cron("0 3 * * *"));
  check_window(job, ran(at("2026-11-23 02:59:56")), "2026-11-24 03:00",
               "2026-11-24 03:15");
  check_window(job, ran(at("2026-11-23 02:59:54")), "2026-11-23 03:00",
               "2026-11-23 03:15");
}

TEST_CASE("where only successes are seen, grace is the distance of slots") {
  struct Row {
    const char* cron;
    const char* success;
    const char* due;
    const char* deadline;
  };
  const Row rows[] = {
      // An hour between slots.
      {"0 * * * *", "2026-11-23 03:10", "2026-11-23 04:00", "2026-11-23 05:00"},
      // A day between slots: at most six hours.
      {"0 3 * * *", "2026-11-23 03:10", "2026-11-24 03:00", "2026-11-24 09:00"},
      // A minute between slots: at least five.
      {"* * * * *", "2026-11-23 03:10", "2026-11-23 03:11", "2026-11-23 03:16"},
      // The following slot counts, not the one before.
      {"0 3,4 * * *", "2026-11-23 09:00", "2026-11-24 03:00",
       "2026-11-24 04:00"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.cron);
    check_window(job_with(cron(row.cron)), succeeded(at(row.success)), row.due,
                 row.deadline);
  }
}

TEST_CASE("a slot job that never ran counts from its declaration") {
  check_window(job_with(cron("0 3 * * *")), {}, "2026-11-01 03:00",
               "2026-11-01 09:00");
}

TEST_CASE("a given grace holds, however short") {
  Job job = job_with(cron("0 3 * * *"));
  job.expectation->grace = 1min;
  check_window(job, ran(at("2026-11-23 03:00")), "2026-11-24 03:00",
               "2026-11-24 03:01");
  check_window(job, succeeded(at("2026-11-23 03:00")), "2026-11-24 03:00",
               "2026-11-24 03:01");
}

TEST_CASE("the scheduler's own delay is part of the default grace") {
  Job job = job_with(calendar("*-*-* 03:00:00"));
  job.expectation->scheduler_delay = 1h;
  check_window(job, ran(at("2026-11-23 03:00")), "2026-11-24 03:00",
               "2026-11-24 04:15");
  job.expectation->grace = 5min;
  check_window(job, ran(at("2026-11-23 03:00")), "2026-11-24 03:00",
               "2026-11-24 03:05");
}

TEST_CASE("the day the clocks go forward gives cron time to catch up") {
  // 03:30 in Riga does not exist on 29 March 2026; cron runs it at 04:00.
  const Job job = job_with(cron("30 3 * * *", "Europe/Riga"));
  check_window(job, ran(at("2026-03-28 01:30")), "2026-03-29 01:00",
               "2026-03-29 01:25");
}

TEST_CASE("a skipped run satisfies no slot") {
  const Job job = job_with(cron("0 * * * *"));
  Facts facts = ran(at("2026-11-23 03:00"));
  facts.row = skips(1, at("2026-11-23 04:00"));
  check_window(job, facts, "2026-11-23 04:00", "2026-11-23 04:15");
}

TEST_CASE("a success beyond the slot counts in place of the old start") {
  const Job job = job_with(cron("0 * * * *"));
  Facts facts = ran(at("2026-11-23 03:00"));
  facts.last_success = at("2026-11-23 04:00");
  check_window(job, facts, "2026-11-23 04:00", "2026-11-23 04:15");
  facts.last_success = at("2026-11-23 04:30");
  check_window(job, facts, "2026-11-23 05:00", "2026-11-23 06:00");
}

TEST_CASE("nothing is due without slots") {
  CHECK(!window_of(undeclared_job(), {}));
  CHECK(!window_of(job_with(schedule::Manual{}), {}));
  CHECK(!window_of(job_with(schedule::Reboot{}), {}));
  // The 31st of February.
  CHECK(!window_of(job_with(cron("0 3 31 2 *")), {}));
}

TEST_CASE("a deadline within a gap moves behind the next slot or interval") {
  Job job = daily();
  Facts facts = succeeded(at("2026-11-22 01:00"));
  facts.gap = gap("2026-11-23 20:00", "2026-11-24 08:00");
  check_window(job, facts, "2026-11-23 01:00", "2026-11-25 08:00");
  job = job_with(cron("0 3 * * *"));
  facts = ran(at("2026-11-23 03:00"));
  facts.gap = gap("2026-11-23 20:00", "2026-11-24 08:00");
  check_window(job, facts, "2026-11-24 03:00", "2026-11-25 03:15");
}

TEST_CASE("what was due in a gap moves, though its deadline is behind it") {
  const Job job = job_with(cron("0 3 * * *"));
  Facts facts = ran(at("2026-11-23 03:00"));
  facts.gap = gap("2026-11-24 02:00", "2026-11-24 03:10");
  check_window(job, facts, "2026-11-24 03:00", "2026-11-25 03:15");
}

TEST_CASE("a gap is open at its begin and closed at its end") {
  const Job job = job_with(cron("0 3 * * *"));
  Facts facts = ran(at("2026-11-23 03:00"));
  // The deadline is the last moment before the gap: older silence.
  facts.gap = gap("2026-11-24 03:15", "2026-11-24 08:00");
  check_window(job, facts, "2026-11-24 03:00", "2026-11-24 03:15");
  // Due at the very end of the gap.
  facts.gap = gap("2026-11-24 02:00", "2026-11-24 03:00");
  check_window(job, facts, "2026-11-24 03:00", "2026-11-25 03:15");
  // Due right behind it.
  facts.gap = gap("2026-11-24 02:00", "2026-11-24 02:59:59");
  check_window(job, facts, "2026-11-24 03:00", "2026-11-24 03:15");
}

TEST_CASE("putting off never brings a deadline forward") {
  const Job job = daily();
  Facts facts = succeeded(at("2026-11-22 12:00"));
  facts.gap = gap("2026-11-23 11:59", "2026-11-23 12:00");
  check_window(job, facts, "2026-11-23 12:00", "2026-11-24 12:00");
}

TEST_CASE("a gap without a slot behind it moves nothing") {
  const Job job = job_with(calendar("2026-11-24 03:00:00"));
  Facts facts = succeeded(at("2026-11-23 03:00"));
  facts.gap = gap("2026-11-24 02:00", "2026-11-25 03:00");
  check_window(job, facts, "2026-11-24 03:00", "2026-11-24 09:00");
}

TEST_CASE("of several gaps the first in which a silence fell due matters") {
  const Job job = job_with(cron("0 3 * * *"));
  const Facts facts = ran(at("2026-11-23 03:00"));
  const Gap before = gap("2026-11-23 20:00", "2026-11-23 21:00");
  const Gap night = gap("2026-11-24 02:00", "2026-11-24 08:00");
  const Gap next_night = gap("2026-11-25 02:00", "2026-11-25 08:00");
  CHECK(!gap_that_matters(job, facts, {}));
  CHECK(!gap_that_matters(job, facts, {before}));
  const auto found = gap_that_matters(job, facts, {before, night, next_night});
  REQUIRE(found.has_value());
  CHECK(found->from == night.from);
  CHECK(!gap_that_matters(undeclared_job(), facts, {night}));
}

TEST_CASE("the interval of slots is from due to the following one") {
  CHECK(interval_of(daily(), {}, kNow) == std::optional<Duration>(24h));
  const Job job = job_with(cron("0 3,5 * * *"));
  CHECK(interval_of(job, ran(at("2026-11-23 05:00")), kNow) ==
        std::optional<Duration>(2h));
  CHECK(interval_of(job, ran(at("2026-11-23 03:00")), kNow) ==
        std::optional<Duration>(22h));
  CHECK(!interval_of(undeclared_job(), {}, kNow));
  CHECK(!interval_of(job_with(schedule::Manual{}), {}, kNow));
  CHECK(!interval_of(job_with(schedule::Reboot{}), {}, kNow));
  CHECK(!interval_of(job_with(calendar("2026-11-24 03:00:00")), {}, kNow));
}

TEST_CASE("the ratio is age over what is expected") {
  const Facts facts = succeeded(at("2026-11-22 01:06"));
  CHECK(*ratio_of(daily(), facts, at("2026-11-24 03:15")) ==
        doctest::Approx(2.09).epsilon(0.001));
  // Slots: over the time from the last success to due.
  const Job job = job_with(cron("0 3 * * *"));
  const Facts slot = ran(at("2026-11-23 03:00"));
  CHECK(*ratio_of(job, slot, at("2026-11-25 03:00:01")) ==
        doctest::Approx(2.0).epsilon(0.001));
  CHECK(!ratio_of(daily(), {}, at("2026-11-24 03:15")));
  CHECK(!ratio_of(undeclared_job(), facts, at("2026-11-24 03:15")));
  CHECK(!ratio_of(job_with(schedule::Manual{}), facts, at("2026-11-24 03:15")));
  // A clamped success a moment ahead is no negative age.
  CHECK(*ratio_of(daily(), facts, at("2026-11-22 01:05")) == 0.0);
}

TEST_CASE("the default limit is the interval or three times the usual run") {
  struct Row {
    Duration interval;
    int runs;
    Duration p95;
    Duration limit;
  };
  const Row rows[] = {
      {24h, 0, 0s, 24h},     {24h, 30, 20min, 24h},   {1h, 30, 40min, 2h},
      {1h, 9, 40min, 1h},    {1h, 10, 40min, 2h},     {5min, 0, 0s, 10min},
      {5min, 30, 1s, 10min}, {5min, 30, 5min, 15min},
  };
  for (const Row& row : rows) {
    Facts facts;
    facts.completed_runs = row.runs;
    facts.p95 = row.p95;
    const OpenRun run = open_run(at("2026-11-23 03:00"), Life::alive);
    CHECK(limit_of(job_with(every(row.interval)), facts, run) ==
          std::optional<Duration>(row.limit));
  }
}

TEST_CASE("without an interval only ten runs make a default limit") {
  const OpenRun run = open_run(at("2026-11-23 03:00"), Life::alive);
  Facts facts;
  facts.completed_runs = 9;
  facts.p95 = 1h;
  CHECK(!limit_of(undeclared_job(), facts, run));
  facts.completed_runs = 10;
  CHECK(limit_of(undeclared_job(), facts, run) == std::optional<Duration>(3h));
  facts.p95 = Duration::max();
  CHECK(*limit_of(undeclared_job(), facts, run) > 24h);
}

TEST_CASE("a limit from above holds over the run's own, and that over others") {
  OpenRun run = open_run(at("2026-11-23 03:00"), Life::alive);
  Job job = daily();
  job.expectation->max = 2h;
  CHECK(limit_of(job, {}, run) == std::optional<Duration>(2h));
  run.max = 1min;
  CHECK(limit_of(job, {}, run) == std::optional<Duration>(2h));
  job.expectation->source = ExpectationSource::run;
  CHECK(limit_of(job, {}, run) == std::optional<Duration>(1min));
  job.expectation->max.reset();
  job.expectation->source = ExpectationSource::job_file;
  CHECK(limit_of(job, {}, run) == std::optional<Duration>(1min));
}

TEST_CASE("failures alarm at once, or at the third below an hour") {
  CHECK(confirm_of(daily(), {}) == 1);
  CHECK(confirm_of(job_with(every(1h)), {}) == 1);
  CHECK(confirm_of(job_with(every(59min)), {}) == 3);
  CHECK(confirm_of(job_with(cron("*/5 * * * *")), {}) == 3);
  CHECK(confirm_of(undeclared_job(), {}) == 1);
  Job job = daily();
  job.confirm = 4;
  CHECK(confirm_of(job, {}) == 4);
  job.confirm = 0;
  CHECK(confirm_of(job, {}) == 1);
}

TEST_CASE("a row holds from `confirm` failures or three skips on") {
  struct Case {
    int confirm, failures, skips;
    bool holds;
  };
  const Case cases[] = {
      {1, 0, 0, false}, {1, 1, 0, true}, {3, 2, 0, false}, {3, 3, 0, true},
      {3, 0, 2, false}, {3, 0, 3, true}, {3, 2, 2, false}, {1, 1, 2, true},
      {1, 0, 2, false}, {9, 1, 3, true},
  };
  for (const Case& c : cases) {
    Job job = daily();
    job.confirm = c.confirm;
    Facts facts = succeeded(at("2026-11-22 03:00"));
    facts.row = failures(c.failures, at("2026-11-23 03:00"));
    facts.row.skips = c.skips;
    CAPTURE(c.confirm);
    CAPTURE(c.failures);
    CAPTURE(c.skips);
    CHECK(row_holds(job, facts) == c.holds);
  }
}

TEST_CASE("a row is over at the first success behind it") {
  Facts facts = succeeded(at("2026-11-24 03:00"));
  facts.row = failures(2, at("2026-11-22 03:00"));
  CHECK(!row_holds(daily(), facts));
  facts.row.last_end = at("2026-11-24 04:00");
  CHECK(row_holds(daily(), facts));
}

TEST_CASE("severities are read as they are written") {
  for (const Severity s : {Severity::p1, Severity::p2, Severity::p3}) {
    CHECK(parse_severity(to_string(s)) == s);
  }
  CHECK(to_string(Severity::p1) == "P1");
  for (const char* text : {"", "P", "p1", "P4", "P1 "}) {
    CHECK(!parse_severity(text));
  }
}

TEST_CASE("later stops at the end of time") {
  CHECK(later(at("2026-11-24 03:00"), 1h) == at("2026-11-24 04:00"));
  CHECK(later(Timestamp::max(), 1us) == Timestamp::max());
  CHECK(later(at("1969-01-01 00:00"), Duration::max()) < Timestamp::max());
}
