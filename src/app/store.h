// What the checker remembers, and the port it is kept behind.
//
// Facts are stored, never a status. All writes of one cycle are one
// transaction; only a Txn can write, and only Store::transact makes one.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/channel.h"
#include "app/known_jobs.h"
#include "app/service_result.h"
#include "core/incident.h"
#include "record/run_log.h"

namespace bezalel::app {

// One run of a job as taken in from the run log. `end` is absent while open.
struct RunRow {
  core::JobKey key;
  std::string run_id;
  std::optional<record::RunStart> start;
  std::optional<record::RunEnd> end;
};

// One entry of the host's schedule as the inventory remembers it. Equal
// commands in one source are one entry.
struct KnownSchedule {
  core::JobKey key;
  std::string source;  // file, "crontab of root", unit
  int line = 0;        // as last seen; 0: none
  std::string schedule;
  std::string package;  // that owned the source; empty: none
  Timestamp first_seen, last_seen;
  // Its schedule was another one before.
  std::string former_schedule;
  std::optional<Timestamp> schedule_changed;
  bool was_watched = false;
  // Not watched since; `baseline`: already at the first sight of the host.
  std::optional<Timestamp> unwatched_since;
  bool baseline = false;
  // Its line had every run recorded; since then it does not, and what was left
  // before says nothing of what comes.
  bool was_wrapped = false;
  std::optional<Timestamp> unwrapped_since;
  bool is_wrapped() const { return was_wrapped && !unwrapped_since; }
  // No scheduler runs it any more, and nobody retired it.
  std::optional<Timestamp> gone_since;
  bool commented_out = false;
  // Newest start in cron's log, for what leaves no other proof.
  std::optional<Timestamp> log_start;
  // The service of a timer failed so, and has had no success since.
  std::optional<ServiceFailure> failure;
  friend bool operator==(const KnownSchedule&, const KnownSchedule&) = default;
};

// How far a run log file was taken in.
struct Cursor {
  std::string path;
  std::uint64_t inode = 0;
  std::uint64_t offset = 0;
};

struct Silence {
  std::int64_t id = 0;
  std::optional<core::IncidentKey> key;  // none: the whole host
  Timestamp since;
  Timestamp until;
  std::string who, why;
};

struct PausedJob {
  core::JobKey key;
  core::Pause pause;
};

enum class OutboxState { pending, unknown, dead, sent };

struct OutboxRow {
  std::int64_t id = 0;
  std::int64_t incident_id = 0;  // 0: a test or drill notice
  std::string channel;
  std::string notice;  // encode(Notice)
  OutboxState state = OutboxState::pending;
  int attempts = 0;
  Timestamp created;
  Timestamp next_attempt;
  std::string last_error;
};

struct ChannelState {
  std::string channel;
  std::optional<Timestamp> last_sent;
  std::optional<Timestamp> failing_since;
  std::string last_error;
  bool dead = false;
};

// What happened, for reports: never deleted before 400 days.
struct Event {
  std::int64_t id = 0;
  Timestamp at;
  std::string kind;  // opened changed reminded resolved acked silenced paused
                     // resumed retired delivered dead_channel gap clock_step
                     // action report cycle ...
  std::optional<core::IncidentKey> key;
  std::int64_t incident_id = 0;
  std::string text;  // one sentence
};

// One committed cycle of the checker.
struct Cycle {
  Timestamp at;
  BootTime boottime;
  std::string boot_id;
  std::optional<Duration> asleep = std::nullopt;  // as Moment's
};

struct ClosedIncident {
  core::OpenIncident incident;
  Timestamp closed;
  core::CloseReason reason = core::CloseReason::well_again;
};

// So many of its newest runs the state keeps of a job, at most.
inline constexpr int kRunsKept = 100;

// Reads; each is consistent within one transaction or snapshot.
class StoreReader {
 public:
  virtual ~StoreReader() = default;
  virtual Result<KnownJobs> known_jobs() = 0;
  // The newest `per_job` runs of every job (or of one), oldest first, and all
  // open ones.
  virtual Result<std::vector<RunRow>> runs(
      int per_job, const std::optional<core::JobKey>& only = {}) = 0;
  // The starts of all open runs.
  virtual Result<std::vector<record::RunStart>> open_runs() = 0;
  virtual Result<std::vector<Cursor>> cursors() = 0;
  virtual Result<std::vector<core::OpenIncident>> open_incidents() = 0;
  virtual Result<std::vector<ClosedIncident>> closed_since(Timestamp t) = 0;
  // Number of the newest incident of a key, 0: none yet.
  virtual Result<std::int64_t> last_number(const core::IncidentKey& key) = 0;
  virtual Result<std::vector<Silence>> silences() = 0;  // ended ones too, 40 d
  virtual Result<std::vector<PausedJob>> pauses() = 0;
  // Rows not sent, in order of id (per incident and channel: in order).
  virtual Result<std::vector<OutboxRow>> outbox() = 0;
  virtual Result<std::vector<KnownSchedule>> inventory() = 0;
  // Newest remote reference of an incident on a channel.
  virtual Result<std::optional<std::string>> remote_ref(
      std::int64_t incident_id, const std::string& channel) = 0;
  // True if `opened` of this incident was sent on it: not while nobody knows
  // (it is in the outbox), nor if its row was dropped (sent, with an error).
  virtual Result<bool> was_told(std::int64_t incident_id,
                                const std::string& channel) = 0;
  virtual Result<std::vector<ChannelState>> channel_states() = 0;
  virtual Result<std::vector<Event>> events_since(Timestamp t) = 0;
  // Newest first; at most `n`.
  virtual Result<std::vector<Cycle>> cycles(int n) = 0;
  virtual Result<std::optional<std::string>> meta(const std::string& name) = 0;
  virtual Result<std::map<std::string, std::string>> all_meta() = 0;
};

class Txn : public StoreReader {
 public:
  virtual Result<void> put_job(const KnownJob& job) = 0;
  // A start or an end; the other half is merged by run id. Idempotent.
  virtual Result<void> put_run(const core::JobKey& key,
                               const record::RunRecord& record) = 0;
  virtual Result<void> put_cursor(const Cursor& cursor) = 0;
  // Drops cursors whose file is gone and runs beyond kRunsKept a job or
  // 40 days.
  virtual Result<void> prune(Timestamp now) = 0;
  // Fails with Kind::conflict if one is open for the key already. Returns id.
  virtual Result<std::int64_t> open_incident(const core::OpenIncident& i) = 0;
  virtual Result<void> update_incident(const core::OpenIncident& i) = 0;
  virtual Result<void> close_incident(std::int64_t id, Timestamp at,
                                      core::CloseReason reason) = 0;
  virtual Result<void> add_event(const Event& event) = 0;
  virtual Result<std::int64_t> enqueue(const OutboxRow& row) = 0;
  virtual Result<void> update_outbox(const OutboxRow& row) = 0;
  virtual Result<void> set_remote_ref(std::int64_t incident_id,
                                      const std::string& channel,
                                      const std::string& ref) = 0;
  virtual Result<void> put_channel_state(const ChannelState& state) = 0;
  virtual Result<std::int64_t> put_silence(const Silence& silence) = 0;
  virtual Result<void> end_silence(std::int64_t id, Timestamp at) = 0;
  virtual Result<void> put_pause(const PausedJob& paused) = 0;
  virtual Result<void> drop_pause(const core::JobKey& key) = 0;
  // By key and source.
  virtual Result<void> put_schedule(const KnownSchedule& s) = 0;
  virtual Result<void> drop_schedule(const core::JobKey& key,
                                     const std::string& source) = 0;
  virtual Result<void> add_cycle(const Cycle& cycle) = 0;
  virtual Result<void> set_meta(const std::string& name,
                                const std::string& value) = 0;
};

class Store {
 public:
  Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  virtual ~Store() = default;

  // A consistent view; nothing can be written through it.
  virtual Result<void> read(
      const std::function<Result<void>(StoreReader&)>& f) = 0;
  // All of f or nothing. A failing f rolls back and its error is returned;
  // Kind::full / io when the disk fails, Kind::unavailable when another
  // process holds the write lock beyond 10 s.
  virtual Result<void> transact(const std::function<Result<void>(Txn&)>& f) = 0;
};

}  // namespace bezalel::app
