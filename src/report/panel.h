// The Heartbeat Panel as a table and as a list of marks.
#pragma once

#include "app/view.h"
#include "report/doc.h"

namespace bezalel::report {

void put_panel(Doc& doc, const app::HostView& host);
// `- db_backup stale 2d 4h (2.2x of 1d)`; `+` for what is well.
void put_marks(Doc& doc, const app::HostView& host);

}  // namespace bezalel::report
