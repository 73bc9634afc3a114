// What jobs have left behind, as coverage.h wants to know it.
#pragma once

#include <map>
#include <optional>

#include "app/inventory.h"
#include "app/memory.h"
#include "app/settings.h"
#include "app/sources.h"

namespace bezalel::app {

// Of every job that is scheduled: the start of the newest run that left a
// heartbeat or a record, the end of time where a job file declares it; nullopt:
// neither.
std::map<core::JobKey, std::optional<Timestamp>> newest_proofs(
    const Inventory& inventory, const Settings& settings,
    const HeartbeatScan& scan, const Memory& memory);

}  // namespace bezalel::app
