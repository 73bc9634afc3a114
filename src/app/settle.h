// Clocks settled before the core sees them (DESIGN 5).
#pragma once

#include <optional>
#include <string>

#include "base/time.h"

namespace bezalel::app {

// One `now` for a whole cycle, both clocks read together.
struct Moment {
  Timestamp wall;
  BootTime boot;
  std::string boot_id;
  // Of this boot, the host was suspended so long; nullopt: not known.
  std::optional<Duration> asleep = std::nullopt;
  // A time server sets the wall clock.
  bool synchronized = false;
};

// Up to this far ahead is jitter between processes, and clamped.
inline constexpr Duration kFutureSlack = std::chrono::seconds(5);

// After a boot the clock may be this far behind what was remembered before it
// is called wrong: clocks of boards lose that much.
inline constexpr Duration kBootClockSlack = std::chrono::hours(1);

// A clock that was not put right for so long after a boot is right: what was
// remembered before came of a wrong one.
inline constexpr Duration kClockDoubted = std::chrono::hours(24);

// When something that a writer dated `claimed` (and `boottime` within
// `boot_id`, where it knew) happened, on the wall clock as it reads now. In the
// same boot the boot clock decides, so a stepped wall clock moves nothing.
// nullopt: it lies in the future and cannot be trusted.
std::optional<Timestamp> settle(Timestamp claimed,
                                const std::optional<BootTime>& boottime,
                                const std::string& boot_id, const Moment& now);

// How far the wall clock moved against the boot clock between two moments of
// one boot; zero across boots (it cannot be known) and within a second.
Duration clock_step(const Moment& then, const Moment& now);

}  // namespace bezalel::app
