// What `bezalel simulate` says; the job itself prints the rest.
#pragma once

#include <string>

#include "app/simulate.h"

namespace bezalel::report {

// A job as people name it: "db-backup of root".
struct Simulated {
  std::string name, user;
  std::string command;  // secrets removed
};

// Everything it would be started with.
std::string launch_text(const Simulated& job, const app::Launch& launch);
// One line before it is started.
std::string launch_line(const Simulated& job, const app::Launch& launch);

// How it ended, and for 126 and 127 why. `program` is the word of the command
// that does the work, `elsewhere` where it is although PATH does not hold it.
struct Ended {
  int status = 0;
  std::string program, elsewhere;
  bool held = true;  // by cron's PATH
};
std::string end_text(const app::Launch& launch, const Ended& ended);

}  // namespace bezalel::report
