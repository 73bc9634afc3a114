// What all schedulers of the host will run.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/inventory.h"
#include "discover/crontab_files.h"
#include "schedule/zone.h"

namespace bezalel::discover {

struct Options {
  std::string sysroot;  // empty: the running host
  Who who;
  schedule::Zone zone = schedule::Zone::utc();
  std::function<Timestamp()> now;
  std::function<BootTime()> boot;
  // CLOCK_MONOTONIC, by which systemd reckons OnBootSec and its like.
  std::function<Duration()> monotonic;
  // Of the user's own systemd; empty: not asked.
  std::string runtime_dir;
};

class HostInventory final : public app::InventorySource {
 public:
  explicit HostInventory(Options options) : options_(std::move(options)) {}
  app::Inventory scan() override;

 private:
  Options options_;
};

// What is wrong with the scripts of run-parts and their directories, as a scan
// of everything tells it; no manager and no log is asked.
std::vector<app::Finding> script_findings(const Options& options);

}  // namespace bezalel::discover
