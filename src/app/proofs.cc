#include "app/proofs.h"

#include <algorithm>

namespace bezalel::app {
namespace {

std::optional<Timestamp> start_of(const RunRow& run) {
  if (run.start) return run.start->at;
  return run.end ? std::optional(run.end->started) : std::nullopt;
}

bool is_by_shell(const RunRow& run) {
  return run.start && run.start->trigger == record::Trigger::sh;
}

const RunRow* run_of(const SeenHeartbeat& seen, const Memory& memory) {
  const auto runs = memory.runs.find(seen.key);
  if (runs == memory.runs.end() || seen.beat->run_id.empty()) return nullptr;
  for (const RunRow& run : runs->second) {
    if (run.run_id == seen.beat->run_id) return &run;
  }
  return nullptr;
}

void add(const RunRow& run, Proofs& proofs) {
  if (is_by_shell(run)) {
    proofs.by_shell = true;
  } else {
    proofs.newest = std::max(proofs.newest, start_of(run));
  }
}

void add(const SeenHeartbeat& seen, const Memory& memory, Proofs& proofs) {
  if (!seen.beat) {
    proofs.newest = std::max(proofs.newest, std::optional(seen.mtime));
  } else if (const RunRow* run = run_of(seen, memory)) {
    add(*run, proofs);
  } else {
    proofs.newest = std::max(proofs.newest, std::optional(seen.beat->at));
  }
}

}  // namespace

std::map<core::JobKey, Proofs> proofs_of(const Inventory& inventory,
                                         const Settings& settings,
                                         const HeartbeatScan& scan,
                                         const Memory& memory) {
  // Few jobs are scheduled, and many may leave heartbeats.
  std::map<core::JobKey, Proofs> proofs;
  for (const ScheduledJob& j : inventory.jobs) proofs[j.key];
  for (const ScheduledJob& j : inventory.lines) proofs[j.key];
  const auto place_of = [&](const core::JobKey& key) {
    const auto found = proofs.find(key);
    return found == proofs.end() ? nullptr : &found->second;
  };
  for (const SeenHeartbeat& seen : scan.seen) {
    if (Proofs* place = place_of(seen.key)) add(seen, memory, *place);
  }
  for (const auto& [key, runs] : memory.runs) {
    Proofs* place = place_of(key);
    if (!place) continue;
    for (const RunRow& run : runs) add(run, *place);
  }
  for (const DeclaredJob& d : settings.jobs) {
    Proofs* place = place_of({d.uid, d.name});
    if (place) place->newest = Timestamp::max();
  }
  return proofs;
}

}  // namespace bezalel::app
