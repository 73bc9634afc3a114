// How often a corrective action may be tried; limit = "3/6h".
#pragma once

#include <vector>

#include "app/settings.h"

namespace bezalel::app {

// True when fewer than limit_count of `past` attempts lie within the last
// limit_window before `now`; attempts dated in the future count.
bool allowed(const Action& action, const std::vector<Timestamp>& past,
             Timestamp now);

}  // namespace bezalel::app
