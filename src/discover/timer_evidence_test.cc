#include "discover/timer_evidence.h"

#include <doctest/doctest.h>
#include <signal.h>

namespace bezalel::discover {
namespace {

// A service that systemd calls well, whose process ended so.
Told ended(int code, unsigned status) {
  Told told;
  told.service.texts["Result"] = "success";
  told.service.numbers["ExecMainCode"] = static_cast<unsigned>(code);
  told.service.numbers["ExecMainStatus"] = status;
  return told;
}

}  // namespace

TEST_CASE("a success whose process ended badly is a failure without excuse") {
  CHECK_FALSE(needs_excuse(ended(CLD_EXITED, 0)));
  CHECK(evidence_of(ended(CLD_EXITED, 0)).result == "success");
  // None has ended yet.
  CHECK_FALSE(needs_excuse(ended(0, 0)));
  CHECK(needs_excuse(ended(CLD_EXITED, 203)));
  CHECK(evidence_of(ended(CLD_EXITED, 203)).result == "exit-code");
  CHECK(evidence_of(ended(CLD_KILLED, SIGTERM)).result == "signal");
  Told failed = ended(CLD_EXITED, 1);
  failed.service.texts["Result"] = "timeout";
  CHECK_FALSE(needs_excuse(failed));
  CHECK(evidence_of(failed).result == "timeout");
}

TEST_CASE("what SuccessExitStatus= has is a success") {
  Told told = ended(CLD_EXITED, 4);
  told.excuses.clean_codes = {3};
  CHECK(evidence_of(told).result == "exit-code");
  told.excuses.clean_codes = {3, 4};
  CHECK(evidence_of(told).result == "success");
  told = ended(CLD_KILLED, 4);
  told.excuses.clean_codes = {4};
  CHECK(evidence_of(told).result == "signal");
  told.excuses.clean_signals = {4};
  CHECK(evidence_of(told).result == "success");
}

TEST_CASE("a command with a \"-\" before it may fail, and no other") {
  Told told = ended(CLD_EXITED, 1);
  told.excuses.commands = {{true, CLD_EXITED, 1}};
  CHECK(evidence_of(told).result == "success");
  // The last one to run is the one whose status is told.
  told.excuses.commands = {{true, CLD_EXITED, 2}, {false, CLD_EXITED, 1}};
  CHECK(evidence_of(told).result == "exit-code");
  told.excuses.commands = {{false, CLD_EXITED, 0}, {true, CLD_EXITED, 1}};
  CHECK(evidence_of(told).result == "success");
}

TEST_CASE("a service that starts tells since when, and what it waits for") {
  Told told = ended(CLD_EXITED, 1);
  told.unit_of_service.texts["ActiveState"] = "activating";
  told.service_state.texts["SubState"] = "auto-restart";
  told.service_state.numbers["InactiveExitTimestamp"] = 1'795'608'000'000'000;
  told.service_runs.numbers["NRestarts"] = 60;
  const app::TimerEvidence e = evidence_of(told);
  CHECK(e.sub_state == "auto-restart");
  CHECK(e.restarts == 60);
  CHECK(e.state_since == Timestamp(std::chrono::seconds(1795608000)));
}

}  // namespace bezalel::discover
