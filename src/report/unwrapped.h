// What took a job out of its wrapper. Inside of report.
#pragma once

#include <string>

#include "app/inventory.h"

namespace bezalel::report {

// What takes a job out of bezalel that was wrapped before; empty: not known.
std::string what_unwraps(const app::ScheduledJob& job);

}  // namespace bezalel::report
