// How a job that is not watched comes to be. Inside of report.
#pragma once

#include <string>

#include "app/inventory.h"

namespace bezalel::report {

// The one command that has this job, and all of its table, leave proof.
std::string remedy(const app::ScheduledJob& job,
                   const std::string& bezalel = "bezalel");

// What takes a job out of bezalel that was wrapped before; empty: not known.
std::string what_unwraps(const app::ScheduledJob& job);

}  // namespace bezalel::report
