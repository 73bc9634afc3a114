// The drop-ins by which timers are adopted, and the manager that reads them.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "app/adopt_timer.h"

namespace bezalel::adopt {

// Asks systemctl(1), ten seconds at most for each answer. Writes below `units`,
// which is root's, or the user's own.
class DropIns final : public app::DropIns {
 public:
  enum class Manager { system, user };

  // `units`: "/etc/systemd/system", or "~/.config/systemd/user" in full.
  DropIns(Manager manager, std::string units)
      : manager_(manager), units_(std::move(units)) {}

  Result<app::TimerUnit> find(const std::string& timer) override;
  std::vector<app::TimerUnit> present() override;
  Result<std::string> read(const app::TimerUnit& unit) override;
  Result<void> write(const app::DropInEdit& edit) override;
  Result<void> reload() override;

 private:
  std::vector<std::string> systemctl(
      std::initializer_list<std::string> arguments) const;
  std::string path_for(const std::string& service) const;

  Manager manager_;
  std::string units_;
};

}  // namespace bezalel::adopt
