// One cycle of the checker: look, remember, reconcile, tell.
//
//   scan heartbeats, read new runs          (no lock)
//   BEGIN IMMEDIATE
//     take in runs, judge, reconcile        (repeated inside, so that two
//     write incidents, events, outbox        checkers open one incident)
//   COMMIT
//   deliver the outbox                      (app/deliver.h, its own lock)
//
// Transition, event and outbox rows are one transaction: a kill at any system
// call leaves a state from which the next cycle goes on.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/look.h"
#include "app/view.h"
#include "app/world.h"

namespace bezalel::app {

struct CycleResult {
  Coverage coverage;  // the look points into it
  Look look;
  // As it stands after the cycle; of a cycle, not of a look alone, without what
  // is known of jobs and runs.
  Memory memory;
  std::vector<TransitionView> transitions;
  // What went wrong with the state: the cycle was judged in RAM and its
  // notices were sent uncommitted (FAULTS 23), or not at all, where another
  // process holds it. Empty: committed.
  std::string uncommitted;
};

// `store` is where the cycle is committed (world.store, or one in RAM).
Result<CycleResult> run_cycle(World& world, Store& store,
                              Keep keep = Keep::all);

// A look that writes nothing and tells nobody.
Result<CycleResult> only_look(World& world, Keep keep = Keep::all);

// All that `source` finds scheduled; what is not wrapped and leaves proof by
// itself, or is declared, has Watch::heartbeat.
Result<Inventory> look_at_schedule(World& world, InventorySource& source);

}  // namespace bezalel::app
