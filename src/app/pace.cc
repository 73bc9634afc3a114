#include "app/pace.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/duration.h"
#include "base/escape.h"

namespace bezalel::app {
namespace {

constexpr std::size_t kFewest = 10;
constexpr std::size_t kMost = 30;
constexpr Duration kShortest = std::chrono::seconds(10);
constexpr Duration kMargin = std::chrono::seconds(1);
constexpr int kTooFast = 10;
constexpr int kTooSlow = 3;

}  // namespace

std::optional<Finding> out_of_pace(const core::JobKey& key,
                                   const std::vector<RunRow>& runs,
                                   const std::string& shown,
                                   const std::string& bezalel) {
  const record::RunEnd* newest = nullptr;
  std::vector<Duration> before;
  for (auto run = runs.rbegin(); run != runs.rend(); ++run) {
    if (!run->end || run->end->outcome == record::Outcome::skipped) continue;
    const bool well = run->end->outcome == record::Outcome::ok;
    if (newest == nullptr) {
      if (!well) return {};  // told as failed
      newest = &*run->end;
    } else if (well && before.size() < kMost) {
      before.push_back(run->end->duration);
    }
  }
  if (before.size() < kFewest) return {};
  std::sort(before.begin(), before.end());
  const Duration median = before[before.size() / 2];
  if (median < kShortest) return {};
  const Duration took = newest->duration;
  // Beyond all of them, and not by what is no difference to a person.
  const bool fast = took * kTooFast < median && took * 2 < before.front() &&
                    took + kMargin <= before.front();
  const bool slow = took > median * kTooSlow && took * 4 > before.back() * 5;
  if (!fast && !slow) return {};
  Finding f;
  f.id = fast ? "run-too-fast" : "run-too-slow";
  f.severity = FindingSeverity::warning;
  f.source = shown;
  f.message =
      fmt::format("{} succeeded in {}; its last {} runs took {} to {}",
                  escape_line(shown, 80), format_age(took), before.size(),
                  format_age(before.front()), format_age(before.back()));
  f.fix = bezalel + " logs " +
          (key.uid == 0 ? key.job : fmt::format("{}/{}", key.uid, key.job));
  f.alarm = core::Severity::p3;
  f.since = newest->at;
  return f;
}

}  // namespace bezalel::app
