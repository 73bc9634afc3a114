#include "app/forgotten.h"

#include <doctest/doctest.h>

#include "app/fake_cycle.h"
#include "app/notice_text.h"

namespace bezalel::app {
namespace {

using fake::FakeHost;
using fake::notify;
using fake::pass;
using std::chrono::hours;
using std::chrono::minutes;

std::string marker_of(const FakeHost& host, const core::IncidentKey& key) {
  return core::marker_key(host.settings.host, key, host.settings.own_of);
}

std::string marker_of(const FakeHost& host, const char* job) {
  return marker_of(host, core::IncidentKey::of(core::JobKey{0, job}));
}

// As the tracker has it since before the loss.
void leave_open(FakeHost& host, const char* job) {
  host.forge->open.push_back({marker_of(host, job), ""});
}

void leave_open(FakeHost& host, const core::IncidentKey& finding,
                std::string cause = "its mode") {
  Notice n;
  n.key = finding;
  n.host = host.settings.host;
  n.verdict = finding.name;
  n.cause = std::move(cause);
  n.marker = marker_of(host, finding);
  host.forge->open.push_back({n.marker, issue_body(n)});
}

std::size_t still_open(const FakeHost& host) {
  return host.forge->open.size();
}

void lose_state(FakeHost& host) {
  Finding lost;
  lost.id = "state-missing";
  host.world.store_findings = {lost};
}

TEST_CASE("after a loss, what is well is sought once, and what is bad is not") {
  FakeHost host;
  lose_state(host);
  host.beat("bad", minutes(20));
  host.clock.advance(hours(2));
  host.beat("well", hours(5));
  leave_open(host, "bad");
  leave_open(host, "well");
  leave_open(host, "of-another-host");
  notify(host);
  notify(host);
  CHECK(host.forge->seekings == 1);
  REQUIRE(still_open(host) == 2);
  CHECK(host.forge->open[0].marker == marker_of(host, "bad"));
  CHECK(host.forge->open[1].marker == marker_of(host, "of-another-host"));
  CHECK(host.pager->seekings == 0);  // no tracker
}

TEST_CASE("after a loss, the issue of a finding that is no more is closed") {
  FakeHost host;
  lose_state(host);
  host.beat("well", hours(5));
  const auto of = core::IncidentKey::of_finding;
  leave_open(host, of("cron-dead", "host"), "cron is dead: `x` `y`");
  leave_open(host, of("check-gap", ""));
  leave_open(host, of("file-ignored", "/etc/cron.d/a_b.c"));
  // Found still; and a body whose words are not its marker's.
  leave_open(host, of("state-missing", ""));
  leave_open(host, of("file-ignored", "/etc/cron.d/d"));
  host.forge->open.back().marker = marker_of(host, "elsewhere");
  notify(host);
  REQUIRE(still_open(host) == 2);
  CHECK(host.forge->open[0].marker == marker_of(host, of("state-missing", "")));
  CHECK(host.forge->open[1].marker == marker_of(host, "elsewhere"));
}

TEST_CASE("after a loss, what could not be looked for stays open") {
  FakeHost host;
  lose_state(host);
  host.beat("well", hours(5));
  Finding unread;
  unread.id = "dir-unreadable";
  host.jobs.findings.push_back(unread);
  leave_open(host, core::IncidentKey::of_finding("cron-dead", "host"));
  notify(host);
  CHECK(still_open(host) == 1);
}

TEST_CASE("a user's own checking seeks and opens what is its own") {
  FakeHost host;
  const std::string of_host = marker_of(host, "a");
  host.settings.own_of = "ann";
  lose_state(host);
  host.beat("a", hours(1));
  leave_open(host, "a");
  host.forge->open.push_back({of_host, ""});
  notify(host);
  REQUIRE(still_open(host) == 1);
  CHECK(host.forge->open[0].marker == of_host);
  pass(host, hours(3));
  REQUIRE(!host.forge->told.empty());
  CHECK(host.forge->told[0].marker == marker_of(host, "a"));
}

TEST_CASE("a tracker that does not answer is asked again") {
  FakeHost host;
  lose_state(host);
  host.beat("well", hours(5));
  host.forge->next = RetryLater{"down", {}, false, false};
  CHECK_FALSE(notify(host).troubles.empty());
  CHECK(host.forge->seekings == 0);
  host.forge->next = Sent{};
  pass(host, minutes(15));
  CHECK(host.forge->seekings == 1);
}

TEST_CASE("a state that was never lost has nothing to seek") {
  FakeHost host;
  host.beat("well", hours(5));
  notify(host);
  CHECK(host.forge->seekings == 0);
}

}  // namespace
}  // namespace bezalel::app
