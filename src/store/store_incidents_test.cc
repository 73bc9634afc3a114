// The same contract, of incidents and who was told of them.
#include "store/contract.h"

namespace bezalel::store {
namespace {

using namespace contract;

TEST_CASE("one key has at most one open incident, and numbers go up") {
  with_each([](app::Store& store) {
    const auto first = incident_of("backup", 1);
    const auto id = opened_in(store, first);
    const auto again = store.transact([&](app::Txn& t) -> Result<void> {
      BZ_TRY(t.open_incident(incident_of("backup", 2)));
      return {};
    });
    REQUIRE_FALSE(again);
    CHECK(again.error().kind == Kind::conflict);
    change(store, [&](app::Txn& t) {
      return t.close_incident(id, after(5), core::CloseReason::well_again);
    });
    CHECK(open_in(store).empty());
    const auto number = [&] {
      return look(store, [&](auto& r) { return r.last_number(first.key); });
    };
    CHECK(number() == 1);
    const auto reused = store.transact([&](app::Txn& t) -> Result<void> {
      BZ_TRY(t.open_incident(first));
      return {};
    });
    REQUIRE_FALSE(reused);
    CHECK(reused.error().kind == Kind::invalid);
    CHECK(opened_in(store, incident_of("backup", 2)) > id);
    CHECK(number() == 2);
    const auto closed =
        look(store, [](auto& r) { return r.closed_since(after(5)); });
    REQUIRE(closed.size() == 1);
    CHECK(closed[0].incident.key == first.key);
    CHECK(closed[0].reason == core::CloseReason::well_again);
    CHECK(
        look(store, [](auto& r) { return r.closed_since(after(6)); }).empty());
  });
}

TEST_CASE("a finding's key is its id and source") {
  with_each([](app::Store& store) {
    auto a = incident_of("x", 1);
    a.key = core::IncidentKey::of_finding("disk-full", "/var");
    auto b = a;
    b.key.source = "/home";
    opened_in(store, a);
    opened_in(store, b);
    const auto open = open_in(store);
    REQUIRE(open.size() == 2);
    CHECK(open[0].key == a.key);
    CHECK(open[1].key == b.key);
  });
}

TEST_CASE("an open incident is updated, a closed or unknown one is not") {
  with_each([](app::Store& store) {
    auto i = incident_of("backup", 1);
    i.id = opened_in(store, i);
    i.verdict = "failed";
    i.severity = core::Severity::p2;
    i.acked = after(1);
    i.well_since = after(2);
    i.reminders = 3;
    i.number = 7;  // a tracker knew of more
    change(store, [&](app::Txn& t) { return t.update_incident(i); });
    const auto open = open_in(store);
    REQUIRE(open.size() == 1);
    CHECK(open[0].verdict == "failed");
    CHECK(open[0].severity == core::Severity::p2);
    CHECK(open[0].acked == i.acked);
    CHECK(open[0].well_since == i.well_since);
    CHECK(open[0].reminders == 3);
    CHECK(open[0].number == 7);
    CHECK(look(store, [&](auto& r) { return r.last_number(i.key); }) == 7);
    change(store, [&](app::Txn& t) {
      return t.close_incident(i.id, kNow, core::CloseReason::retired);
    });
    const auto late =
        store.transact([&](app::Txn& t) { return t.update_incident(i); });
    REQUIRE_FALSE(late);
    CHECK(late.error().kind == Kind::not_found);
    const auto twice = store.transact([&](app::Txn& t) {
      return t.close_incident(i.id, kNow, core::CloseReason::explained);
    });
    CHECK_FALSE(twice);
  });
}

TEST_CASE("the outbox keeps its order and shows what is not sent") {
  with_each([](app::Store& store) {
    const auto id = opened_in(store, incident_of("backup", 1));
    change(store, [&](app::Txn& t) -> Result<void> {
      for (const char* notice : {"1", "2", "3"}) {
        BZ_TRY(t.enqueue(row_of(id, "forge", notice)));
      }
      BZ_TRY(t.enqueue(row_of(0, "forge", "test")));
      return {};
    });
    auto rows = outbox_of(store);
    REQUIRE(rows.size() == 4);
    CHECK(rows[0].notice == "1");
    CHECK(rows[3].incident_id == 0);
    rows[1].state = app::OutboxState::sent;
    rows[1].attempts = 2;
    rows[2].state = app::OutboxState::dead;
    rows[2].last_error = "401";
    change(store, [&](app::Txn& t) -> Result<void> {
      BZ_TRY(t.update_outbox(rows[1]));
      return t.update_outbox(rows[2]);
    });
    rows = outbox_of(store);
    REQUIRE(rows.size() == 3);
    CHECK(rows[0].notice == "1");
    CHECK(rows[1].notice == "3");
    CHECK(rows[1].state == app::OutboxState::dead);
    CHECK(rows[1].last_error == "401");
    auto unknown = rows[0];
    unknown.id = 999;
    CHECK_FALSE(
        store.transact([&](app::Txn& t) { return t.update_outbox(unknown); }));
  });
}

TEST_CASE(
    "a channel was told once a notice is sent, and not while nobody knows") {
  with_each([](app::Store& store) {
    const auto id = opened_in(store, incident_of("backup", 1));
    change(store, [&](app::Txn& t) -> Result<void> {
      BZ_TRY(t.enqueue(row_of(id, "forge", "opened")));
      BZ_TRY(t.enqueue(row_of(id, "pager", "opened")));
      return {};
    });
    CHECK_FALSE(told(store, id, "forge"));
    auto rows = outbox_of(store);
    rows[0].state = app::OutboxState::unknown;
    change(store, [&](app::Txn& t) { return t.update_outbox(rows[0]); });
    CHECK_FALSE(told(store, id, "forge"));
    rows[0].state = app::OutboxState::sent;
    change(store, [&](app::Txn& t) { return t.update_outbox(rows[0]); });
    CHECK(told(store, id, "forge"));
    CHECK_FALSE(told(store, id, "pager"));
    CHECK_FALSE(told(store, id + 1, "forge"));
    rows[0].last_error = "dropped: its channel is gone";
    change(store, [&](app::Txn& t) { return t.update_outbox(rows[0]); });
    CHECK_FALSE(told(store, id, "forge"));
  });
}

TEST_CASE("a row, an event or a reference needs an incident that exists") {
  with_each([](app::Store& store) {
    const std::function<Result<void>(app::Txn&)> attempts[] = {
        [](app::Txn& t) -> Result<void> {
          BZ_TRY(t.enqueue(row_of(42, "forge", "n")));
          return {};
        },
        [](app::Txn& t) { return t.set_remote_ref(42, "forge", "#1"); },
        [](app::Txn& t) {
          return t.add_event({0, kNow, "opened", {}, 42, "text"});
        }};
    for (const auto& attempt : attempts) {
      const auto done = store.transact(attempt);
      REQUIRE_FALSE(done);
      CHECK(done.error().kind == Kind::conflict);
    }
  });
}

TEST_CASE("the newest remote reference of an incident counts") {
  with_each([](app::Store& store) {
    const auto id = opened_in(store, incident_of("backup", 1));
    change(store, [&](app::Txn& t) -> Result<void> {
      BZ_TRY(t.set_remote_ref(id, "forge", "12"));
      return t.set_remote_ref(id, "forge", "13");
    });
    const auto ref = [&](const char* channel) {
      return look(store, [&](auto& r) { return r.remote_ref(id, channel); });
    };
    CHECK(ref("forge") == "13");
    CHECK_FALSE(ref("pager"));
  });
}

}  // namespace
}  // namespace bezalel::store
