// The at queue: jobs that run once, and whether somebody runs them. Inside of
// discover.
#pragma once

#include "discover/daemons.h"
#include "discover/inventory.h"
#include "discover/root.h"

namespace bezalel::discover {

// Adds what waits, and findings: no atd runs, or it lets a job wait.
void add_at_queue(const Root& root, const Daemons& daemons,
                  const Options& options, Timestamp now, app::Inventory& into);

}  // namespace bezalel::discover
