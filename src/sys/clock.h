// The real clocks, and the facts of this boot.
#pragma once

#include <string>

#include "base/time.h"

namespace bezalel::sys {

// CLOCK_REALTIME and CLOCK_BOOTTIME, of which CLOCK_MONOTONIC lacks what the
// host was suspended. Made by `main` only. In a build with BEZALEL_TEST_CLOCK,
// BEZALEL_TEST_NOW (Unix seconds, or +SECONDS / -SECONDS relative) moves the
// wall clock and BEZALEL_TEST_BOOT (same forms) the boot clock,
// BEZALEL_TEST_ASLEEP the time suspended, and nobody synchronizes a moved wall
// clock; a release does not look at them.
class SystemClock final : public Clock {
 public:
  Timestamp wall() const override;
  BootTime boot() const override;
  std::optional<Duration> asleep() const override;
  bool is_synchronized() const override;
};

// /proc/sys/kernel/random/boot_id without dashes kept as is; empty if it
// cannot be read. BEZALEL_TEST_BOOT_ID in a test-clock build.
std::string boot_id();

}  // namespace bezalel::sys
