// What the store in memory holds. Inside of store/memory.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "store/memory/memory_store.h"

namespace bezalel::store {

constexpr std::size_t kMostCycles = 10'000;

struct MemoryStore::Data {
  // Forgets what is past keeping, as the database does.
  void prune(Timestamp now);

  using Told = std::pair<std::int64_t, std::string>;  // incident, channel

  std::map<core::JobKey, app::KnownJob> jobs;
  std::map<core::JobKey, std::vector<app::RunRow>> runs;  // as they came
  std::map<std::string, app::Cursor> cursors;
  std::map<std::int64_t, core::OpenIncident> open;
  std::vector<app::ClosedIncident> closed;  // in order of closing
  std::map<core::IncidentKey, std::int64_t> numbers;
  std::map<std::int64_t, app::Silence> silences;
  std::map<core::JobKey, core::Pause> pauses;
  std::map<std::int64_t, app::OutboxRow> outbox;
  std::map<std::pair<core::JobKey, std::string>, app::KnownSchedule> inventory;
  std::map<Told, std::string> refs;
  std::set<Told> told;  // by rows that are not here (copy_of)
  std::map<std::string, app::ChannelState> channels;
  std::vector<app::Event> events;
  std::vector<app::Cycle> cycles;  // oldest first
  std::map<std::string, std::string> meta;
  std::int64_t last_incident = 0, last_silence = 0, last_outbox = 0,
               last_event = 0;
};

}  // namespace bezalel::store
