#include <sys/stat.h>

#include <cerrno>

#include "store/memory/memory_data.h"

namespace bezalel::store {
namespace {

constexpr Duration kKeepRuns = std::chrono::hours(40 * 24);
constexpr Duration kKeepEvents = std::chrono::hours(400 * 24);
constexpr std::size_t kFewestRuns = 30;

bool file_is_gone(const std::string& path) {
  struct stat status = {};
  return ::lstat(path.c_str(), &status) != 0 && errno == ENOENT;
}

void prune_runs(std::vector<app::RunRow>& rows, Timestamp oldest) {
  const std::size_t n = rows.size();
  std::vector<app::RunRow> kept;
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t nth = n - i;  // 1: the newest
    const bool old = rows[i].end && rows[i].end->at < oldest;
    if (nth > app::kRunsKept || (nth > kFewestRuns && old)) continue;
    kept.push_back(std::move(rows[i]));
  }
  rows = std::move(kept);
}

bool closed_before(const std::vector<app::ClosedIncident>& all,
                   std::int64_t incident, Timestamp t) {
  for (const auto& closed : all) {
    if (closed.incident.id == incident) return closed.closed < t;
  }
  return false;
}

}  // namespace

void MemoryStore::Data::prune(Timestamp now) {
  std::erase_if(cursors, [](const auto& c) { return file_is_gone(c.first); });
  for (auto& [key, rows] : runs) prune_runs(rows, now - kKeepRuns);
  std::erase_if(silences, [&](const auto& s) {
    return s.second.until < now - kKeepRuns;
  });
  std::erase_if(events,
                [&](const auto& e) { return e.at < now - kKeepEvents; });
  std::erase_if(outbox, [&](const auto& entry) {
    const app::OutboxRow& row = entry.second;
    return row.state == app::OutboxState::sent &&
           row.created < now - kKeepRuns &&
           (row.incident_id == 0 ||
            closed_before(closed, row.incident_id, now - kKeepRuns));
  });
  if (cycles.size() > kMostCycles) {
    cycles.erase(cycles.begin(), cycles.end() - kMostCycles);
  }
}

}  // namespace bezalel::store
