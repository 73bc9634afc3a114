// Starts a job the way a cron daemon does, and waits for it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/simulate.h"

namespace bezalel::simulate {

// By the host's name services. Kind::not_found: no such user.
Result<app::CronUser> find_user(const std::string& name);

// What the host's login sets for all: /etc/environment, then
// /etc/default/locale, as pam.d/cron of Debian names them.
app::Variables host_environment();
// What a process was started with; nothing where it is not there, or not ours
// to see.
app::Variables environment_of(int pid);

// Runs it: a session of its own, the user with all groups, umask 022, its HOME
// as directory (or cron's own, as cron does, where that can not be entered),
// signals as they are by default, no other descriptor. What it prints goes to
// `print` as it comes. Returns its exit status, 128 and the signal's number
// where one ended it, 127 where its shell is not there. Kind::denied: only root
// becomes another user.
Result<int> run(const app::Launch& launch,
                const std::function<void(std::string_view)>& print);

// Where a program would be found that cron's PATH does not hold: in the PATH of
// who asks, the usual directories, or the user's own. Empty: nowhere.
std::string found_elsewhere(const app::Launch& launch,
                            const std::string& program,
                            const std::string& own_path);
// Whether a PATH holds it.
bool holds(const std::string& path, const std::string& program);

}  // namespace bezalel::simulate
