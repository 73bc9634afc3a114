// What a manager tells of a timer, as the evidence by which it is judged.
// Inside of discover; pure.
#pragma once

#include "app/inventory.h"
#include "discover/timer_findings.h"

namespace bezalel::discover {

// systemd calls a run a success whose process ended badly: its unit may have it
// so (Told::excuses), or somebody made systemd forget the failure.
bool needs_excuse(const Told& told);

app::TimerEvidence evidence_of(const Told& told);

}  // namespace bezalel::discover
