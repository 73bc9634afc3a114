// systemd's timers, by what their managers told. Inside of discover.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "crontab/crontab.h"
#include "discover/inventory.h"
#include "discover/managers.h"
#include "discover/timer_findings.h"

namespace bezalel::discover {

class Timers {
 public:
  Timers(const Root& root, const Packages& packages, const Options& options,
         Timestamp now, std::optional<crontab::Daemon> serving,
         app::Inventory& into)
      : root_(root),
        packages_(packages),
        options_(options),
        now_(now),
        serving_(serving),
        into_(into) {}

  // Adds what the managers told of their timers.
  void add(const std::vector<Manager>& managers);

 private:
  void add_manager(const Manager& manager);
  void add_timer(const Told& told, std::uint32_t uid);
  bool tell_crontab_job(const Told& told, const std::string& crontab);
  void tell_scripts(const std::string& unit, const app::ScheduledJob& timer);
  Writer writer_of(const std::string& unit, const std::string& fragment);
  void not_loadable(const std::string& unit, const std::string& state);
  void lingering(std::uint32_t uid);
  void say_unread();

  std::string systemctl(const char* verb, const std::string& unit) const;

  std::string whose_;  // " of ann"; empty: of the system
  // Of /etc/systemd/user: used by one user, or told of once, that is enough.
  std::set<std::string> shared_;
  int own_timers_ = 0;  // of the manager at hand, started, of no package
  const Root& root_;
  const Packages& packages_;
  const Options& options_;
  const Timestamp now_;
  const std::optional<crontab::Daemon> serving_;
  app::Inventory& into_;
};

}  // namespace bezalel::discover
