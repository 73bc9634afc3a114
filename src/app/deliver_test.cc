#include "app/deliver.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "app/fake_cycle.h"

namespace bezalel::app {
namespace {

using fake::FakeHost;
using fake::notify;
using fake::open_of;
using fake::pass;
using std::chrono::hours;
using std::chrono::minutes;

TEST_CASE("an alarm that could not be sent is sent later, once") {
  FakeHost host;
  host.beat("a", minutes(20));
  notify(host);
  host.forge->next = RetryLater{"503", {}, false};
  pass(host, hours(1));
  CHECK(host.forge->told.empty());
  CHECK(host.pager->told.size() == 1);
  host.forge->next = Sent{};
  pass(host, minutes(30));
  REQUIRE(host.forge->told.size() == 1);
  CHECK(host.forge->told[0].kind == NoticeKind::opened);
}

TEST_CASE(
    "one address of several is tried again alone, and keeps back nothing") {
  FakeHost host;
  host.beat("a", minutes(20));
  notify(host);
  Sent but_one;
  but_one.not_yet = {"ops@example"};
  host.pager->next = but_one;
  pass(host, hours(1));
  REQUIRE(host.pager->told.size() >= 2);
  CHECK(host.pager->told[0].only_to.empty());
  CHECK(host.pager->told[1].only_to == but_one.not_yet);
  CHECK(host.pager->told[1].event_id == host.pager->told[0].event_id);
  // It waits, and what comes next does not.
  host.pager->next = RetryLater{"450", hours(24), false, true};
  notify(host);
  host.beat("a", minutes(20));
  host.pager->next = Sent{};
  const auto outcome = notify(host);
  CHECK(host.pager->told.back().kind == NoticeKind::resolved);
  CHECK(host.pager->told.back().only_to.empty());
  CHECK(outcome.cycle.transitions.size() == 1);
  // Whom the alarm did not reach has heard that it is over.
  const std::size_t all = host.pager->told.size();
  host.clock.advance(hours(25));
  host.beat("a", minutes(20));
  notify(host);
  CHECK(host.pager->told.size() == all);
}

TEST_CASE("an address that never takes it is given up in the end") {
  FakeHost host;
  host.beat("a", minutes(20));
  notify(host);
  Sent but_one;
  but_one.not_yet = {"ops@example"};
  host.pager->next = but_one;
  pass(host, hours(1));
  host.pager->next = RetryLater{"450", {}, false, true};
  pass(host, hours(5));
  host.pager->next = Sent{};
  const std::size_t before = host.pager->told.size();
  notify(host);
  CHECK(host.pager->told.size() == before);
}

TEST_CASE("resolved waits for opened on a channel that failed") {
  FakeHost host;
  host.beat("a", minutes(20));
  notify(host);
  host.forge->next = RetryLater{"503", {}, false};
  pass(host, hours(1));
  host.beat("a", minutes(20));
  notify(host);
  host.beat("a", minutes(20));
  host.forge->next = Sent{};
  pass(host, minutes(15));
  REQUIRE(host.forge->told.size() >= 2);
  CHECK(host.forge->told.front().kind == NoticeKind::opened);
  CHECK(host.forge->told.back().kind == NoticeKind::resolved);
}

TEST_CASE("a dead channel is told over the others in the same pass") {
  FakeHost host;
  host.beat("a", minutes(20));
  notify(host);
  host.forge->next = GaveUp{"401: the token was refused"};
  pass(host, hours(1));
  bool said = false;
  for (const Notice& n : host.pager->told) {
    said = said || (n.verdict == "channel-dead" && n.key.source == "forge");
  }
  CHECK(said);
}

TEST_CASE("a channel that gave up is tried as soon as its settings change") {
  FakeHost host;
  host.settings.channels[0].token = Secret("revoked");
  host.beat("a", minutes(20));
  notify(host);
  host.forge->next = GaveUp{"401: the token was refused"};
  pass(host, hours(1));
  // It works again, but nobody has told us: six hours is the rule.
  host.forge->next = Sent{};
  pass(host, hours(1));
  const auto about_a = [&] {
    return std::count_if(host.forge->told.begin(), host.forge->told.end(),
                         [](const Notice& n) { return n.key.name == "a"; });
  };
  CHECK(about_a() == 0);
  host.settings.channels[0].token = Secret("fresh");
  notify(host);
  CHECK(about_a() >= 1);
  host.clock.advance(minutes(15));
  notify(host);
  for (const auto& i : open_of(host)) CHECK(i.verdict != "channel-dead");
}

TEST_CASE("a change of settings that does not help tells nobody twice") {
  FakeHost host;
  host.settings.channels[0].token = Secret("revoked");
  host.beat("a", minutes(20));
  notify(host);
  host.forge->next = GaveUp{"401: the token was refused"};
  pass(host, hours(1));
  const std::size_t told = host.pager->told.size();
  const std::size_t open = open_of(host).size();
  host.settings.channels[0].token = Secret("also revoked");
  notify(host);
  notify(host);
  CHECK(host.pager->told.size() == told);
  CHECK(open_of(host).size() == open);
}

TEST_CASE("fault 8: a notice that has to wait alone is no dead channel") {
  FakeHost host;
  host.beat("a", minutes(20));
  notify(host);
  pass(host, hours(1));
  host.beat("a", minutes(20));
  host.forge->next = RetryLater{"close #1: other issues block it (412)",
                                hours(24), false, true};
  const auto blocked = notify(host);
  CHECK(blocked.delivery.failed.empty());
  CHECK(blocked.delivery.waiting == 1);
  for (int day = 0; day < 3; ++day) {
    for (int k = 0; k < 96; ++k) {
      host.clock.advance(minutes(15));
      host.beat("a", minutes(20));
      notify(host);
    }
  }
  CHECK(open_of(host).empty());
  host.forge->next = Sent{};
  host.clock.advance(hours(24));
  host.beat("a", minutes(20));
  notify(host);
  REQUIRE(host.forge->told.size() >= 2);
  CHECK(std::any_of(
      host.forge->told.begin(), host.forge->told.end(), [](const Notice& n) {
        return n.kind == NoticeKind::resolved && n.key.name == "a";
      }));
}

TEST_CASE("whose issue was closed by hand reminds nobody") {
  FakeHost host;
  host.beat("a", std::chrono::minutes(20));
  notify(host);
  pass(host, std::chrono::hours(1));
  REQUIRE(host.pager->told.size() == 1);
  Sent closed;
  closed.closed_by_human = true;
  host.forge->next = closed;
  pass(host, std::chrono::hours(30));
  // The tracker was asked once, and said that somebody has seen it.
  CHECK(host.forge->told.size() == 2);
  CHECK(host.forge->told.back().kind == NoticeKind::reminder);
  CHECK(host.pager->told.size() == 1);
  REQUIRE(open_of(host).size() == 1);
  CHECK(open_of(host)[0].acked);
}

TEST_CASE("who does not get the lock judges, commits and leaves delivery") {
  FakeHost host;
  host.beat("a", minutes(20));
  notify(host);
  host.other_delivers = true;
  pass(host, hours(1));
  CHECK(open_of(host).size() == 1);
  CHECK(host.forge->told.empty());
  const auto outcome = notify(host);
  CHECK(outcome.delivery.holder == "pid 4711");
}

TEST_CASE("an alarm waits for a channel whose settings cannot be read") {
  FakeHost host;
  host.beat("a", minutes(20));
  notify(host);
  host.forge->next = RetryLater{"503", {}, false};
  pass(host, hours(1));
  auto forge = host.take_channel("forge");
  pass(host, hours(24));
  CHECK(host.forge->told.empty());
  host.give_channel(std::move(forge));
  host.forge->next = Sent{};
  notify(host);
  REQUIRE(!host.forge->told.empty());
  CHECK(host.forge->told[0].kind == NoticeKind::opened);
  CHECK(host.forge->told[0].key.name == "a");
}

TEST_CASE("a channel that was away for long hears what is still open") {
  FakeHost host;
  host.beat("a", minutes(20));
  notify(host);
  host.forge->next = RetryLater{"503", {}, false};
  pass(host, hours(1));
  auto forge = host.take_channel("forge");
  pass(host, hours(24 * 8));
  host.give_channel(std::move(forge));
  host.forge->next = Sent{};
  pass(host, minutes(30));
  const auto told = std::count_if(
      host.forge->told.begin(), host.forge->told.end(), [](const Notice& n) {
        return n.kind == NoticeKind::opened && n.key.name == "a";
      });
  CHECK(told == 1);
}

TEST_CASE("a notice that waits alone is no sign that others arrive") {
  FakeHost host;
  host.beat("a", minutes(20));
  notify(host);
  host.forge->next = RetryLater{"blocked", hours(24), false, true};
  pass(host, hours(1));
  REQUIRE(host.store.read([](StoreReader& r) -> Result<void> {
    BZ_ASSIGN(const auto states, r.channel_states());
    for (const auto& s : states) {
      if (s.channel == "forge") CHECK_FALSE(s.last_sent);
    }
    return {};
  }));
}

TEST_CASE("a clock that is set back does not hold an alarm up") {
  FakeHost host;
  host.beat("a", minutes(20));
  notify(host);
  Duration back;
  SUBCASE("by less than a day") {
    back = hours(10);
  }
  SUBCASE("by years") {
    back = hours(24 * 800);
  }
  host.forge->next = GaveUp{"401: the token was refused"};
  pass(host, hours(1));
  host.forge->next = Sent{};
  host.clock.wall_now -= back;
  pass(host, hours(7));
  REQUIRE_FALSE(host.forge->told.empty());
  CHECK(host.forge->told[0].kind == NoticeKind::opened);
  CHECK(host.pings.back().empty());
}

TEST_CASE("what a clock wrote that was ahead is due once it is right") {
  FakeHost host;
  host.beat("a", minutes(20));
  notify(host);
  host.forge->next = RetryLater{"503", {}, false};
  pass(host, hours(1));
  REQUIRE(host.store.transact([&](Txn& t) -> Result<void> {
    BZ_ASSIGN(const auto rows, t.outbox());
    for (OutboxRow row : rows) {
      row.next_attempt = host.clock.wall_now + hours(24 * 365 * 70);
      BZ_TRY(t.update_outbox(row));
    }
    return {};
  }));
  host.forge->next = Sent{};
  notify(host);
  CHECK(host.forge->told.size() == 1);
}

// Takes so long for every notice.
class SlowChannel final : public Channel {
 public:
  explicit SlowChannel(FakeHost& host) : host_(host) {}
  const std::string& name() const override { return name_; }
  Delivery deliver(const Notice&, const std::optional<std::string>&) override {
    host_.clock.advance(std::chrono::seconds(70));
    ++told;
    return Sent{};
  }
  Health probe() override { return {true, "slow", ""}; }
  int told = 0;

 private:
  FakeHost& host_;
  std::string name_ = "slow";
};

TEST_CASE("a check delivers for some minutes, the next one the rest") {
  FakeHost host;
  auto made = std::make_unique<SlowChannel>(host);
  SlowChannel& slow = *made;
  host.give_channel(std::move(made));
  for (const char* name : {"a", "b", "c", "d"}) host.beat(name, minutes(20));
  notify(host);
  pass(host, minutes(30));
  host.clock.advance(minutes(15));
  const int stamps = host.stamps;
  const auto outcome = notify(host);
  CHECK(slow.told == 3);
  CHECK(outcome.delivery.waiting == 3);
  CHECK(host.stamps == stamps + 1);
  CHECK(host.pings.back().empty());
  CHECK(notify(host).delivery.waiting == 0);
  CHECK(slow.told == 4);
  CHECK(host.forge->told.size() == 4);
}

TEST_CASE("nothing waits for ever for a channel that was removed") {
  FakeHost host;
  host.beat("a", minutes(20));
  notify(host);
  host.forge->next = RetryLater{"503", {}, false};
  pass(host, hours(1));
  const auto gone = host.take_channel("forge");
  const auto waiting = [&] {
    std::size_t rows = 0;
    REQUIRE(host.store.read([&](StoreReader& r) -> Result<void> {
      BZ_ASSIGN(const auto outbox, r.outbox());
      rows = outbox.size();
      return {};
    }));
    return rows;
  };
  host.clock.advance(hours(24));
  notify(host);
  CHECK(waiting() > 0);
  host.clock.advance(hours(24 * 7));
  notify(host);
  CHECK(waiting() == 0);
}

}  // namespace
}  // namespace bezalel::app
