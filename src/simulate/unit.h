// A timer's service, looked at and started by systemd itself: nobody else gives
// it its control group, sandbox and credentials.
#pragma once

#include <string>

#include "app/simulate_unit.h"
#include "base/result.h"

namespace bezalel::simulate {

// The system's, or that of a user: `as` empty is who asks.
struct Manager {
  enum class Of { system, user } of = Of::system;
  std::string as = {};
};

Result<app::UnitFacts> look_at_unit(const Manager& manager,
                                    const std::string& unit);

// NAME=value a line, that the manager gives to every service; sorted.
std::string manager_environment(const Manager& manager);

// Has it started and waits for its end, however long; what systemctl says goes
// to standard error. What it left behind. Kind::unavailable: systemd could not
// be asked, or did not start it.
Result<app::UnitFacts> start_unit(const Manager& manager,
                                  const std::string& unit);

}  // namespace bezalel::simulate
