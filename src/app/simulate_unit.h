// A timer's service, as systemd would start it, and how it ended: what
// `systemctl show` tells. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/simulate.h"

namespace bezalel::app {

struct UnitFacts {
  std::string load_state;             // "loaded", "masked", "not-found"
  std::string active_state;           // "inactive", "activating", "active", ...
  std::string type;                   // "oneshot", "simple", ...
  std::vector<std::string> commands;  // of ExecStart=, words joined by blanks
  std::string user;                   // empty: the manager's own
  std::string directory;
  std::string environment;         // of Environment=, as systemctl writes it
  std::vector<std::string> files;  // of EnvironmentFile=, in their order
  bool remains = false;            // RemainAfterExit=yes
  bool condition_ok = true;

  // Of its newest run.
  std::string result;  // "success", "exit-code", "signal", "timeout", ...
  int code = 0;        // 1: it exited; 2, 3: a signal ended it
  int status = 0;      // its exit status, or the number of that signal
};

// The properties that read_unit() wants, by commas.
std::string_view unit_properties();
// "NAME=VALUE" a line; foreign text.
UnitFacts read_unit(std::string_view shown);

// Of Environment= alone.
Variables environment_of(const UnitFacts& unit);

// systemd starts nothing while it is so.
inline bool is_running(const UnitFacts& unit) {
  return unit.active_state != "inactive" && unit.active_state != "failed";
}

// As a shell has it: 128 and the signal's number where one ended it; 1 where
// the service failed and its program did not, or was not started at all.
int exit_status_of(const UnitFacts& unit);

}  // namespace bezalel::app
