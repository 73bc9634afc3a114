// Where users' crontabs lie. Inside of discover.
#pragma once

#include <string>
#include <vector>

#include "discover/daemons.h"
#include "discover/root.h"

namespace bezalel::discover {

// Where the daemon that runs was told to look, else where its kind does. Alpine
// has /var/spool/cron/crontabs as a link to /etc/crontabs: one place.
std::vector<std::string> spools_of(const Root& root, const Daemons& daemons);

bool same_file(const Root& root, const std::string& a, const std::string& b);

}  // namespace bezalel::discover
