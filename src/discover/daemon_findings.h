// What is wrong with the cron daemons of the host. Inside of discover.
#pragma once

#include "app/inventory.h"
#include "discover/daemons.h"

namespace bezalel::discover {

// Judges by the jobs that `into` holds: a daemon that has nothing to start is
// missed by nobody.
void add_daemon_findings(const Daemons& daemons, app::Inventory& into);

}  // namespace bezalel::discover
