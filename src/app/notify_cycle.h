// `check --notify`: a cycle, its actions, its delivery, its proof.
#pragma once

#include "app/cycle.h"
#include "app/deliver.h"

namespace bezalel::app {

struct NotifyOutcome {
  CycleResult cycle;
  DeliveryResult delivery;
  // Failed actions, ping, stamp: one line each; never fatal.
  std::vector<std::string> troubles;
};

// Commits a cycle, performs what actions it asks for, delivers, and after
// that writes the stamp and pings the dead man. When a channel gives up in the
// delivery, a second cycle tells that over the others. When the state cannot
// be written, judges in RAM and sends uncommitted (FAULTS 23); while another
// process holds it, judges and tells nobody.
Result<NotifyOutcome> check_and_notify(World& world, Keep keep = Keep::all);

// What a cycle would do now, on a copy of the state: its transitions, and in
// its memory's outbox what would be sent to whom. Changes nothing anywhere.
Result<CycleResult> rehearse(World& world, Keep keep = Keep::all);

}  // namespace bezalel::app
