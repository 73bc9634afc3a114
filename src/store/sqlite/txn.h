// The port's reads and writes as SQL, inside of a transaction of the caller's.
#pragma once

#include "app/store.h"
#include "store/sqlite/db.h"

namespace bezalel::store {

// Lives within one transaction of `db`, which it borrows.
class SqliteTxn final : public app::Txn {
 public:
  explicit SqliteTxn(Db& db) : db_(db) {}

  Result<app::KnownJobs> known_jobs() override;
  Result<std::vector<record::RunStart>> open_runs() override;
  Result<std::vector<app::RunRow>> runs(
      int per_job, const std::optional<core::JobKey>& only) override;
  Result<std::vector<app::Cursor>> cursors() override;
  Result<std::vector<core::OpenIncident>> open_incidents() override;
  Result<std::vector<app::ClosedIncident>> closed_since(Timestamp t) override;
  Result<std::int64_t> last_number(const core::IncidentKey& key) override;
  Result<std::vector<app::Silence>> silences() override;
  Result<std::vector<app::PausedJob>> pauses() override;
  Result<std::vector<app::OutboxRow>> outbox() override;
  Result<std::vector<app::KnownSchedule>> inventory() override;
  Result<std::optional<std::string>> remote_ref(
      std::int64_t incident_id, const std::string& channel) override;
  Result<bool> was_told(std::int64_t incident_id,
                        const std::string& channel) override;
  Result<std::vector<app::ChannelState>> channel_states() override;
  Result<std::vector<app::Event>> events_since(Timestamp t) override;
  Result<std::vector<app::Cycle>> cycles(int n) override;
  Result<std::optional<std::string>> meta(const std::string& name) override;
  Result<std::map<std::string, std::string>> all_meta() override;

  Result<void> put_job(const app::KnownJob& job) override;
  Result<void> put_run(const core::JobKey& key,
                       const record::RunRecord& record) override;
  Result<void> put_cursor(const app::Cursor& cursor) override;
  Result<void> prune(Timestamp now) override;
  Result<std::int64_t> open_incident(const core::OpenIncident& i) override;
  Result<void> update_incident(const core::OpenIncident& i) override;
  Result<void> close_incident(std::int64_t id, Timestamp at,
                              core::CloseReason reason) override;
  Result<void> add_event(const app::Event& event) override;
  Result<std::int64_t> enqueue(const app::OutboxRow& row) override;
  Result<void> update_outbox(const app::OutboxRow& row) override;
  Result<void> set_remote_ref(std::int64_t incident_id,
                              const std::string& channel,
                              const std::string& ref) override;
  Result<void> put_channel_state(const app::ChannelState& state) override;
  Result<std::int64_t> put_silence(const app::Silence& silence) override;
  Result<void> end_silence(std::int64_t id, Timestamp at) override;
  Result<void> put_pause(const app::PausedJob& paused) override;
  Result<void> drop_pause(const core::JobKey& key) override;
  Result<void> put_schedule(const app::KnownSchedule& s) override;
  Result<void> drop_schedule(const core::JobKey& key,
                             const std::string& source) override;
  Result<void> add_cycle(const app::Cycle& cycle) override;
  Result<void> set_meta(const std::string& name,
                        const std::string& value) override;

 private:
  // Kind::not_found unless the last statement changed a row.
  Result<void> must_have_changed(const char* what, std::int64_t id);

  Db& db_;
};

}  // namespace bezalel::store
