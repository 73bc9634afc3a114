// The port by which something is done about an incident (DESIGN 6).
#pragma once

#include <string>

#include "app/settings.h"
#include "app/sources.h"

namespace bezalel::app {

// Carries out corrective actions: never as our child under systemd, never
// through a shell, bounded in time. A refusal is a result that is not ok.
class Actor {
 public:
  Actor() = default;
  Actor(const Actor&) = delete;
  Actor& operator=(const Actor&) = delete;
  virtual ~Actor() = default;

  // `job` names the unit of the action; it was checked as a JobName.
  virtual ActionResult perform(const Action& action,
                               const std::string& job) = 0;
};

}  // namespace bezalel::app
