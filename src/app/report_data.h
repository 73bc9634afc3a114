// The facts of a report: the host as it is, and what happened since.
#pragma once

#include "app/view.h"
#include "app/world.h"

namespace bezalel::app {

// `host` was made by the same look. Kind of the store's own errors.
Result<ReportView> make_report(World& world, const HostView& host,
                               Timestamp since);

// Time of the last report that was sent, else a day ago.
Result<Timestamp> last_report(StoreReader& reader, Timestamp now);

}  // namespace bezalel::app
