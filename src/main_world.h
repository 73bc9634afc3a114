// The composition of the full program: which files, which state, which
// channels this call works on. Used by main.cc only.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/world.h"
#include "cli/commands.h"
#include "heartbeat/reader.h"
#include "heartbeat/run_log_reader.h"
#include "main_here.h"
#include "settings/users.h"
#include "store/sqlite/open.h"
#include "sys/clock.h"

namespace bezalel {

// What becomes of a command that would write to a state which is no file of
// ours. Alarms go on: it is the last thing that should cost one.
enum class WithoutState { refuse, go_on };

// Owns everything that app::World borrows. Not movable: the world refers to
// its members.
class Everything {
 public:
  Everything(Here here, app::Settings settings, settings::SystemUsers& users);
  Everything(const Everything&) = delete;
  Everything& operator=(const Everything&) = delete;
  ~Everything();

  // Opens the state; what cannot be opened is stood in for by an empty store
  // in memory, and said in world().state_trouble or a finding. An error only
  // where going on would be wrong (a newer schema); or, for a command that
  // promises to remember something, whenever it can not be written at all.
  Result<void> open_state(store::Mode mode,
                          WithoutState without = WithoutState::refuse);

  app::World& world() { return *world_; }
  const cli::Place& place() const { return place_; }
  const Here& here() const { return here_; }

 private:
  void make_channels();
  void make_world();
  void make_place();
  Result<void> send_report(const std::string& sink, const std::string& text,
                           const std::string& subject);

  Here here_;
  app::Settings settings_;
  settings::SystemUsers& users_;
  sys::SystemClock clock_;
  heartbeat::Options reading_;
  heartbeat::HeartbeatReader jobs_;
  heartbeat::RunLogReader runs_;
  std::unique_ptr<app::Store> store_;
  std::vector<std::unique_ptr<app::Channel>> channels_;
  std::unique_ptr<app::Actor> actor_;
  std::unique_ptr<app::InventorySource> inventory_;  // null: --root
  std::unique_ptr<app::World> world_;
  cli::Place place_;
};

}  // namespace bezalel
