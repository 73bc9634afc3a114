// Findings that explain why what is scheduled is not started.
#pragma once

#include <string>
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

// PAM lets cron start nothing of an account, or of any.
inline constexpr char kAccountRefused[] = "account-refused";
inline constexpr char kEverybody[] = "everybody";
inline std::string account_of(const std::string& user) {
  return "account of " + user;
}

// What is wrong with a timer, and not only beside it.
inline bool stops_timer(std::string_view id) {
  return id == "timer-swallowed" || id == "timer-broken" ||
         id == "timer-no-next" || id == "timer-late";
}

}  // namespace bezalel::app
