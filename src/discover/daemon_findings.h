// What is wrong with the cron daemons of the host. Inside of discover.
#pragma once

#include "app/inventory.h"
#include "discover/daemons.h"
#include "schedule/zone.h"

namespace bezalel::discover {

// `zone` is the host's. Judges by the jobs that `into` holds: a daemon that has
// nothing to start is missed by nobody.
void add_daemon_findings(const Daemons& daemons, const schedule::Zone& zone,
                         app::Inventory& into);

}  // namespace bezalel::discover
