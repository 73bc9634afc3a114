// Issues that were open when the state was lost. Those of jobs that are bad are
// found again by their next notice; those of jobs that are well, nobody would
// ever close, nor those of findings that are no more.
#pragma once

#include "app/cycle.h"

namespace bezalel::app {

// The state was lost, and is whole again since it was begun anew.
bool tells_of_lost_state(const Finding& f);

// Once for each tracker of a state that was begun anew. `cycle` was committed.
Result<void> close_forgotten(World& world, const CycleResult& cycle);

}  // namespace bezalel::app
