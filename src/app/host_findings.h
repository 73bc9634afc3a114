// What is wrong with the host, its clock, its store and its channels, and not
// with one job.
#pragma once

#include <optional>

#include "app/look.h"

namespace bezalel::app {

// False for a wall clock that was never set (1970 at boot), and for one that is
// earlier than the last check of another boot by more than a board loses while
// nothing speaks for it: no time server, and not a day of this boot.
bool clock_is_believable(const std::optional<Cycle>& last, const Moment& now);

// Of a channel that was given up, or that fails for longer than a lapse.
bool cannot_deliver(bool is_dead, const std::optional<Timestamp>& failing_since,
                    const Settings& settings, Timestamp now);

// Adds to the findings, and to what was not seen. Of `look` it reads the step,
// the gap and whether the clock is trusted.
void add_host_findings(const LookInput& in, Look& look);

}  // namespace bezalel::app
