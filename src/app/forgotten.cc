#include "app/forgotten.h"

#include <algorithm>
#include <set>

namespace bezalel::app {
namespace {

std::string sought_in(const Channel& channel) {
  return "forgotten.sought." + channel.name();
}

Result<std::set<std::string>> markers_of_well(
    World& world, const std::vector<core::OpenIncident>& bad) {
  std::set<std::string> markers;
  BZ_TRY(world.store.read([&](StoreReader& reader) -> Result<void> {
    BZ_ASSIGN(const KnownJobs known, reader.known_jobs());
    for (std::size_t i = 0; i < known.size(); ++i) {
      const core::JobKey key{known.uid(i), std::string(known.name(i))};
      markers.insert(core::marker_key(world.settings.host,
                                      core::IncidentKey::of(key),
                                      world.settings.own_of));
    }
    return {};
  }));
  for (const core::OpenIncident& i : bad) {
    markers.erase(
        core::marker_key(world.settings.host, i.key, world.settings.own_of));
  }
  return markers;
}

}  // namespace

bool tells_of_lost_state(const Finding& f) {
  return f.id == "state-missing" || f.id == "state-corrupt";
}

Result<void> close_forgotten(World& world,
                             const std::vector<core::OpenIncident>& bad) {
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
    BZ_ASSIGN(const auto markers, markers_of_well(world, bad));
    if (const auto closed = channel->close_forgotten(markers); !closed) {
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
