// The port by which corrective actions are carried out (DESIGN 6).
#pragma once

#include <string>

#include "app/settings.h"
#include "app/sources.h"

namespace bezalel::app {

class Actor {
 public:
  Actor() = default;
  Actor(const Actor&) = delete;
  Actor& operator=(const Actor&) = delete;
  virtual ~Actor() = default;

  // Returns when the action has ended or its timeout has passed; what it says
  // is one line for the notice. Whether it may run at all (limit) is judged
  // before: allowed() in app/action_limit.h.
  virtual ActionResult perform(const Action& action,
                               const std::string& job) = 0;
};

}  // namespace bezalel::app
