// Issues that were open when the state was lost. Those of jobs that are bad are
// found again by their next notice; those of jobs that are well, nobody would
// ever close.
#pragma once

#include "app/world.h"

namespace bezalel::app {

// The state was lost, and is whole again since it was begun anew.
bool tells_of_lost_state(const Finding& f);

// Once for each tracker of a state that was begun anew. `bad` are the incidents
// that are open now.
Result<void> close_forgotten(World& world,
                             const std::vector<core::OpenIncident>& bad);

}  // namespace bezalel::app
