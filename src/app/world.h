// Everything outside that the use cases touch, handed down by `main`.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/actor.h"
#include "app/channel.h"
#include "app/inventory.h"
#include "app/settings.h"
#include "app/settle.h"
#include "app/sources.h"
#include "app/store.h"

namespace bezalel::app {

// Held while this process delivers; released by its destructor.
class DeliveryLock {
 public:
  virtual ~DeliveryLock() = default;
};

// References outlive the use case that gets them.
struct World {
  const Clock& clock;
  std::string boot_id;
  const Settings& settings;
  JobSource& jobs;
  RunSource& runs;
  Users& users;
  // The state; a memory store stands in where none can be opened.
  Store& store;
  std::vector<std::unique_ptr<Channel>>& channels;
  Actor& actor;
  // A new event id (ULID).
  std::function<std::string(Timestamp)> new_id;
  // A store in RAM that holds what `reader` does; all empty for null.
  std::function<std::unique_ptr<Store>(StoreReader*)> memory_store;
  // The delivery lock, or null and who has it ("pid 4711").
  std::function<std::unique_ptr<DeliveryLock>(std::string& holder)> lock;
  // Writes bezalel-check.last, after a committed cycle.
  std::function<Result<void>(const Moment&)> write_stamp;
  // The outbound dead-man ping: success, or its /fail with the reason. Absent
  // when none is set.
  std::function<Result<void>(const std::string& trouble)> ping_dead_man;
  // Findings of opening the state (quarantined, rebuilt).
  std::vector<Finding> store_findings;
  // Why the state could not be opened for this look; empty: it was.
  std::string state_trouble;
  bool as_root = false;
  // The host's own schedule; null where it is not looked at (--root).
  InventorySource* inventory = nullptr;
  // What mends the `state_trouble`.
  std::string state_fix = {};
};

inline Moment moment_of(const World& world) {
  return {world.clock.wall(), world.clock.boot(), world.boot_id,
          world.clock.asleep(), world.clock.is_synchronized()};
}

}  // namespace bezalel::app
