// The facts of a report: the host as it is, and what happened since.
#pragma once

#include "app/memory.h"
#include "app/view.h"
#include "app/world.h"

namespace bezalel::app {

// `host` was made by the same look, and `memory` is what that look knew: runs
// that no cycle has taken in yet among it. Kind of the store's own errors.
Result<ReportView> make_report(World& world, const Memory& memory,
                               const HostView& host, Timestamp since);

// Everything that the report lists as a blocker.
int blocker_count(const ReportView& report);

// Time of the last report that was sent, else a day ago.
Result<Timestamp> last_report(StoreReader& reader, Timestamp now);

}  // namespace bezalel::app
