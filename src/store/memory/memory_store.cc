#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "store/memory/memory_data.h"

namespace bezalel::store {

namespace {

// What means nothing in a key is left out, so that equal keys are equal.
core::IncidentKey tidy(core::IncidentKey key) {
  if (key.kind == core::IncidentKey::Kind::job) key.source.clear();
  if (key.kind == core::IncidentKey::Kind::finding) key.uid = 0;
  return key;
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

  Result<std::vector<record::RunStart>> open_runs() override {
    std::vector<record::RunStart> open;
    for (const auto& [key, rows] : d_.runs) {
      for (const app::RunRow& row : rows) {
        if (row.start && !row.end) open.push_back(*row.start);
      }
    }
    return open;
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
      if (row.incident_id != incident_id || row.channel != channel) continue;
      if (row.state == app::OutboxState::sent && row.last_error.empty()) {
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

  Result<std::map<std::string, std::string>> all_meta() override {
    return d_.meta;
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
    d_.prune(now);
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

}  // namespace bezalel::store
