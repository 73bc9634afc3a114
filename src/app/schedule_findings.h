// Schedules by which a job could never go stale, and other words of a job's
// command that were meant to say how it should go.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/finding.h"
#include "app/look.h"

namespace bezalel::app {

// Their source is the job where no file declares it; what they say does not
// repeat it.
inline constexpr char kScheduleInvalid[] = "schedule-invalid";
inline constexpr char kOptionInvalid[] = "option-invalid";

// Of a schedule that makes no sense, as the job's command or heartbeat says it.
Finding schedule_invalid(const core::JobKey& key, const std::string& why);

// Of the newest run, what its command asked for and nobody understood: a typo
// must not make a demand that is never looked at. `runs` oldest first; `shown`
// is the job as a person knows it, `scheduled` where it stands, if it is known.
std::optional<Finding> option_invalid(const std::vector<RunRow>& runs,
                                      const std::string& shown,
                                      const ScheduledJob* scheduled);

// Of a job whose schedule has no next slot, with the place that declares it.
std::optional<Finding> never_matches(const JudgedJob& judged, Timestamp now);

}  // namespace bezalel::app
