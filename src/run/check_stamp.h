// Every job watches the watcher.
#pragma once

#include <string>

#include "run/host.h"

namespace bezalel::run {

// Looks at the stamp of the last `check` (bezalel-check.last). When it is
// older than three of its intervals, says so to syslog, and on standard error
// at most once a day per user (remembered by a file in `dir`). No stamp:
// nothing was ever set up here, nothing is said.
void mind_the_checker(const Host& host, const std::string& dir);

}  // namespace bezalel::run
