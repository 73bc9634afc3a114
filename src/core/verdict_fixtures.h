// What the tests of verdicts share.
#pragma once

#include "core/job_fixtures.h"
#include "core/verdict.h"

namespace bezalel::core::fixtures {

inline const Timestamp kStart = at("2026-11-23 03:00");

inline void check_status(const Job& job, const Facts& facts, Timestamp now,
                         const char* expected) {
  CHECK(to_string(status_of(evaluate(job, facts, now))) == expected);
}

// The status changes from `before` to `after` the moment after `last`, and
// next_change said so.
inline void check_turn(const Job& job, const Facts& facts, const char* before,
                       Timestamp last, const char* after) {
  const Verdict verdict = evaluate(job, facts, last);
  CHECK(to_string(status_of(verdict)) == before);
  CHECK(next_change(verdict) == std::optional<Timestamp>(last + kTick));
  check_status(job, facts, last + kTick, after);
}

inline Job hourly_slots() {
  return job_with(cron("0 * * * *"));
}

}  // namespace bezalel::core::fixtures
