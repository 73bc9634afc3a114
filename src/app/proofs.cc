#include "app/proofs.h"

#include <algorithm>

namespace bezalel::app {
namespace {

std::optional<Timestamp> start_of(const RunRow& run) {
  if (run.start) return run.start->at;
  return run.end ? std::optional(run.end->started) : std::nullopt;
}

std::optional<Timestamp> start_of(const SeenHeartbeat& seen,
                                  const Memory& memory) {
  if (!seen.beat) return seen.mtime;
  const auto runs = memory.runs.find(seen.key);
  if (runs != memory.runs.end() && !seen.beat->run_id.empty()) {
    for (const RunRow& run : runs->second) {
      if (run.run_id == seen.beat->run_id) return start_of(run);
    }
  }
  return seen.beat->at;
}

}  // namespace

std::map<core::JobKey, std::optional<Timestamp>> newest_proofs(
    const Inventory& inventory, const Settings& settings,
    const HeartbeatScan& scan, const Memory& memory) {
  // Few jobs are scheduled, and many may leave heartbeats.
  std::map<core::JobKey, std::optional<Timestamp>> newest;
  for (const ScheduledJob& j : inventory.jobs) newest[j.key];
  for (const ScheduledJob& j : inventory.lines) newest[j.key];
  const auto place_of = [&](const core::JobKey& key) {
    const auto found = newest.find(key);
    return found == newest.end() ? nullptr : &found->second;
  };
  for (const SeenHeartbeat& seen : scan.seen) {
    auto* place = place_of(seen.key);
    if (place) *place = std::max(*place, start_of(seen, memory));
  }
  for (const auto& [key, runs] : memory.runs) {
    auto* place = place_of(key);
    if (!place) continue;
    for (const RunRow& run : runs) *place = std::max(*place, start_of(run));
  }
  for (const DeclaredJob& d : settings.jobs) {
    auto* place = place_of({d.uid, d.name});
    if (place) *place = Timestamp::max();
  }
  return newest;
}

}  // namespace bezalel::app
