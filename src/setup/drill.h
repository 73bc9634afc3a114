// `bezalel drill`: a made-up job goes silent and recovers, on the real
// channels, in under a minute.
#pragma once

#include "app/world.h"
#include "setup/reach.h"
#include "setup/said.h"
#include "sys/file.h"

namespace bezalel::setup {

struct DrillPlan {
  // Where the made-up job's heartbeat goes, and whose it is.
  std::string heartbeats_dir;
  std::uint32_t uid = 0;
  Duration every = std::chrono::seconds(5);
  // One drill at a time: two would make up the same job.
  std::string lock;
  std::optional<sys::Owner> lock_owner = {};
};

// Says each step with its local time (LOOK 8). Nothing: every channel got both
// notices, and alarms go to a channel. An obstacle: they do not, whatever the
// channels take, and none was asked. Kind::unavailable: not all took them; what
// is missing was said. Kind::conflict: another drill is going on. The made-up
// job is gone afterwards, whatever happened.
Result<std::optional<Obstacle>> drill(app::World& world, const DrillPlan& plan,
                                      const Say& say);

}  // namespace bezalel::setup
