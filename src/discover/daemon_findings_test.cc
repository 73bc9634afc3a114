#include "discover/daemon_findings.h"

#include <doctest/doctest.h>

#include "discover/sysroot_fixture.h"

namespace bezalel::discover {
namespace {

using fixture::Sysroot;

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

TEST_CASE("systemd-cron starts nothing where no systemd runs") {
  Daemons daemons;
  daemons.serving = crontab::Daemon::systemd_cron;
  CHECK(told_of(daemons) == std::vector<std::string>{app::kCronDead});
  daemons.systemd = true;
  CHECK(told_of(daemons).empty());
  daemons.enabled = false;
  CHECK(told_of(daemons) == std::vector<std::string>{"cron-disabled"});
}

TEST_CASE("busybox serves where its tables are and no other cron was") {
  const Sysroot tree;
  const Root root(tree.path());
  tree.write("/bin/busybox", "");
  CHECK_FALSE(find_daemons(root).serving);
  tree.write("/var/spool/cron/crontabs/cron.update", "");
  CHECK_FALSE(find_daemons(root).serving);
  tree.write("/var/spool/cron/crontabs/ann", "0 1 * * * x\n");
  CHECK(find_daemons(root).serving == crontab::Daemon::busybox);
  SUBCASE("dead, it is told once, with how it is started") {
    Daemons daemons = find_daemons(root);
    daemons.can_run = true;
    app::Inventory inventory;
    inventory.jobs.emplace_back().kind = app::SchedulerKind::cron;
    add_daemon_findings(daemons, schedule::Zone::utc(), inventory);
    REQUIRE(inventory.findings.size() == 1);
    CHECK(inventory.findings[0].id == app::kCronDead);
    CHECK(inventory.findings[0].fix == "busybox crond");
  }
  SUBCASE("not where Debian's was removed") {
    tree.write("/etc/init.d/cron", "");
    CHECK_FALSE(find_daemons(root).serving);
  }
  SUBCASE("not where another is installed") {
    tree.write("/usr/sbin/cron", "");
    CHECK(find_daemons(root).serving == crontab::Daemon::debian);
  }
}

TEST_CASE("links of rc that only stop a service disable it") {
  const Sysroot tree;
  const Root root(tree.path());
  CHECK(rc_enabled(root, "cron"));
  tree.write("/etc/rc2.d/K01cron", "");
  tree.write("/etc/rc2.d/S01anacron", "");
  CHECK_FALSE(rc_enabled(root, "cron"));
  CHECK(rc_enabled(root, "anacron"));
  tree.write("/etc/rc2.d/S01cron", "");
  CHECK(rc_enabled(root, "cron"));
}

}  // namespace
}  // namespace bezalel::discover
