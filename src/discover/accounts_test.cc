#include "discover/accounts.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>

#include "discover/sysroot_fixture.h"

using namespace bezalel;
using namespace bezalel::discover;

namespace {

constexpr int kToday = 20783;

AccountState state_of(const std::string& line) {
  const auto shadow = find_shadow(line, "ann");
  REQUIRE(shadow);
  return judge_account(*shadow,
                       std::chrono::sys_days(std::chrono::days(kToday)));
}

}  // namespace

// Each observed with pam_acct_mgmt(3) of pam_unix 1.5.2, service cron.
TEST_CASE("what PAM takes is not refused") {
  for (const char* line :
       {"ann:*:20783:0:99999:7:::", "ann:!:20783:0:99999:7:::",
        "ann:*:20783:0:99999:7::20784:", "ann:*:20773:0:10:7:::",
        "ann:*:20753:0::7:5::", "ann:x"}) {
    CAPTURE(line);
    CHECK(state_of(line).refused.empty());
  }
}

TEST_CASE("what PAM refuses is refused") {
  for (const char* line :
       {"ann:!*:20783:0:99999:7::1:", "ann:*:20783:0:99999:7::20783:",
        "ann:*:0:0:99999:7:::", "ann:*:20772:0:10:7:::",
        "ann:*:20753:0:10:7:5::", "ann:*::0:10:7:::",
        "ann:*:20783:0:99999:7::0:"}) {
    CAPTURE(line);
    CHECK_FALSE(state_of(line).refused.empty());
  }
}

TEST_CASE("the days that are left count to the first refusal") {
  CHECK(state_of("ann:*:20783:0:99999:7::20784:").days_left == 1);
  CHECK(state_of("ann:*:20773:0:10:7:::").days_left == 1);
  CHECK(state_of("ann:*:20773:0:10:7::20800:").days_left == 1);
  CHECK_FALSE(state_of("ann:*:20783:0::7:::").days_left);
}

TEST_CASE("a user is found by the whole name") {
  CHECK_FALSE(find_shadow("anna:*:1:0:1:7:::\nroot:*:1::::::\n", "ann"));
  CHECK(find_shadow("anna:*:1:0:1:7:::\nann:*:2::::::\n", "ann")->changed == 2);
}

TEST_CASE("a wrapped job whose user has no place for proof is told") {
  const fixture::Sysroot host;
  host.write("/etc/passwd",
             "www-data:x:33:33::/nonexistent:/bin/false\n"
             "root:x:0:0::/root:/bin/sh\n");
  app::Inventory inventory;
  for (const char* user : {"www-data", "root"}) {
    app::ScheduledJob job;
    job.user = user;
    job.kind = app::SchedulerKind::cron;
    job.watch = app::Watch::shell;
    inventory.jobs.push_back(job);
  }
  const auto told = [&] {
    app::Inventory seen = inventory;
    add_account_findings(Root(host.path()), {},
                         std::chrono::sys_days(std::chrono::days(kToday)),
                         seen);
    return std::count_if(
        seen.findings.begin(), seen.findings.end(),
        [](const app::Finding& f) { return f.id == "proof-nowhere"; });
  };
  CHECK(told() == 0);  // nothing is installed
  host.write("/var/lib/bezalel/heartbeats/x.last", "");
  CHECK(told() == 1);
  SUBCASE("not when nobody wraps them") {
    inventory.jobs[0].watch = app::Watch::none;
    CHECK(told() == 0);
  }
  SUBCASE("nor where sudo has another's record made") {
    inventory.jobs[0].user = "root";
    inventory.jobs[0].record_user = "www-data";
    inventory.jobs[0].watch = app::Watch::command;
    CHECK(told() == 1);
    host.write("/var/lib/bezalel/heartbeats/u/33/x.last", "");
    CHECK(told() == 0);
  }
  SUBCASE("not with a directory of its own") {
    host.write("/var/lib/bezalel/heartbeats/u/33/x.last", "");
    CHECK(told() == 0);
  }
  SUBCASE("not with a home of its own") {
    host.write("/nonexistent/x", "");
    CHECK(told() == 1);  // it is somebody else's
    if (::chown(host.real("/nonexistent").c_str(), 33, 33) != 0) return;
    CHECK(told() == 0);
  }
}
