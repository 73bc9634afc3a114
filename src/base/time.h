// Times as types that do not mix: wall clock, boot clock, durations.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace bezalel {

// All durations and instants count microseconds.
using Duration = std::chrono::microseconds;

// An instant of the wall clock, UTC, since 1970-01-01. Can step.
using Timestamp = std::chrono::sys_time<Duration>;

// CLOCK_BOOTTIME: since the kernel started, suspended time included. Never
// steps; only comparable within one boot id.
struct BootClock {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<BootClock>;
  static constexpr bool is_steady = true;
};
using BootTime = BootClock::time_point;

// Where time comes from. Only `main` makes a real one; everything below gets
// a Timestamp, or, in a loop, a const Clock&.
class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;

  virtual Timestamp wall() const = 0;
  virtual BootTime boot() const = 0;
  // How much of this boot the host was suspended; nullopt: nobody can tell.
  virtual std::optional<Duration> asleep() const { return std::nullopt; }
  // A time server sets the wall clock. False: none does, or nobody can tell.
  virtual bool is_synchronized() const { return false; }
};

// Unix seconds with up to six decimals ("1795500000.25"); no exponent, no
// trailing zeros. Both directions are exact.
std::string format_unix(Timestamp t);
std::optional<Timestamp> parse_unix(std::string_view text);
double to_unix_seconds(Timestamp t);
Timestamp from_unix_seconds(std::int64_t seconds);

// "2026-03-29T01:00:00Z". Fractions are cut off.
std::string format_rfc3339(Timestamp t);

// RFC 3339, and ISO 8601 as people and `date -Is` write it: "T" or one blank,
// seconds and fraction optional, "Z", "+hh:mm", "+hhmm", "+hh", or no offset
// (then UTC). Kind::invalid otherwise.
Result<Timestamp> parse_rfc3339(std::string_view text);

// "20261124", the UTC day.
std::string format_utc_day(Timestamp t);

// Seconds as JSON and options show them: "86400", "0.25".
std::string format_seconds(Duration d);
double to_seconds(Duration d);

}  // namespace bezalel
