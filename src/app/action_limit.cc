#include "app/action_limit.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/verdict.h"

namespace bezalel::app {

std::string_view action_key(std::string_view verdict) {
  using core::Status;
  const auto is = [&](Status s) { return verdict == to_string(s); };
  if (is(Status::stale) || is(Status::never)) return "on_stale";
  if (is(Status::failed) || is(Status::lost) || is(Status::hung)) {
    return "on_failed";
  }
  return "";
}

const std::optional<Action>& wanted_action(const DeclaredJob& job,
                                           std::string_view verdict) {
  static const std::optional<Action> kNone;
  const std::string_view key = action_key(verdict);
  if (key.empty()) return kNone;
  return key == "on_stale" ? job.on_stale : job.on_failed;
}

std::string why_untried(const DeclaredJob* job, std::string_view verdict) {
  const std::string key(action_key(verdict));
  if (key.empty() || (job && wanted_action(*job, verdict))) return {};
  if (job) {
    for (const auto& [refused, why] : job->refused_actions) {
      if (refused == key) return fmt::format("nothing ({})", why);
    }
  }
  return fmt::format("nothing (no {} for this job)", key);
}

bool allowed(const Action& action, const std::vector<Timestamp>& attempts,
             Timestamp now) {
  const auto recent = std::count_if(
      attempts.begin(), attempts.end(),
      [&](Timestamp at) { return now - at < action.limit_window; });
  return recent < action.limit_count;
}

}  // namespace bezalel::app
