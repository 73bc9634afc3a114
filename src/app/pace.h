// A run that succeeded in a time that none of its job's runs before took: over
// at once, as one that did nothing, or far longer than ever.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/finding.h"
#include "app/store.h"
#include "core/job.h"

namespace bezalel::app {

// Of the newest run: under a tenth of the median of the successes before it, at
// most the last 30, or over three times, and less or more than any of them; a
// job that takes now this long and now that has no pace. Nothing is said with
// fewer than ten before it, nor of a job that is over within ten seconds.
// `runs` oldest first; `shown` is the job as a person knows it.
std::optional<Finding> out_of_pace(const core::JobKey& key,
                                   const std::vector<RunRow>& runs,
                                   const std::string& shown,
                                   const std::string& bezalel);

}  // namespace bezalel::app
