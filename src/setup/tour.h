// `bezalel tour`: a minute with real jobs in a directory of their own.
#pragma once

#include <string>

#include "base/result.h"
#include "setup/said.h"

namespace bezalel::setup {

struct TourPlan {
  std::string program;  // the `bezalel` that a person would type
  std::string keep;     // leave everything in this directory; empty: none
};

// Starts real short-interval jobs below a temporary root, lets one be killed,
// one exit non-zero and one not start; shows the panel, the notice, recovery
// and the report by running the same commands a person would. Under a minute.
Result<void> tour(const TourPlan& plan, const Say& say);

}  // namespace bezalel::setup
