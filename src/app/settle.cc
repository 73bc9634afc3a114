#include "app/settle.h"

#include <algorithm>

namespace bezalel::app {
namespace {

// Two readings of two clocks are never taken at the same instant; less than
// this between them is not a step.
constexpr Duration kStepNoise = std::chrono::seconds(1);

Duration magnitude(Duration d) {
  return d < Duration::zero() ? -d : d;
}

}  // namespace

std::optional<Timestamp> settle(Timestamp claimed,
                                const std::optional<BootTime>& boottime,
                                const std::string& boot_id, const Moment& now) {
  Timestamp at = claimed;
  if (boottime && !boot_id.empty() && boot_id == now.boot_id) {
    const Timestamp by_boot = now.wall - (now.boot - *boottime);
    // The writer's own claim is kept while both agree, so that the same file
    // gives the same instant at every look.
    if (magnitude(by_boot - claimed) > kStepNoise) at = by_boot;
  }
  if (at > now.wall + kFutureSlack) return std::nullopt;
  return std::min(at, now.wall);
}

Duration clock_step(const Moment& then, const Moment& now) {
  if (then.boot_id.empty() || then.boot_id != now.boot_id) return {};
  const Duration step = (now.wall - then.wall) - (now.boot - then.boot);
  return magnitude(step) > kStepNoise ? step : Duration::zero();
}

}  // namespace bezalel::app
