// What jobs have left behind, as coverage.h wants to know it.
#pragma once

#include <map>
#include <optional>

#include "app/inventory.h"
#include "app/memory.h"
#include "app/settings.h"
#include "app/sources.h"

namespace bezalel::app {

struct Proofs {
  // The start of the newest run that left a heartbeat or a record by its own
  // means, the end of time where a job file declares it; nullopt: neither.
  std::optional<Timestamp> newest;
  // Runs recorded by bezalel-sh: of those, only its line's SHELL can leave
  // another.
  bool by_shell = false;
};

// Of every job that is scheduled.
std::map<core::JobKey, Proofs> proofs_of(const Inventory& inventory,
                                         const Settings& settings,
                                         const HeartbeatScan& scan,
                                         const Memory& memory);

}  // namespace bezalel::app
