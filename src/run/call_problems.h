// What a call of the small program gets wrong, before it is made.
#pragma once

#include <string>
#include <vector>

#include "record/job_name.h"

namespace bezalel::run {

// One line each, as `bezalel run` or `beat` would say itself.
std::vector<std::string> call_problems(const record::OwnCall& call);

}  // namespace bezalel::run
