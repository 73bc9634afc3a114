#include "app/forgotten.h"

#include <algorithm>
#include <set>

#include "app/notice_text.h"
#include "app/sight.h"

namespace bezalel::app {
namespace {

std::string sought_in(const Channel& channel) {
  return "forgotten.sought." + channel.name();
}

std::string marker_of(const World& world, const core::IncidentKey& key) {
  return core::marker_key(world.settings.host, key, world.settings.own_of);
}

// Of the jobs that are known and well.
Result<std::set<std::string>> markers_of_well(World& world,
                                              const CycleResult& cycle) {
  std::set<std::string> markers;
  BZ_TRY(world.store.read([&](StoreReader& reader) -> Result<void> {
    BZ_ASSIGN(const KnownJobs known, reader.known_jobs());
    for (std::size_t i = 0; i < known.size(); ++i) {
      const core::JobKey key{known.uid(i), std::string(known.name(i))};
      markers.insert(marker_of(world, core::IncidentKey::of(key)));
    }
    return {};
  }));
  for (const core::OpenIncident& i : cycle.memory.open) {
    markers.erase(marker_of(world, i.key));
  }
  return markers;
}

// Looked for by this cycle, and not there.
bool is_over(const core::IncidentKey& finding, const CycleResult& cycle) {
  const auto& found = cycle.look.findings;
  const bool is_there =
      std::any_of(found.begin(), found.end(), [&](const Finding& f) {
        return core::IncidentKey::of_finding(f.id, f.source) == finding;
      });
  return !is_there && looked_for(finding, cycle.look, &cycle.coverage);
}

}  // namespace

bool tells_of_lost_state(const Finding& f) {
  return f.id == "state-missing" || f.id == "state-corrupt";
}

Result<void> close_forgotten(World& world, const CycleResult& cycle) {
  const auto& findings = world.store_findings;
  if (std::none_of(findings.begin(), findings.end(), tells_of_lost_state)) {
    return {};
  }
  Result<void> done;
  for (const auto& channel : world.channels) {
    if (!channel->is_tracker()) continue;
    std::optional<std::string> sought;
    BZ_TRY(world.store.read([&](StoreReader& reader) -> Result<void> {
      BZ_ASSIGN(sought, reader.meta(sought_in(*channel)));
      return {};
    }));
    if (sought) continue;
    BZ_ASSIGN(const auto of_well, markers_of_well(world, cycle));
    const auto closed = channel->close_forgotten(
        [&](const std::string& marker, std::string_view body) {
          const auto may_be = findings_of_body(body);
          return of_well.contains(marker) ||
                 std::any_of(may_be.begin(), may_be.end(), [&](const auto& f) {
                   return marker_of(world, f) == marker && is_over(f, cycle);
                 });
        });
    if (!closed) {
      // The next cycle tries again; the other trackers do not wait for this
      // one.
      done = closed.error();
      continue;
    }
    BZ_TRY(world.store.transact(
        [&](Txn& txn) { return txn.set_meta(sought_in(*channel), "yes"); }));
  }
  return done;
}

}  // namespace bezalel::app
