// `bezalel simulate`: finds the job, and starts it as its scheduler would. Used
// by main.cc only.
#pragma once

#include "cli/options.h"

namespace bezalel {

// What the job prints goes to standard output as it comes; the exit status is
// the job's.
cli::Said run_simulate(const cli::Global& global,
                       const cli::SimulateOptions& options);

}  // namespace bezalel
