// `bezalel status` and `bezalel logs`.
#pragma once

#include <string>
#include <vector>

#include "report/check.h"

namespace bezalel::report {

// Every job, worst first, with what happened to the bad ones.
std::string status_panel_text(const app::HostView& host,
                              const TextOptions& options);

// LOOK 2: one job with its newest runs. `runs`: newest first.
std::string status_job_text(const app::HostView& host, const app::JobView& job,
                            const std::vector<app::RunView>& runs,
                            const TextOptions& options);

// Kept output of each run, newest first, every line behind `|` (standard
// output) or `!` (standard error).
std::string logs_text(const app::HostView& host, const app::JobView& job,
                      const std::vector<app::RunView>& runs);

}  // namespace bezalel::report
