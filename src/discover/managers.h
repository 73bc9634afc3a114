// What systemd's managers tell of their timers, by D-Bus properties. Inside of
// discover.
//
// Spoken to over the manager's private socket, which is there without a message
// bus; a plain user reaches the system's manager over the bus. Every call is
// bounded in time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "discover/inventory.h"
#include "discover/root.h"
#include "discover/timer_findings.h"

namespace bezalel::discover {

struct Manager {
  std::string runtime;  // "/run", "/run/user/1000"
  std::uint32_t uid = 0;
  std::string refused;  // why it does not answer; empty: it does
  bool whole = true;    // false: some of its directories do not answer
  std::vector<Told> told;
  std::vector<std::string> untold;  // timers of which it told nothing
  // What its targets are to start, and how that is loaded: "loaded",
  // "not-found", "bad-setting"..
  std::vector<std::pair<std::string, std::string>> linked;

  bool is_system() const { return runtime == "/run"; }
};

// Whether somebody wrote a unit of this directory by hand: the administrator of
// the host, or the user whose manager it is.
bool is_of_hands(std::string_view directory);

// The system's, this user's, and as root that of every user where one runs.
// Takes as long as systemd does, and asks no name service: meant to be waited
// for beside other work.
std::vector<Manager> ask_managers(const Root& root, const Options& options);

}  // namespace bezalel::discover
