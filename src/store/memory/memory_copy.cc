#include <algorithm>

#include "store/memory/memory_data.h"

namespace bezalel::store {

namespace {

template <class Rows>
std::int64_t highest_id(const Rows& rows, std::int64_t least = 0) {
  for (const auto& row : rows) least = std::max(least, row.id);
  return least;
}

}  // namespace

Result<std::unique_ptr<MemoryStore>> MemoryStore::copy_of(
    app::StoreReader& reader, const std::vector<std::string>& channels) {
  auto store = std::make_unique<MemoryStore>();
  Data& d = *store->data_;
  BZ_ASSIGN(const auto jobs, reader.known_jobs());
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    auto job = jobs[i];
    d.jobs[job.key] = std::move(job);
  }
  BZ_ASSIGN(auto runs, reader.runs(app::kRunsKept));
  for (auto& run : runs) d.runs[run.key].push_back(std::move(run));
  BZ_ASSIGN(const auto cursors, reader.cursors());
  for (const auto& cursor : cursors) d.cursors[cursor.path] = cursor;
  BZ_ASSIGN(d.closed, reader.closed_since(Timestamp::min()));
  BZ_ASSIGN(const auto open, reader.open_incidents());
  for (const auto& incident : open) d.open[incident.id] = incident;
  for (const auto& closed : d.closed) {
    auto& last = d.numbers[closed.incident.key];
    last = std::max(last, closed.incident.number);
    d.last_incident = std::max(d.last_incident, closed.incident.id);
  }
  BZ_ASSIGN(const auto states, reader.channel_states());
  std::set<std::string> names(channels.begin(), channels.end());
  for (const auto& state : states) {
    d.channels[state.channel] = state;
    names.insert(state.channel);
  }
  for (const auto& incident : open) {
    auto& last = d.numbers[incident.key];
    last = std::max(last, incident.number);
    d.last_incident = std::max(d.last_incident, incident.id);
    for (const auto& channel : names) {
      BZ_ASSIGN(const bool told, reader.was_told(incident.id, channel));
      if (told) d.told.insert({incident.id, channel});
      BZ_ASSIGN(const auto ref, reader.remote_ref(incident.id, channel));
      if (ref) d.refs[{incident.id, channel}] = *ref;
    }
  }
  BZ_ASSIGN(const auto outbox, reader.outbox());
  for (const auto& row : outbox) d.outbox[row.id] = row;
  BZ_ASSIGN(const auto silences, reader.silences());
  for (const auto& silence : silences) d.silences[silence.id] = silence;
  BZ_ASSIGN(const auto pauses, reader.pauses());
  for (const auto& paused : pauses) d.pauses[paused.key] = paused.pause;
  BZ_ASSIGN(const auto inventory, reader.inventory());
  for (const auto& s : inventory) d.inventory[{s.key, s.source}] = s;
  BZ_ASSIGN(d.events, reader.events_since(Timestamp::min()));
  BZ_ASSIGN(d.cycles, reader.cycles(static_cast<int>(kMostCycles)));
  std::reverse(d.cycles.begin(), d.cycles.end());
  // Which jobs a storm holds, among others.
  BZ_ASSIGN(d.meta, reader.all_meta());
  d.last_outbox = highest_id(outbox);
  d.last_silence = highest_id(silences);
  d.last_event = highest_id(d.events);
  return store;
}

}  // namespace bezalel::store
