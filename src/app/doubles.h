// What is scheduled twice, and different commands that have one name. Inside of
// coverage.
#pragma once

#include <string>
#include <vector>

#include "app/coverage.h"

namespace bezalel::app {

// Both do the same: the commands, without their wrappers and comments.
bool same_work(const std::string& a, const std::string& b);

// Different commands that one name makes one job: where one goes well, nobody
// learns that the other is not started any more.
std::vector<Finding> shared_names(const std::vector<ScheduledJob>& jobs);

// Of one name and doing the same, in different places; or a file of cron and a
// timer of one name.
std::vector<Twice> started_twice(const std::vector<CoveredJob>& jobs);

}  // namespace bezalel::app
