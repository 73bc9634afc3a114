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
  const auto newest = newest_proofs(inventory, settings, scan, memory);
  CHECK(newest.size() == 4);
  CHECK(newest.at({0, "bare"}) == std::nullopt);
  CHECK(newest.at({0, "beats"}) == kNoon);
  CHECK(newest.at({0, "runs"}) == kNoon - hours(3));
  CHECK(newest.at({0, "declared"}) == Timestamp::max());
}

}  // namespace
}  // namespace bezalel::app
