// How a job that is not watched comes to be.
#pragma once

#include <string>

#include "app/inventory.h"

namespace bezalel::app {

// The one command that has this job, and all of its table, leave proof.
std::string remedy(const ScheduledJob& job,
                   const std::string& bezalel = "bezalel");

}  // namespace bezalel::app
