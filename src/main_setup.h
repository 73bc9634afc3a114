// What brings Bezalel onto a host and shows that it works there: `setup`,
// `init`, `adopt`, `doctor`, `drill`, `tour`. Used by main.cc only.
#pragma once

#include "cli/options.h"

namespace bezalel {

// Each returns the exit status of the call.
int run_setup(const cli::Global& global);
int run_init(const cli::Global& global, const cli::InitOptions& options);
int run_adopt(const cli::Global& global, const cli::AdoptOptions& options);
int run_doctor(const cli::Global& global);
int run_drill(const cli::Global& global, const cli::DrillOptions& options);
int run_tour(const cli::TourOptions& options);

}  // namespace bezalel
