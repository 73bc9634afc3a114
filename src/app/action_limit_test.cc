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

}  // namespace
}  // namespace bezalel::app
