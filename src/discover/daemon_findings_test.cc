#include "discover/daemon_findings.h"

#include <doctest/doctest.h>

namespace bezalel::discover {
namespace {

std::vector<std::string> told_of(const Daemons& daemons) {
  app::Inventory inventory;
  inventory.jobs.emplace_back().kind = app::SchedulerKind::cron;
  add_daemon_findings(daemons, schedule::Zone::utc(), inventory);
  std::vector<std::string> ids;
  for (const app::Finding& f : inventory.findings) ids.push_back(f.id);
  return ids;
}

TEST_CASE("a daemon that cannot be seen is not called dead, and that is told") {
  Daemons daemons;
  CHECK(told_of(daemons) == std::vector<std::string>{app::kCronDead});
  daemons.hidden = true;
  CHECK(told_of(daemons) == std::vector<std::string>{"processes-hidden"});
}

}  // namespace
}  // namespace bezalel::discover
