#include <doctest/doctest.h>

#include <algorithm>
#include <utility>

#include "app/coverage.h"
#include "app/coverage_fixtures.h"

namespace bezalel::app {
namespace {

using namespace fixtures;
using std::chrono::hours;

TEST_CASE("a job that moves to another file is not gone") {
  Host host;
  host.inventory.jobs = {job("a")};
  host.look();
  host.inventory.jobs[0].source = "/etc/cron.d/y";
  const Coverage c = host.look();
  CHECK(c.gone.empty());
  CHECK(c.of() == 1);
}

TEST_CASE("an edited command takes the place of the one before") {
  Host host;
  host.inventory.jobs = {job("backup-0001"), job("sync-0001")};
  host.look();
  SUBCASE("one for one") {
    host.inventory.jobs[0] = job("backup-0002");
    const Coverage c = host.look();
    CHECK(c.gone.empty());
    REQUIRE(c.edited.size() == 1);
    CHECK(c.edited[0].key.job == "backup-0001");
  }
  SUBCASE("two new ones: the nearer") {
    host.inventory.jobs[0] = job("backup-0002");
    host.inventory.jobs.push_back(job("backup-0003"));
    const Coverage c = host.look();
    CHECK(c.gone.empty());
    CHECK(c.edited.size() == 1);
  }
  SUBCASE("the only one, with other times where it stands") {
    host.inventory.jobs[0] = job("backup-0002");
    host.inventory.jobs[0].schedule = "0 4 * * *";
    CHECK(host.look().gone.empty());
  }
  SUBCASE("other times in another place are another job") {
    host.inventory.jobs[0] = job("backup-0002");
    host.inventory.jobs[0].schedule = "0 4 * * *";
    host.inventory.jobs[0].line = 9;
    CHECK(host.look().gone.size() == 1);
  }
  SUBCASE("names that somebody gave are two jobs") {
    host.inventory.jobs[0] = job("backup-prod");
    host.look();
    host.inventory.jobs[0] = job("backup-test");
    const Coverage c = host.look();
    CHECK(c.edited.empty());
    CHECK_FALSE(c.gone.empty());
  }
  SUBCASE("a name was given to it") {
    host.inventory.jobs[0] = job("nightly");
    host.inventory.jobs[0].former_stem = "backup";
    const Coverage c = host.look();
    CHECK(c.gone.empty());
    REQUIRE(c.edited.size() == 1);
    CHECK(c.edited[0].key.job == "backup-0001");
    // That is never taken for an edit.
    host.inventory.jobs[0] = job("weekly");
    host.inventory.jobs[0].former_stem = "nightly";
    CHECK(host.look().gone.size() == 1);
  }
  SUBCASE("another kind of work is none") {
    host.inventory.jobs[0] = job("prune-0002");
    CHECK(host.look().gone.size() == 1);
  }
}

TEST_CASE("one new line is the edit of one former at most") {
  Host host;
  const auto curl = [](const char* hash, int line,
                       const char* schedule = "0 1 * * *") {
    ScheduledJob j = job(std::string("curl-") + hash);
    j.line = line;
    j.schedule = schedule;
    return j;
  };
  host.inventory.jobs = {curl("0001", 1), curl("0002", 2), curl("0003", 3)};
  host.look();
  const auto gone_after = [&](std::vector<ScheduledJob> jobs) {
    host.inventory.jobs = std::move(jobs);
    std::vector<std::string> names;
    for (const KnownSchedule& k : host.look().gone) names.push_back(k.key.job);
    std::sort(names.begin(), names.end());
    return names;
  };
  using Names = std::vector<std::string>;
  SUBCASE("all three were edited") {
    CHECK(gone_after({curl("aaaa", 1), curl("bbbb", 2), curl("cccc", 3)})
              .empty());
  }
  SUBCASE("one was edited, one went") {
    CHECK(gone_after({curl("0001", 1), curl("bbbb", 2)}) == Names{"curl-0003"});
  }
  SUBCASE("all went, and another thing came") {
    CHECK(gone_after({curl("dddd", 1, "*/5 * * * *")}) ==
          Names{"curl-0001", "curl-0002", "curl-0003"});
  }
  SUBCASE("one was commented out, its neighbour edited") {
    host.inventory.commented_out = {{{0, "curl-0001"}, "/etc/cron.d/x", 1}};
    CHECK(gone_after({curl("bbbb", 2), curl("0003", 3)}) == Names{"curl-0001"});
  }
}

}  // namespace
}  // namespace bezalel::app
