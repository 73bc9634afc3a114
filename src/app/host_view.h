// From a look to what every face shows.
#pragma once

#include "app/look.h"
#include "app/view.h"

namespace bezalel::app {

struct ViewContext {
  const Settings& settings;
  const Memory& memory;
  Users& users;
  std::string heartbeats_dir, jobs_dir;
  std::uint32_t owner = 0;
  bool settings_exist = false;
  bool as_root = false;
  // Who heard of each open incident: "forge #118", "pager".
  std::map<core::IncidentKey, std::vector<std::string>> told;
  // Only these jobs ("NAME" or "USER/NAME"); empty: all.
  std::vector<core::JobKey> only;
  const Coverage* coverage = nullptr;
};

HostView make_host_view(const Look& look, const ViewContext& context);

// Runs for `status JOB` and `logs JOB`, newest first.
std::vector<RunView> run_views(const JudgedJob& judged, const LifeOf& life_of);

// What it printed is not to be shown, nor how much that was.
void forget_output(RunView& run);

}  // namespace bezalel::app
