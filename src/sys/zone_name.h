// What the time zone of a root is called.
#pragma once

#include <string>

namespace bezalel::sys {

// Of `root`, "" for this host's own: where /etc/localtime points. Where that is
// a file (a copy, or one that a container was given), the zone that
// /etc/timezone names or any other of the database whose rules from now on are
// the same (tzfile(5): its last line). "UTC" where there is none.
std::string zone_name(const std::string& root);

}  // namespace bezalel::sys
