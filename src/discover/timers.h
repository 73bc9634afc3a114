// systemd's timers, by its own D-Bus properties. Inside of discover.
//
// Spoken to over the manager's private socket, which is there without a message
// bus; a plain user reaches the system's manager over the bus. Every call is
// bounded in time.
#pragma once

#include "discover/bus.h"
#include "discover/inventory.h"

namespace bezalel::discover {

// A timer and its service as one manager tells of them.
struct Told {
  ListedUnit unit;
  Properties timer, unit_of_timer, service, unit_of_service;
};

class Timers {
 public:
  Timers(const Root& root, const Packages& packages, const Options& options,
         Timestamp now, app::Inventory& into)
      : root_(root),
        packages_(packages),
        options_(options),
        now_(now),
        into_(into) {}

  // Adds the timers of the system, of this user, and as root of every user
  // whose manager runs.
  void add();

 private:
  void add_manager(const std::string& runtime, std::uint32_t uid);
  void add_timer(const Told& told, std::uint32_t uid);
  void not_started(const Told& told, const app::ScheduledJob& job);
  void timer_findings(const Told& told, const app::ScheduledJob& job);

  std::string systemctl(const char* verb, const std::string& unit) const;

  std::string whose_;  // " of ann"; empty: of the system
  const Root& root_;
  const Packages& packages_;
  const Options& options_;
  const Timestamp now_;
  app::Inventory& into_;
};

}  // namespace bezalel::discover
