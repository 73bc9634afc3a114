// NAME and USER/NAME as people type them, to one job (DESIGN 2).
#pragma once

#include <string>
#include <vector>

#include "app/sources.h"

namespace bezalel::app {

// NAME is the only job of that name; USER/NAME any (USER a name or a number);
// a name made by job_name() may leave out its -hhhh where that is unique.
// Kind::not_found names the command that lists them, `listing`; Kind::conflict
// lists the ambiguous ones.
Result<core::JobKey> resolve(const std::string& text,
                             const std::vector<core::JobKey>& jobs,
                             Users& users, const std::string& listing);

}  // namespace bezalel::app
