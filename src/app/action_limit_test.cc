#include "app/action_limit.h"

#include <doctest/doctest.h>

namespace bezalel::app {
namespace {

TEST_CASE("an action runs as often as its limit says, then no more") {
  using std::chrono::hours;
  const Timestamp now = from_unix_seconds(1'795'500'000);
  Action action;
  action.limit_count = 3;
  action.limit_window = hours(6);
  struct Row {
    std::vector<Timestamp> attempts;
    bool may;
  };
  const Row rows[] = {
      {{}, true},
      {{now - hours(1), now - hours(2)}, true},
      {{now - hours(1), now - hours(2), now - hours(5)}, false},
      {{now - hours(1), now - hours(2), now - hours(6)}, true},
      {{now + hours(9), now, now}, false},
  };
  for (const auto& row : rows) {
    CHECK(allowed(action, row.attempts, now) == row.may);
  }
}

TEST_CASE("why nothing is tried is told, where it could be") {
  DeclaredJob job;
  CHECK(why_untried(nullptr, "stale") == "nothing (no on_stale for this job)");
  CHECK(why_untried(&job, "failed") == "nothing (no on_failed for this job)");
  CHECK(why_untried(&job, "forged").empty());
  job.refused_actions = {
      {"on_failed", "on_failed: user = \"x\": no such user"}};
  CHECK(why_untried(&job, "failed") ==
        "nothing (on_failed: user = \"x\": no such user)");
  CHECK(why_untried(&job, "stale") == "nothing (no on_stale for this job)");
  job.on_stale = Action{};
  CHECK(why_untried(&job, "stale").empty());
}

TEST_CASE("an action is for what happened to the job, not to its evidence") {
  DeclaredJob job;
  job.on_stale = Action{};
  job.on_stale->restart = "stale.service";
  job.on_failed = Action{};
  job.on_failed->restart = "failed.service";
  for (const char* verdict : {"stale", "never"}) {
    CHECK(wanted_action(job, verdict)->restart == "stale.service");
  }
  for (const char* verdict : {"failed", "lost", "hung"}) {
    CHECK(wanted_action(job, verdict)->restart == "failed.service");
  }
  for (const char* verdict :
       {"forged", "corrupt", "clock", "undeclared", "vanished", "unwatched"}) {
    CHECK_FALSE(wanted_action(job, verdict));
    CHECK(action_key(verdict).empty());
  }
}

}  // namespace
}  // namespace bezalel::app
