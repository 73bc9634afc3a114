// Another program run to its end: argv, no shell, bounded in time and output.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace bezalel::sys {

struct CommandResult {
  int status = 0;          // exit status, or 128 + signal
  bool timed_out = false;  // then it was killed with its group
  std::string output;      // both streams, at most 64 KiB, raw
  bool cut = false;        // there was more
};

struct CommandOptions {
  std::string input;  // what it reads on stdin
  Duration timeout = std::chrono::seconds(10);
  // "NAME=value" added to the environment.
  std::vector<std::string> environment;
};

// argv[0] is looked up in PATH. Kind::not_found if there is no such program,
// Kind::unavailable if no process could be made.
Result<CommandResult> run_command(const std::vector<std::string>& argv,
                                  const CommandOptions& options = {});

// With our own streams and environment, and waited for however long. Its exit
// status, or 128 + signal.
Result<int> run_attached(const std::vector<std::string>& argv);

}  // namespace bezalel::sys
