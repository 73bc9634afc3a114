// Which corrective action a verdict asks for, and how often it may run:
// limit = "3/6h".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/settings.h"
#include "base/time.h"

namespace bezalel::app {

// The key of a job's table that a verdict asks for: "on_stale" when it did not
// come, "on_failed" when it came and did not end well. Empty: none, since
// evidence that cannot be trusted says nothing about the job.
std::string_view action_key(std::string_view verdict);

// What is there under that key.
const std::optional<Action>& wanted_action(const DeclaredJob& job,
                                           std::string_view verdict);

// Why nothing is tried at that verdict: "nothing (no on_failed for this job)",
// or why the one that is written there does not count. Empty: there is an
// action, or none can be. `job`: null where nobody declared it.
std::string why_untried(const DeclaredJob* job, std::string_view verdict);

// Pure. An attempt counts, whatever became of it, while it is younger than the
// window; one from the future (a stepped clock) counts as well, so that no
// clock lets an action loop.
bool allowed(const Action& action, const std::vector<Timestamp>& attempts,
             Timestamp now);

}  // namespace bezalel::app
