// How often a corrective action may run: limit = "3/6h".
#pragma once

#include <vector>

#include "app/settings.h"
#include "base/time.h"

namespace bezalel::app {

// Pure. An attempt counts, whatever became of it, while it is younger than the
// window; one from the future (a stepped clock) counts as well, so that no
// clock lets an action loop.
bool allowed(const Action& action, const std::vector<Timestamp>& attempts,
             Timestamp now);

}  // namespace bezalel::app
