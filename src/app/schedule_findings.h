// Schedules by which a job could never go stale.
#pragma once

#include <optional>
#include <string>

#include "app/finding.h"
#include "app/look.h"

namespace bezalel::app {

// Of a schedule that makes no sense, as the job's command or heartbeat says it.
Finding schedule_invalid(const core::JobKey& key, const std::string& why);

// Of a job whose schedule has no next slot, with the place that declares it.
std::optional<Finding> never_matches(const JudgedJob& judged, Timestamp now);

}  // namespace bezalel::app
