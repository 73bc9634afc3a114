// What the cases of the stores' contract share: whatever holds for one store
// holds for the other.
#pragma once

#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <functional>
#include <string>
#include <utility>

#include "store/memory/memory_store.h"
#include "store/sqlite/open.h"

namespace bezalel::store::contract {

inline const Timestamp kNow = from_unix_seconds(1'795'500'000);

inline Timestamp after(int seconds) {
  return kNow + std::chrono::seconds(seconds);
}

class TempDir {
 public:
  TempDir() {
    char name[] = "/tmp/bezalel-store-XXXXXX";
    REQUIRE(::mkdtemp(name) != nullptr);
    path_ = name;
  }
  ~TempDir() { std::filesystem::remove_all(path_); }
  std::string file(const char* name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// Runs a case once with each store.
inline void with_each(const std::function<void(app::Store&)>& f) {
  SUBCASE("in memory") {
    MemoryStore store;
    f(store);
  }
  SUBCASE("in SQLite") {
    TempDir dir;
    auto opened = open(dir.file("state.db"), Mode::read_write, kNow);
    REQUIRE_MESSAGE(opened, (opened ? "" : opened.error().what));
    f(*opened->store);
  }
}

// What f gives, read in a transaction of its own.
template <class F>
auto look(app::Store& store, F&& f) {
  using T = typename decltype(f(std::declval<app::StoreReader&>()))::value_type;
  T out{};
  const auto done = store.read([&](app::StoreReader& r) -> Result<void> {
    BZ_ASSIGN(out, f(r));
    return {};
  });
  REQUIRE_MESSAGE(done, (done ? "" : done.error().what));
  return out;
}

inline void change(app::Store& store,
                   const std::function<Result<void>(app::Txn&)>& f) {
  const auto done = store.transact(f);
  REQUIRE_MESSAGE(done, (done ? "" : done.error().what));
}

inline core::OpenIncident incident_of(const std::string& job,
                                      std::int64_t number) {
  core::OpenIncident i;
  i.number = number;
  i.key = core::IncidentKey::of(core::JobKey{1000, job});
  i.severity = core::Severity::p1;
  i.verdict = "stale";
  i.cause = "no run has started";
  i.since = after(-60);
  i.opened = kNow;
  i.last_told = kNow;
  return i;
}

inline std::int64_t opened_in(app::Store& store, const core::OpenIncident& i) {
  std::int64_t id = 0;
  change(store, [&](app::Txn& txn) -> Result<void> {
    BZ_ASSIGN(id, txn.open_incident(i));
    return {};
  });
  return id;
}

inline record::RunStart start_of(const std::string& id, int at) {
  record::RunStart start;
  start.job = "backup";
  start.run_id = id;
  start.uid = 1000;
  start.host = "db7";
  start.boot_id = "b";
  start.pid_ns = 4026531836;
  start.pid = 77;
  start.pid_start = 99;
  start.at = after(at);
  start.boottime = BootTime(std::chrono::seconds(5));
  start.cmd = "backup \x27--all\x27";
  start.schedule.every = "1d";
  return start;
}

inline record::RunEnd end_of(const std::string& id, int at) {
  record::RunEnd end;
  end.job = "backup";
  end.run_id = id;
  end.at = after(at + 10);
  end.boottime = BootTime(std::chrono::seconds(15));
  end.started = after(at);
  end.duration = std::chrono::seconds(10);
  end.outcome = record::Outcome::fail;
  end.exit_code = 3;
  end.detail = "exit 3";
  end.out = {5, "hello", ""};
  return end;
}

inline const core::JobKey kBackup{1000, "backup"};

inline app::OutboxRow row_of(std::int64_t incident, const std::string& channel,
                             const std::string& notice) {
  app::OutboxRow row;
  row.incident_id = incident;
  row.channel = channel;
  row.notice = notice;
  row.created = kNow;
  row.next_attempt = kNow;
  return row;
}

inline auto all_runs(app::Store& store, int per_job) {
  return look(store, [&](app::StoreReader& r) { return r.runs(per_job); });
}

inline auto outbox_of(app::Store& store) {
  return look(store, [](app::StoreReader& r) { return r.outbox(); });
}

inline auto open_in(app::Store& store) {
  return look(store, [](app::StoreReader& r) { return r.open_incidents(); });
}

inline bool told(app::Store& store, std::int64_t id, const char* channel) {
  return look(store,
              [&](app::StoreReader& r) { return r.was_told(id, channel); });
}

}  // namespace bezalel::store::contract
