// The bytes of a `.last` file: proof of one successful run (DESIGN 4).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "record/schedule_text.h"

namespace bezalel::record {

// A reader never takes more than this of a `.last` file.
inline constexpr std::size_t kMaxHeartbeatBytes = 4096;

// What one `.last` says. Our own writer sets everything that it knows; simpler
// writers leave only a time, or nothing but the file's mtime.
struct Heartbeat {
  std::string job;  // empty: the file's stem counts
  Timestamp at;     // when the run had succeeded
  // CLOCK_BOOTTIME at `at`, within `boot_id`.
  std::optional<BootTime> boottime;
  std::string boot_id;
  std::optional<Duration> interval;
  ScheduleText schedule;
  std::string host;
  std::string run_id;
  std::optional<Timestamp> started;
  std::optional<Duration> duration;
  std::optional<int> exit_code;

  friend bool operator==(const Heartbeat&, const Heartbeat&) = default;
};

// One JSON object with a final newline, never longer than kMaxHeartbeatBytes
// (`schedule` is dropped first, then refused by the caller's own limits).
std::string encode(const Heartbeat& heartbeat);

// Accepts what DESIGN 4 lists: our JSON; an empty file (its mtime counts); an
// epoch number; an ISO 8601 line; JSON with timestamp|ts|time|last_run and
// interval_seconds|interval (a number of seconds or a time span). `bytes` is
// the whole file, at most kMaxHeartbeatBytes. Kind::corrupt with a short
// reason ("not JSON, a number or a time", "empty object", ...) otherwise.
Result<Heartbeat> decode_heartbeat(std::string_view bytes, Timestamp mtime);

}  // namespace bezalel::record
