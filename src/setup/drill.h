// `bezalel drill`: a made-up job goes silent and recovers, on the real
// channels, in under a minute.
#pragma once

#include "app/world.h"
#include "setup/reach.h"
#include "setup/said.h"

namespace bezalel::setup {

struct DrillPlan {
  // Where the made-up job's heartbeat goes, and whose it is.
  std::string heartbeats_dir;
  std::uint32_t uid = 0;
  Duration every = std::chrono::seconds(5);
};

// Says each step with its local time (LOOK 8). Nothing: every channel got both
// notices, and alarms go to a channel. An obstacle: they do not, whatever the
// channels take, and none was asked. Kind::unavailable: not all took them; what
// is missing was said. The made-up job is gone afterwards, whatever happened.
Result<std::optional<Obstacle>> drill(app::World& world, const DrillPlan& plan,
                                      const Say& say);

}  // namespace bezalel::setup
