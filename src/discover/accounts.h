// Whether cron may run the jobs of a user: the account rules that its PAM stack
// asks before every run, and the lists of crontab(1). Inside of discover.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "app/inventory.h"
#include "crontab/crontab.h"
#include "discover/inventory.h"
#include "discover/root.h"

namespace bezalel::discover {

// Of one line of shadow(5); days, -1 where it says nothing.
struct Shadow {
  int changed = -1;  // day of the last change; 0: it must be changed
  int most = -1;     // days until it must be changed
  int inactive = -1;
  int expires = -1;  // day
};
// nullopt: no such user in it.
std::optional<Shadow> find_shadow(std::string_view text, std::string_view user);

struct AccountState {
  // Why every run is refused; empty: none is.
  std::string refused;
  // Until it will be; absent: it will not. 1: tomorrow.
  std::optional<int> days_left;
  enum class Because { expired, password } because = Because::expired;
};
// As pam_unix(8) 1.5 decides for cron. A locked password ("!") refuses nothing
// there, an account expired (`chage -E`) or a password aged does.
AccountState judge_account(const Shadow& shadow, std::chrono::sys_days today);

// For every user who has a job of cron or at; `daemon` serves cron's.
void add_account_findings(const Root& root,
                          std::optional<crontab::Daemon> daemon,
                          std::chrono::sys_days today, app::Inventory& into);

}  // namespace bezalel::discover
