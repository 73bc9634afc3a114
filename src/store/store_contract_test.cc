// One contract, two stores: whatever holds here holds for both.
#include "store/contract.h"

namespace bezalel::store {
namespace {

using namespace contract;

TEST_CASE("a new store knows nothing") {
  with_each([](app::Store& store) {
    CHECK(look(store, [](auto& r) { return r.known_jobs(); }).empty());
    CHECK(all_runs(store, 10).empty());
    CHECK(open_in(store).empty());
    CHECK(outbox_of(store).empty());
    CHECK(look(store, [](auto& r) { return r.cycles(5); }).empty());
    CHECK_FALSE(look(store, [](auto& r) { return r.meta("x"); }));
  });
}

TEST_CASE("a known job comes back as it was put, and is replaced by its key") {
  with_each([](app::Store& store) {
    app::KnownJob job;
    job.key = {4294967295U, "a@b"};
    job.first_seen = after(-100);
    job.last_seen = kNow;
    record::ScheduleText schedule;
    schedule.cron = "0 3 * * *";
    schedule.tz = "Europe/Riga";
    job.schedule = std::make_shared<record::ScheduleText>(schedule);
    change(store, [&](app::Txn& t) { return t.put_job(job); });
    job.last_success = after(-5);
    job.last_run_id = "r";
    job.distrust_since = after(-1);
    job.retired = app::Retirement{kNow, "ann", "it's over; DROP TABLE job"};
    job.declaration = app::Declaration{"/e/jobs.d/a.toml", kNow};
    change(store, [&](app::Txn& t) { return t.put_job(job); });
    const auto jobs = look(store, [](auto& r) { return r.known_jobs(); });
    REQUIRE(jobs.size() == 1);
    CHECK(jobs[0].key == job.key);
    CHECK(jobs[0].first_seen == job.first_seen);
    CHECK(jobs[0].last_success == job.last_success);
    REQUIRE(jobs[0].schedule);
    CHECK(*jobs[0].schedule == schedule);
    CHECK(jobs[0].distrust_since == job.distrust_since);
    CHECK(jobs[0].retired == job.retired);
    CHECK(jobs[0].declaration == job.declaration);
  });
}

TEST_CASE("the halves of a run meet in any order and however often") {
  const auto start = start_of("r1", 0);
  const auto end = end_of("r1", 0);
  const std::vector<std::vector<record::RunRecord>> orders = {
      {start, end}, {end, start}, {start, start, end, end}, {end, start, end}};
  with_each([&](app::Store& store) {
    int n = 0;
    for (const auto& order : orders) {
      const core::JobKey key{1000, "job" + std::to_string(n++)};
      for (const auto& record : order) {
        change(store, [&](app::Txn& t) { return t.put_run(key, record); });
      }
    }
    const auto rows = all_runs(store, 10);
    REQUIRE(rows.size() == orders.size());
    for (const auto& row : rows) {
      REQUIRE(row.start);
      REQUIRE(row.end);
      CHECK(*row.start == start);
      CHECK(*row.end == end);
    }
  });
}

TEST_CASE("the first half that was taken in stays") {
  with_each([](app::Store& store) {
    auto first = end_of("r1", 0);
    auto second = first;
    second.exit_code = 9;
    change(store, [&](app::Txn& t) -> Result<void> {
      BZ_TRY(t.put_run(kBackup, first));
      return t.put_run(kBackup, second);
    });
    CHECK(all_runs(store, 10).at(0).end == first);
  });
}

TEST_CASE("runs are the newest of each job, oldest first, and all open ones") {
  with_each([](app::Store& store) {
    change(store, [](app::Txn& t) -> Result<void> {
      BZ_TRY(t.put_run(kBackup, start_of("open", 0)));
      for (int i = 1; i <= 5; ++i) {
        const std::string id = "r" + std::to_string(i);
        BZ_TRY(t.put_run(kBackup, start_of(id, i)));
        BZ_TRY(t.put_run(kBackup, end_of(id, i)));
      }
      return t.put_run({1, "other"}, end_of("x", 0));
    });
    std::vector<std::string> ids;
    for (const auto& row : all_runs(store, 2)) ids.push_back(row.run_id);
    CHECK(ids == std::vector<std::string>{"x", "open", "r4", "r5"});
    const auto open = look(store, [](auto& r) { return r.open_runs(); });
    REQUIRE(open.size() == 1);
    CHECK(open[0].run_id == "open");
    const auto only = look(store, [](auto& r) { return r.runs(1, kBackup); });
    REQUIRE(only.size() == 2);
    CHECK(only[0].run_id == "open");
    CHECK(only[1].run_id == "r5");
  });
}

TEST_CASE("a failing function leaves nothing behind and its error is told") {
  with_each([](app::Store& store) {
    const auto done = store.transact([](app::Txn& t) -> Result<void> {
      BZ_TRY(t.set_meta("a", "1"));
      BZ_ASSIGN([[maybe_unused]] auto id,
                t.open_incident(incident_of("backup", 1)));
      BZ_TRY(t.put_run(kBackup, start_of("r", 0)));
      return err(Kind::io, "the cable was pulled");
    });
    REQUIRE_FALSE(done);
    CHECK(done.error().what == "the cable was pulled");
    CHECK_FALSE(look(store, [](auto& r) { return r.meta("a"); }));
    CHECK(open_in(store).empty());
    CHECK(all_runs(store, 9).empty());
    change(store, [](app::Txn& t) { return t.set_meta("a", "2"); });
    CHECK(look(store, [](auto& r) { return r.meta("a"); }) == "2");
    change(store, [](app::Txn& t) { return t.set_meta("b", ""); });
    CHECK(look(store, [](auto& r) { return r.all_meta(); }) ==
          std::map<std::string, std::string>{{"a", "2"}, {"b", ""}});
  });
}

TEST_CASE("the inventory comes back by key and source") {
  with_each([](app::Store& store) {
    app::KnownSchedule s;
    s.key = kBackup;
    s.source = "/etc/cron.d/b";
    s.line = 7;
    s.schedule = "0 1 * * *";
    s.package = "backup";
    s.first_seen = kNow;
    s.last_seen = after(1);
    s.former_schedule = "0 2 * * *";
    s.schedule_changed = after(2);
    s.was_watched = true;
    s.unwatched_since = after(3);
    s.baseline = true;
    s.gone_since = after(4);
    s.commented_out = true;
    s.log_start = after(5);
    s.was_wrapped = true;
    s.unwrapped_since = after(6);
    s.failure = app::ServiceFailure{after(7), "exit 5"};
    app::KnownSchedule plain = s;
    plain.source = "/etc/cron.d/a";
    plain.was_watched = plain.baseline = plain.commented_out = false;
    plain.schedule_changed = plain.unwatched_since = plain.gone_since = {};
    plain.log_start = plain.unwrapped_since = {};
    plain.failure.reset();
    plain.was_wrapped = false;
    change(store, [&](app::Txn& t) -> Result<void> {
      BZ_TRY(t.put_schedule(s));
      app::KnownSchedule other = plain;
      other.line = 1;
      BZ_TRY(t.put_schedule(other));
      BZ_TRY(t.put_schedule(plain));
      other.key = {1, "gone"};
      BZ_TRY(t.put_schedule(other));
      return t.drop_schedule(other.key, other.source);
    });
    const auto all = look(store, [](auto& r) { return r.inventory(); });
    CHECK(all == std::vector<app::KnownSchedule>{plain, s});
  });
}

TEST_CASE("silences, pauses, cursors, channels, cycles and events come back") {
  with_each([](app::Store& store) {
    std::int64_t silence = 0;
    change(store, [&](app::Txn& t) -> Result<void> {
      app::Silence s;
      s.key = core::IncidentKey::of(kBackup);
      s.since = kNow;
      s.until = after(3600);
      s.who = "ann";
      s.why = "disk swap";
      BZ_ASSIGN(silence, t.put_silence(s));
      s.key.reset();
      BZ_TRY(t.put_silence(s));
      BZ_TRY(t.put_pause({kBackup, {kNow, "ann", "moving"}}));
      BZ_TRY(t.put_pause({{1, "gone"}, {kNow, "ann", "x"}}));
      BZ_TRY(t.drop_pause({1, "gone"}));
      BZ_TRY(t.put_cursor({"/r/b", 7, 10}));
      BZ_TRY(t.put_cursor({"/r/a", ~std::uint64_t{0}, 1}));
      BZ_TRY(t.put_cursor({"/r/b", 7, 20}));
      BZ_TRY(t.put_channel_state({"forge", kNow, {}, "", false}));
      BZ_TRY(t.put_channel_state({"forge", kNow, after(1), "401", true}));
      BZ_TRY(t.add_cycle({kNow, BootTime(Duration(1)), "b1"}));
      BZ_TRY(t.add_cycle(
          {after(1), BootTime(Duration(2)), "b2", std::chrono::hours(3)}));
      BZ_TRY(t.add_event({0, after(2), "gap", {}, 0, "second"}));
      return t.add_event(
          {0, kNow, "opened", core::IncidentKey::of(kBackup), 0, "first"});
    });
    change(store,
           [&](app::Txn& t) { return t.end_silence(silence, after(60)); });
    const auto silences = look(store, [](auto& r) { return r.silences(); });
    REQUIRE(silences.size() == 2);
    CHECK(silences[0].key == core::IncidentKey::of(kBackup));
    CHECK(silences[0].until == after(60));
    CHECK(silences[0].why == "disk swap");
    CHECK_FALSE(silences[1].key);
    const auto pauses = look(store, [](auto& r) { return r.pauses(); });
    REQUIRE(pauses.size() == 1);
    CHECK(pauses[0].pause.why == "moving");
    const auto cursors = look(store, [](auto& r) { return r.cursors(); });
    REQUIRE(cursors.size() == 2);
    CHECK(cursors[0].inode == ~std::uint64_t{0});
    CHECK(cursors[1].offset == 20);
    const auto states = look(store, [](auto& r) { return r.channel_states(); });
    REQUIRE(states.size() == 1);
    CHECK(states[0].dead);
    CHECK(states[0].failing_since == after(1));
    const auto cycles = look(store, [](auto& r) { return r.cycles(1); });
    REQUIRE(cycles.size() == 1);
    CHECK(cycles[0].boot_id == "b2");
    CHECK(cycles[0].asleep == std::chrono::hours(3));
    CHECK_FALSE(look(store, [](auto& r) { return r.cycles(2); })[1].asleep);
    const auto events =
        look(store, [](auto& r) { return r.events_since(kNow); });
    REQUIRE(events.size() == 2);
    CHECK(events[0].text == "first");
    CHECK(events[0].key == core::IncidentKey::of(kBackup));
    CHECK_FALSE(events[1].key);
  });
}

TEST_CASE("pruning keeps 100 runs a job, and a few however old") {
  with_each([](app::Store& store) {
    const int old = -50 * 24 * 3600;
    change(store, [&](app::Txn& t) -> Result<void> {
      for (int i = 0; i < 130; ++i) {
        const std::string id = "n" + std::to_string(i);
        BZ_TRY(t.put_run({1, "often"}, end_of(id, i)));
        BZ_TRY(t.put_run({1, "yearly"}, end_of(id, old + i)));
      }
      BZ_TRY(t.put_cursor({"/nowhere/at/all", 1, 1}));
      BZ_TRY(t.put_cursor({"/", 1, 1}));
      return t.prune(kNow);
    });
    CHECK(look(store, [](auto& r) {
            return r.runs(999, core::JobKey{1, "often"});
          }).size() == 100);
    CHECK(look(store, [](auto& r) {
            return r.runs(999, core::JobKey{1, "yearly"});
          }).size() == 30);
    CHECK(look(store, [](auto& r) { return r.cursors(); }).size() == 1);
  });
}

TEST_CASE("pruning never forgets whom an open incident told") {
  with_each([](app::Store& store) {
    const auto open = opened_in(store, incident_of("backup", 1));
    const auto over = opened_in(store, incident_of("other", 1));
    change(store, [&](app::Txn& t) -> Result<void> {
      for (const auto id : {open, over}) {
        auto row = row_of(id, "forge", "opened");
        row.state = app::OutboxState::sent;
        BZ_TRY(t.enqueue(row));
      }
      return t.close_incident(over, after(10), core::CloseReason::well_again);
    });
    change(store, [](app::Txn& t) {
      return t.prune(kNow + std::chrono::hours(41 * 24));
    });
    CHECK(told(store, open, "forge"));
    CHECK_FALSE(told(store, over, "forge"));
  });
}

TEST_CASE("a copy in memory tells what its original tells") {
  TempDir dir;
  auto opened = open(dir.file("state.db"), Mode::read_write, kNow);
  REQUIRE(opened);
  app::Store& original = *opened->store;
  const auto id = opened_in(original, incident_of("backup", 4));
  change(original, [&](app::Txn& t) -> Result<void> {
    auto row = row_of(id, "forge", "opened");
    row.state = app::OutboxState::sent;
    BZ_TRY(t.enqueue(row));
    BZ_TRY(t.set_remote_ref(id, "forge", "12"));
    BZ_TRY(t.put_run(kBackup, end_of("r", 0)));
    BZ_TRY(t.set_meta("folded.4", "3"));
    return t.add_cycle({kNow, BootTime(Duration(1)), "b1"});
  });
  auto copy =
      look(original,
           [](app::StoreReader& r) -> Result<std::shared_ptr<MemoryStore>> {
             BZ_ASSIGN(auto made, MemoryStore::copy_of(r, {"forge", "pager"}));
             return std::shared_ptr<MemoryStore>(std::move(made));
           });
  CHECK(open_in(*copy).at(0).number == 4);
  CHECK(told(*copy, id, "forge"));
  CHECK_FALSE(told(*copy, id, "pager"));
  CHECK(all_runs(*copy, 5).size() == 1);
  CHECK(look(*copy, [](auto& r) { return r.meta("folded.4"); }) == "3");
  CHECK(look(*copy, [](auto& r) { return r.cycles(2); }).size() == 1);
  CHECK(opened_in(*copy, incident_of("new", 1)) == id + 1);
  CHECK(open_in(original).size() == 1);
}

}  // namespace
}  // namespace bezalel::store
