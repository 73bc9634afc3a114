// Findings that explain why nothing of cron is started.
#pragma once

#include <string_view>

#include "app/finding.h"

namespace bezalel::app {

// A daemon is there and starts nothing.
inline constexpr char kCronStuck[] = "cron-stuck";
// A FIFO lies where the daemon reads its tables, and it waits there.
inline constexpr char kCronBlocked[] = "cron-blocked";
// The cron daemon runs, and its log shows nothing of what was due.
inline constexpr char kCronSilent[] = "cron-silent";

inline bool stops_cron(std::string_view id) {
  return id == kCronDead || id == kCronStuck || id == kCronSilent ||
         id == kCronBlocked;
}

}  // namespace bezalel::app
