#include "app/make_notice.h"

#include <doctest/doctest.h>

#include "app/fake_world.h"
#include "app/notify_cycle.h"

namespace bezalel::app {
namespace {

using fake::FakeHost;
using std::chrono::hours;
using std::chrono::minutes;

// What the first notice of a host tells under `name` after twelve silent hours;
// "-": it does not.
std::string told(FakeHost& host, const std::string& name) {
  for (Duration d{}; d <= hours(12); d += minutes(15)) {
    REQUIRE(check_and_notify(host.world));
    host.clock.advance(minutes(15));
  }
  REQUIRE_FALSE(host.forge->told.empty());
  for (const auto& fact : host.forge->told.front().facts) {
    if (fact.name == name) return fact.text;
  }
  return "-";
}

// A line of cron's that left a heartbeat.
struct Line {
  Line() {
    host.world.inventory = &host.inventory;
    host.inventory.line("db", Watch::shell).dialect = "debian";
    host.beat("db", hours(1));
  }
  void ran() {
    record::RunStart start;
    start.job = "db";
    start.run_id = "RUN1";
    start.at = host.clock.wall_now - minutes(2);
    record::RunEnd end;
    end.job = start.job;
    end.run_id = start.run_id;
    end.started = start.at;
    end.at = host.clock.wall_now - minutes(1);
    end.outcome = record::Outcome::ok;
    end.exit_code = 0;
    host.runs.news.records = {{{0, "db"}, start}, {{0, "db"}, end}};
  }
  FakeHost host;
};

TEST_CASE("a notice says which line starts the job, and who reads it") {
  Line line;
  CHECK(told(line.host, "Scheduled in") ==
        "/etc/cron.d/jobs, line 1, as root (Debian cron)");
  // The line says what is expected, too.
  CHECK(told(line.host, "Declared in") == "-");
}

TEST_CASE("a job of no scheduler's is said to be in no place") {
  FakeHost host;
  host.beat("db", hours(1));
  CHECK(told(host, "Scheduled in") == "-");
}

TEST_CASE("a notice says what its evidence is") {
  Line line;
  CHECK(told(line.host, "Evidence") == "heartbeat file only");
  CHECK(told(line.host, "Runs since") == "-");
  Line recorded;
  recorded.ran();
  CHECK(told(recorded.host, "Evidence") == "wrapped run; owner verified");
  CHECK(told(recorded.host, "Runs since") == "none started");
}

}  // namespace
}  // namespace bezalel::app
