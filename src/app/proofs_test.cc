#include "app/proofs.h"

#include <doctest/doctest.h>

namespace bezalel::app {
namespace {

using std::chrono::hours;

const Timestamp kNoon = Timestamp{} + hours(500'000);

RunRow run(const char* id, Timestamp start) {
  RunRow row;
  row.run_id = id;
  row.start.emplace();
  row.start->at = start;
  return row;
}

SeenHeartbeat beat(const char* job, const char* run_id, Timestamp at) {
  SeenHeartbeat seen;
  seen.key = {0, job};
  seen.beat.emplace();
  seen.beat->at = at;
  seen.beat->run_id = run_id;
  return seen;
}

TEST_CASE("the newest proof of a job is the start of its newest run") {
  Inventory inventory;
  for (const char* name : {"bare", "beats", "runs", "declared"}) {
    inventory.jobs.emplace_back().key = {0, name};
  }
  Settings settings;
  settings.jobs.emplace_back().name = "declared";
  HeartbeatScan scan;
  scan.seen = {beat("beats", "", kNoon), beat("runs", "long", kNoon),
               beat("elsewhere", "", kNoon)};
  Memory memory;
  // It ended at noon; what counts is that it began under its old line.
  memory.runs[{0, "runs"}] = {run("early", kNoon - hours(9)),
                              run("long", kNoon - hours(3))};
  const auto proofs = proofs_of(inventory, settings, scan, memory);
  CHECK(proofs.size() == 4);
  CHECK(proofs.at({0, "bare"}).newest == std::nullopt);
  CHECK(proofs.at({0, "beats"}).newest == kNoon);
  CHECK(proofs.at({0, "runs"}).newest == kNoon - hours(3));
  CHECK(proofs.at({0, "declared"}).newest == Timestamp::max());
}

TEST_CASE("what bezalel-sh recorded is no proof of the job's own") {
  Inventory inventory;
  inventory.jobs.emplace_back().key = {0, "a"};
  HeartbeatScan scan;
  scan.seen = {beat("a", "r", kNoon)};
  Memory memory;
  memory.runs[{0, "a"}] = {run("r", kNoon - hours(1))};
  memory.runs[{0, "a"}][0].start->trigger = record::Trigger::sh;
  const auto proofs = proofs_of(inventory, Settings{}, scan, memory);
  CHECK(proofs.at({0, "a"}).newest == std::nullopt);
  CHECK(proofs.at({0, "a"}).by_shell);
}

}  // namespace
}  // namespace bezalel::app
