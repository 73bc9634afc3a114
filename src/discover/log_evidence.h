// What cron's log says, put to the jobs it is about. Inside of discover; pure.
#pragma once

#include "app/inventory.h"
#include "discover/cron_log.h"
#include "discover/daemons.h"

namespace bezalel::discover {

// Notes the newest start of every job of cron that has one in the log; what has
// no better proof is judged by it. Adds findings of what cron could not do.
// A log that falls silent says something only while a daemon runs; null: none
// does.
void take_log(const CronLog& log, const RunningDaemon* daemon, Timestamp now,
              app::Inventory& into);

}  // namespace bezalel::discover
