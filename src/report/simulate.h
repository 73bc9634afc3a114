// What `bezalel simulate` says; the job itself prints the rest.
#pragma once

#include <string>

#include "app/simulate.h"
#include "app/simulate_unit.h"

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

// The same of a timer's service; `job.command` is the unit.
struct SimulatedUnit {
  Simulated job;
  std::string timer;  // "x.timer", "x.timer of ann"
};
// `environment` is what its manager gives to every service, a line each.
std::string unit_text(const SimulatedUnit& unit, const app::UnitFacts& facts,
                      const std::string& environment);
std::string unit_line(const SimulatedUnit& unit);
std::string unit_end_text(const SimulatedUnit& unit,
                          const app::UnitFacts& facts);

}  // namespace bezalel::report
