// systemd's timers, by its own D-Bus properties. Inside of discover.
//
// Spoken to over the manager's private socket, which is there without a message
// bus; a plain user reaches the system's manager over the bus. Every call is
// bounded in time.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "discover/bus.h"
#include "discover/inventory.h"
#include "discover/timer_findings.h"

namespace bezalel::discover {

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
  void tell_crontab_job(const Told& told, const std::string& crontab);
  std::set<std::string> linked_timers(const std::string& directory) const;
  void add_not_loaded(Bus& bus, std::vector<ListedUnit>& units);
  void not_loadable(const std::string& unit, const std::string& state);
  void lingering(std::uint32_t uid);
  void say_unread();

  std::string systemctl(const char* verb, const std::string& unit) const;

  std::string whose_;   // " of ann"; empty: of the system
  int own_timers_ = 0;  // of the manager at hand, started, of no package
  const Root& root_;
  const Packages& packages_;
  const Options& options_;
  const Timestamp now_;
  app::Inventory& into_;
};

}  // namespace bezalel::discover
