#include "app/action_limit.h"

#include <algorithm>

namespace bezalel::app {

bool allowed(const Action& action, const std::vector<Timestamp>& attempts,
             Timestamp now) {
  const auto recent = std::count_if(
      attempts.begin(), attempts.end(),
      [&](Timestamp at) { return now - at < action.limit_window; });
  return recent < action.limit_count;
}

}  // namespace bezalel::app
