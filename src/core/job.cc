#include "core/job.h"

#include <algorithm>
#include <cmath>

namespace bezalel::core {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// A start a moment before its slot (clock jitter) is that slot's.
constexpr Duration kJitter = seconds(5);
constexpr Duration kDefaultGrace = minutes(15);
constexpr Duration kLongestGrace = hours(6);
constexpr Duration kShortestGrace = minutes(5);
constexpr Duration kShortestLimit = minutes(10);
constexpr int kRunsForP95 = 10;
constexpr int kSkipsInRow = 3;

// Whether a slot is satisfied by what starts in it or by what succeeds.
enum class Seen { starts, late_starts, successes };

struct Base {
  Timestamp at;
  Seen seen;
};

const schedule::Schedule* schedule_of(const Job& job) {
  return job.expectation ? &job.expectation->schedule : nullptr;
}

Timestamp last_success_or_declared(const Job& job, const Facts& facts) {
  return facts.last_success.value_or(job.declared_since);
}

std::optional<Timestamp> slot_after(const Job& job, Timestamp t) {
  return schedule::next_after(job.expectation->schedule, t);
}

std::optional<Timestamp> due_after(const Job& job, Timestamp base) {
  return slot_after(job, later(base, kJitter));
}

Duration distance_to_next(const Job& job, Timestamp slot) {
  const auto next = slot_after(job, slot);
  return next ? std::min<Duration>(*next - slot, kLongestGrace) : kLongestGrace;
}

Duration grace_of(const Job& job, Seen seen, Timestamp slot) {
  const Expectation& e = *job.expectation;
  if (e.grace) return *e.grace;
  Duration grace = kShortestGrace;
  if (seen != Seen::successes) {
    grace = kDefaultGrace + e.scheduler_delay +
            schedule::dst_catch_up(e.schedule, slot);
  }
  if (seen == Seen::starts) return grace;
  return std::max<Duration>(grace, distance_to_next(job, slot));
}

// What the next slot is counted from. A success beyond the slot that follows
// the last known start shows a run whose start we do not know (the job is no
// longer wrapped), or one that ran across the slot: either way it has just
// proven itself, and judging it by the old start would be a false alarm.
Base base_of(const Job& job, const Facts& facts) {
  const Base by_success{last_success_or_declared(job, facts), Seen::successes};
  if (!facts.has_runs) return by_success;
  const Seen seen = facts.starts_late ? Seen::late_starts : Seen::starts;
  if (!facts.last_start) return {by_success.at, seen};
  const Base by_start{*facts.last_start, seen};
  if (!facts.last_success) return by_start;
  const auto due = due_after(job, by_start.at);
  return due && *facts.last_success > *due ? by_success : by_start;
}

Window every_window(const Job& job, const Facts& facts, Duration interval) {
  Timestamp base = last_success_or_declared(job, facts);
  // No success of it is ever seen: what it leaves has to count.
  if (facts.starts_alone && facts.last_start) {
    base = std::max(base, *facts.last_start);
  }
  if (job.expectation->grace) {
    const Timestamp due = later(base, interval);
    return {due, later(due, *job.expectation->grace)};
  }
  // In floating point: a factor of 1.5 is exact for any interval below 285
  // years, and the rest saturates.
  const double factor = job.factor > 1.0 ? job.factor : 1.0;  // not for NaN
  const double limit =
      std::floor(static_cast<double>(interval.count()) * factor);
  const Duration allowed =
      limit < 9.2e18 ? Duration(std::llround(limit)) : Duration::max();
  return {later(base, interval),
          later(base, std::max<Duration>(allowed, interval))};
}

bool within(const Gap& gap, Timestamp t) {
  return gap.from < t && t <= gap.to;
}

bool fell_due_in(const Gap& gap, const Window& window) {
  return within(gap, window.due) || within(gap, window.deadline);
}

std::optional<Window> window_before_gap(const Job& job, const Facts& facts) {
  const schedule::Schedule* s = schedule_of(job);
  if (!s) return std::nullopt;
  if (const auto* every = std::get_if<schedule::Every>(s)) {
    return every_window(job, facts, every->interval);
  }
  if (!schedule::has_slots(*s)) return std::nullopt;
  const Base base = base_of(job, facts);
  const auto due = due_after(job, base.at);
  if (!due) return std::nullopt;
  return Window{*due, later(*due, grace_of(job, base.seen, *due))};
}

Timestamp put_off(const Job& job, const Facts& facts, const Window& window) {
  const Timestamp end = facts.gap->to;
  if (const auto* every = std::get_if<schedule::Every>(schedule_of(job))) {
    return later(end, every->interval);
  }
  const auto slot = slot_after(job, end);
  if (!slot) return window.deadline;
  return later(*slot, grace_of(job, base_of(job, facts).seen, *slot));
}

}  // namespace

std::string_view to_string(Severity s) {
  switch (s) {
    case Severity::p1:
      return "P1";
    case Severity::p2:
      return "P2";
    case Severity::p3:
      return "P3";
  }
  return "";
}

std::optional<Severity> parse_severity(std::string_view text) {
  for (const Severity s : {Severity::p1, Severity::p2, Severity::p3}) {
    if (text == to_string(s)) return s;
  }
  return std::nullopt;
}

Timestamp later(Timestamp t, Duration d) {
  return t > Timestamp::max() - d ? Timestamp::max() : t + d;
}

std::optional<Window> window_of(const Job& job, const Facts& facts) {
  auto window = window_before_gap(job, facts);
  if (window && facts.gap && fell_due_in(*facts.gap, *window)) {
    window->deadline = std::max(window->deadline, put_off(job, facts, *window));
  }
  return window;
}

bool is_done(const Job& job, const Facts& facts) {
  const schedule::Schedule* s = schedule_of(job);
  if (!s || !schedule::has_slots(*s)) return false;
  // Where only starts are ever seen, they have to do.
  const auto proof = facts.starts_alone && facts.last_start
                         ? facts.last_start
                         : facts.last_success;
  if (!proof || slot_after(job, *proof + kJitter)) return false;
  const auto last = schedule::previous_before(*s, later(*proof, 2 * kJitter));
  if (!last) return false;
  const bool known = job.declared_since > Timestamp{};
  if (known && job.declared_since <= *last) return true;
  const Base base = base_of(job, facts);
  return base.at <= later(*last, grace_of(job, base.seen, *last));
}

std::optional<Gap> gap_that_matters(const Job& job, const Facts& facts,
                                    const std::vector<Gap>& gaps) {
  const auto window = window_before_gap(job, facts);
  if (!window) return std::nullopt;
  for (const Gap& gap : gaps) {
    if (fell_due_in(gap, *window)) return gap;
  }
  return std::nullopt;
}

std::optional<Duration> interval_of(const Job& job, const Facts& facts,
                                    Timestamp /*now*/) {
  const schedule::Schedule* s = schedule_of(job);
  if (!s) return std::nullopt;
  if (const auto* every = std::get_if<schedule::Every>(s)) {
    return every->interval;
  }
  const auto window = window_before_gap(job, facts);
  if (!window) return std::nullopt;
  const auto following = slot_after(job, window->due);
  if (!following) return std::nullopt;
  return *following - window->due;
}

std::optional<Duration> limit_of(const Job& job, const Facts& facts,
                                 const OpenRun& run) {
  const bool from_above =
      job.expectation && job.expectation->source < ExpectationSource::run;
  if (from_above && job.expectation->max) return job.expectation->max;
  if (run.max) return run.max;
  if (job.expectation && job.expectation->max) return job.expectation->max;
  auto limit = interval_of(job, facts, run.started);
  if (facts.completed_runs >= kRunsForP95 && facts.p95) {
    const Duration p95 = std::min<Duration>(*facts.p95, Duration::max() / 3);
    limit = std::max<Duration>(limit.value_or(Duration::zero()), 3 * p95);
  }
  if (!limit) return std::nullopt;
  return std::max<Duration>(*limit, kShortestLimit);
}

int confirm_of(const Job& job, const Facts& facts) {
  if (job.confirm) return std::max(*job.confirm, 1);
  const auto interval = interval_of(job, facts, job.declared_since);
  return interval && *interval < hours(1) ? 3 : 1;
}

bool row_holds(const Job& job, const Facts& facts) {
  const Row& row = facts.row;
  if (row.failures <= 0 && row.skips <= 0) return false;
  const Timestamp end = row.last_end.value_or(row.first_failure);
  if (facts.last_success && *facts.last_success > end) return false;
  if (row.skips >= kSkipsInRow) return true;
  if (row.failures <= 0) return false;
  const schedule::Schedule* schedule = schedule_of(job);
  // What is not to come cannot confirm it.
  const bool was_last = schedule && schedule::has_slots(*schedule) &&
                        !schedule::next_after(*schedule, end);
  return was_last || row.failures >= confirm_of(job, facts);
}

std::optional<double> ratio_of(const Job& job, const Facts& facts,
                               Timestamp now) {
  const schedule::Schedule* s = schedule_of(job);
  if (!facts.last_success || !s) return std::nullopt;
  Duration expected{};
  if (const auto* every = std::get_if<schedule::Every>(s)) {
    expected = every->interval;
  } else if (const auto window = window_before_gap(job, facts)) {
    expected = window->due - *facts.last_success;
  }
  if (expected <= Duration::zero()) return std::nullopt;
  const Duration age =
      std::max<Duration>(now - *facts.last_success, Duration::zero());
  return static_cast<double>(age.count()) /
         static_cast<double>(expected.count());
}

}  // namespace bezalel::core
