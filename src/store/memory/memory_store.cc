#include "store/memory/memory_store.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <tuple>
#include <utility>

namespace bezalel::store {

namespace {

constexpr Duration kKeepRuns = std::chrono::hours(40 * 24);
constexpr Duration kKeepEvents = std::chrono::hours(400 * 24);
constexpr std::size_t kFewestRuns = 30;
constexpr std::size_t kMostCycles = 10'000;

// What means nothing in a key is left out, so that equal keys are equal.
core::IncidentKey tidy(core::IncidentKey key) {
  if (key.kind == core::IncidentKey::Kind::job) key.source.clear();
  if (key.kind == core::IncidentKey::Kind::finding) key.uid = 0;
  return key;
}

bool file_is_gone(const std::string& path) {
  struct stat status = {};
  return ::lstat(path.c_str(), &status) != 0 && errno == ENOENT;
}

Error no_such(const char* what, std::int64_t id) {
  return err(Kind::not_found,
             std::string("no ") + what + " " + std::to_string(id));
}

template <class Rows>
auto find_id(Rows& rows, std::int64_t id) {
  return std::find_if(rows.begin(), rows.end(),
                      [id](const auto& row) { return row.id == id; });
}

}  // namespace

struct MemoryStore::Data {
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

class MemoryStore::View final : public app::Txn {
 public:
  explicit View(Data& data) : d_(data) {}

  // --- reads -----------------------------------------------------------------

  Result<app::KnownJobs> known_jobs() override {
    app::KnownJobs jobs;
    for (const auto& [key, job] : d_.jobs) jobs.add(job);
    return jobs;
  }

  Result<std::vector<app::RunRow>> runs(
      int per_job, const std::optional<core::JobKey>& only) override {
    std::vector<app::RunRow> out;
    const auto wanted = static_cast<std::size_t>(std::max(per_job, 0));
    for (const auto& [key, rows] : d_.runs) {
      if (only && key != *only) continue;
      const std::size_t first = rows.size() > wanted ? rows.size() - wanted : 0;
      for (std::size_t i = 0; i < rows.size(); ++i) {
        if (i >= first || !rows[i].end) out.push_back(rows[i]);
      }
    }
    return out;
  }

  Result<std::vector<app::Cursor>> cursors() override {
    return values(d_.cursors);
  }

  Result<std::vector<core::OpenIncident>> open_incidents() override {
    return values(d_.open);
  }

  Result<std::vector<app::ClosedIncident>> closed_since(Timestamp t) override {
    std::vector<app::ClosedIncident> out;
    for (const auto& closed : d_.closed) {
      if (closed.closed >= t) out.push_back(closed);
    }
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
      return std::tie(a.closed, a.incident.id) <
             std::tie(b.closed, b.incident.id);
    });
    return out;
  }

  Result<std::int64_t> last_number(const core::IncidentKey& key) override {
    const auto found = d_.numbers.find(tidy(key));
    return found == d_.numbers.end() ? std::int64_t{0} : found->second;
  }

  Result<std::vector<app::Silence>> silences() override {
    return values(d_.silences);
  }

  Result<std::vector<app::PausedJob>> pauses() override {
    std::vector<app::PausedJob> out;
    for (const auto& [key, pause] : d_.pauses) out.push_back({key, pause});
    return out;
  }

  Result<std::vector<app::KnownSchedule>> inventory() override {
    return values(d_.inventory);
  }

  Result<std::vector<app::OutboxRow>> outbox() override {
    std::vector<app::OutboxRow> out;
    for (const auto& [id, row] : d_.outbox) {
      if (row.state != app::OutboxState::sent) out.push_back(row);
    }
    return out;
  }

  Result<std::optional<std::string>> remote_ref(
      std::int64_t incident_id, const std::string& channel) override {
    const auto found = d_.refs.find({incident_id, channel});
    if (found == d_.refs.end()) return std::optional<std::string>();
    return std::optional(found->second);
  }

  Result<bool> was_told(std::int64_t incident_id,
                        const std::string& channel) override {
    if (d_.told.contains({incident_id, channel})) return true;
    for (const auto& [id, row] : d_.outbox) {
      if (row.incident_id == incident_id && row.channel == channel &&
          (row.state == app::OutboxState::sent ||
           row.state == app::OutboxState::unknown)) {
        return true;
      }
    }
    return false;
  }

  Result<std::vector<app::ChannelState>> channel_states() override {
    return values(d_.channels);
  }

  Result<std::vector<app::Event>> events_since(Timestamp t) override {
    std::vector<app::Event> out;
    for (const auto& event : d_.events) {
      if (event.at >= t) out.push_back(event);
    }
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
      return std::tie(a.at, a.id) < std::tie(b.at, b.id);
    });
    return out;
  }

  Result<std::vector<app::Cycle>> cycles(int n) override {
    std::vector<app::Cycle> out(d_.cycles.rbegin(), d_.cycles.rend());
    const auto most = static_cast<std::size_t>(std::max(n, 0));
    if (out.size() > most) out.resize(most);
    return out;
  }

  Result<std::optional<std::string>> meta(const std::string& name) override {
    const auto found = d_.meta.find(name);
    if (found == d_.meta.end()) return std::optional<std::string>();
    return std::optional(found->second);
  }

  // --- writes ----------------------------------------------------------------

  Result<void> put_job(const app::KnownJob& job) override {
    d_.jobs[job.key] = job;
    return {};
  }

  Result<void> put_run(const core::JobKey& key,
                       const record::RunRecord& record) override {
    const auto* start = std::get_if<record::RunStart>(&record);
    const auto* end = std::get_if<record::RunEnd>(&record);
    auto& rows = d_.runs[key];
    const std::string& id = start != nullptr ? start->run_id : end->run_id;
    // A second half nearly always belongs to one of the newest.
    auto row = std::find_if(rows.rbegin(), rows.rend(),
                            [&](const auto& r) { return r.run_id == id; });
    if (row == rows.rend()) {
      rows.push_back({key, id, {}, {}});
      row = rows.rbegin();
    }
    if (start != nullptr && !row->start) row->start = *start;
    if (end != nullptr && !row->end) row->end = *end;
    return {};
  }

  Result<void> put_cursor(const app::Cursor& cursor) override {
    d_.cursors[cursor.path] = cursor;
    return {};
  }

  Result<void> prune(Timestamp now) override {
    std::erase_if(d_.cursors,
                  [](const auto& c) { return file_is_gone(c.first); });
    for (auto& [key, rows] : d_.runs) prune_runs(rows, now - kKeepRuns);
    std::erase_if(d_.silences, [&](const auto& s) {
      return s.second.until < now - kKeepRuns;
    });
    std::erase_if(d_.events,
                  [&](const auto& e) { return e.at < now - kKeepEvents; });
    std::erase_if(d_.outbox, [&](const auto& entry) {
      const app::OutboxRow& row = entry.second;
      return row.state == app::OutboxState::sent &&
             row.created < now - kKeepRuns &&
             (row.incident_id == 0 ||
              closed_before(row.incident_id, now - kKeepRuns));
    });
    if (d_.cycles.size() > kMostCycles) {
      d_.cycles.erase(d_.cycles.begin(), d_.cycles.end() - kMostCycles);
    }
    return {};
  }

  Result<std::int64_t> open_incident(const core::OpenIncident& i) override {
    core::OpenIncident incident = i;
    incident.key = tidy(i.key);
    for (const auto& [id, other] : d_.open) {
      if (other.key != incident.key) continue;
      return err(Kind::conflict,
                 "incident " + std::to_string(id) + " is open already");
    }
    auto& last = d_.numbers[incident.key];
    if (incident.number <= last) {
      return err(Kind::invalid,
                 "incident number " + std::to_string(incident.number) +
                     " was used; the last is " + std::to_string(last));
    }
    last = incident.number;
    incident.id = ++d_.last_incident;
    d_.open[incident.id] = incident;
    return incident.id;
  }

  Result<void> update_incident(const core::OpenIncident& i) override {
    const auto found = d_.open.find(i.id);
    if (found == d_.open.end()) return no_such("open incident", i.id);
    const core::IncidentKey key = found->second.key;
    found->second = i;
    found->second.key = key;  // an incident never changes what it is about
    auto& last = d_.numbers[key];
    last = std::max(last, i.number);
    return {};
  }

  Result<void> close_incident(std::int64_t id, Timestamp at,
                              core::CloseReason reason) override {
    const auto found = d_.open.find(id);
    if (found == d_.open.end()) return no_such("open incident", id);
    d_.closed.push_back({found->second, at, reason});
    d_.open.erase(found);
    return {};
  }

  Result<void> add_event(const app::Event& event) override {
    BZ_TRY(must_exist(event.incident_id));
    d_.events.push_back(event);
    d_.events.back().id = ++d_.last_event;
    if (event.key) d_.events.back().key = tidy(*event.key);
    return {};
  }

  Result<std::int64_t> enqueue(const app::OutboxRow& row) override {
    BZ_TRY(must_exist(row.incident_id));
    app::OutboxRow copy = row;
    copy.id = ++d_.last_outbox;
    d_.outbox[copy.id] = copy;
    return copy.id;
  }

  Result<void> update_outbox(const app::OutboxRow& row) override {
    const auto found = d_.outbox.find(row.id);
    if (found == d_.outbox.end()) return no_such("outbox row", row.id);
    app::OutboxRow& kept = found->second;
    kept.notice = row.notice;
    kept.state = row.state;
    kept.attempts = row.attempts;
    kept.next_attempt = row.next_attempt;
    kept.last_error = row.last_error;
    return {};
  }

  Result<void> set_remote_ref(std::int64_t incident_id,
                              const std::string& channel,
                              const std::string& ref) override {
    BZ_TRY(must_exist(incident_id));
    d_.refs[{incident_id, channel}] = ref;
    return {};
  }

  Result<void> put_channel_state(const app::ChannelState& state) override {
    d_.channels[state.channel] = state;
    return {};
  }

  Result<std::int64_t> put_silence(const app::Silence& silence) override {
    if (silence.until < silence.since) {
      return err(Kind::conflict, "a silence that ends before it begins");
    }
    app::Silence copy = silence;
    copy.id = ++d_.last_silence;
    if (copy.key) copy.key = tidy(*copy.key);
    d_.silences[copy.id] = copy;
    return copy.id;
  }

  Result<void> end_silence(std::int64_t id, Timestamp at) override {
    const auto found = d_.silences.find(id);
    if (found == d_.silences.end()) return no_such("silence", id);
    app::Silence& s = found->second;
    s.until = std::max(s.since, std::min(s.until, at));
    return {};
  }

  Result<void> put_pause(const app::PausedJob& paused) override {
    d_.pauses[paused.key] = paused.pause;
    return {};
  }

  Result<void> put_schedule(const app::KnownSchedule& s) override {
    d_.inventory[{s.key, s.source}] = s;
    return {};
  }

  Result<void> drop_schedule(const core::JobKey& key,
                             const std::string& source) override {
    d_.inventory.erase({key, source});
    return {};
  }

  Result<void> drop_pause(const core::JobKey& key) override {
    d_.pauses.erase(key);
    return {};
  }

  Result<void> add_cycle(const app::Cycle& cycle) override {
    d_.cycles.push_back(cycle);
    return {};
  }

  Result<void> set_meta(const std::string& name,
                        const std::string& value) override {
    d_.meta[name] = value;
    return {};
  }

 private:
  template <class Map>
  static std::vector<typename Map::mapped_type> values(const Map& map) {
    std::vector<typename Map::mapped_type> out;
    out.reserve(map.size());
    for (const auto& [key, value] : map) out.push_back(value);
    return out;
  }

  static void prune_runs(std::vector<app::RunRow>& rows, Timestamp oldest) {
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

  bool closed_before(std::int64_t incident, Timestamp t) const {
    for (const auto& closed : d_.closed) {
      if (closed.incident.id == incident) return closed.closed < t;
    }
    return false;
  }

  // What a foreign key says in the database; 0 is none.
  Result<void> must_exist(std::int64_t incident) const {
    if (incident == 0 || d_.open.contains(incident)) return {};
    for (const auto& closed : d_.closed) {
      if (closed.incident.id == incident) return {};
    }
    return err(Kind::conflict, "no incident " + std::to_string(incident));
  }

  Data& d_;
};

MemoryStore::MemoryStore() : data_(std::make_unique<Data>()) {}
MemoryStore::~MemoryStore() = default;

Result<void> MemoryStore::read(
    const std::function<Result<void>(app::StoreReader&)>& f) {
  View view(*data_);
  return f(view);
}

Result<void> MemoryStore::transact(
    const std::function<Result<void>(app::Txn&)>& f) {
  auto copy = std::make_unique<Data>(*data_);
  View view(*copy);
  BZ_TRY(f(view));
  data_ = std::move(copy);
  return {};
}

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
  d.last_outbox = highest_id(outbox);
  d.last_silence = highest_id(silences);
  d.last_event = highest_id(d.events);
  return store;
}

}  // namespace bezalel::store
