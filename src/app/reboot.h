// @reboot jobs that this boot did not run: the daemon was started again without
// the host, found its own mark of an earlier start, or was never started.
#pragma once

#include <optional>
#include <vector>

#include "app/finding.h"
#include "app/settle.h"
#include "app/store.h"
#include "core/job.h"

namespace bezalel::app {

// So long after the boot nothing is said: jobs wait for the network, too.
inline constexpr Duration kBootPatience = std::chrono::minutes(15);

// nullopt: it ran in this boot, is no @reboot job, or nobody can tell. `runs`
// oldest first; a job that left none never ran, which is not told here. `shown`
// is the job as a person knows it.
std::optional<Finding> reboot_missed(const core::Job& job,
                                     const std::vector<RunRow>& runs,
                                     const Moment& now,
                                     const std::string& shown);

}  // namespace bezalel::app
