// One child process: fed, watched, and never left behind.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace bezalel::notify {

struct ChildResult {
  bool timed_out = false;
  int exit_code = 0;  // 128 + signal where killed by one
  std::string err;    // the first 4 KiB of its stderr
};

// Runs argv with exactly this environment, `input` on stdin, stdout thrown
// away; its own process group, which is killed when `timeout` has passed, and
// also when it has ended, so that nothing of it stays. An Error only if it
// could not be started (denied, not_found, ...).
Result<ChildResult> run_child(const std::vector<std::string>& argv,
                              const std::vector<std::string>& environment,
                              const std::string& input, Duration timeout);

}  // namespace bezalel::notify
