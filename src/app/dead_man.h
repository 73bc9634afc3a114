// The dead-man ping and what is remembered of it. It is the one alarm that is
// missed only when it is needed, so that it fails must be told while the host
// still can.
#pragma once

#include <optional>
#include <string>

#include "app/finding.h"
#include "base/time.h"

namespace bezalel::app {

class StoreReader;
struct World;
struct Settings;

struct DeadMan {
  std::optional<Timestamp> last;           // the last ping that was taken
  std::optional<Timestamp> failing_since;  // the first that was not, since
  std::string last_error;
};

Result<DeadMan> dead_man(StoreReader& reader);

// Pings, with what is wrong where something is, and remembers how it went.
// Nothing to do where no ping is set.
Result<void> ping_dead_man(World& world, const std::string& trouble);

// One that failed for more than three cycles, as of channels.
std::optional<Finding> dead_man_finding(const DeadMan& dead_man,
                                        const Settings& settings,
                                        Timestamp now);

}  // namespace bezalel::app
