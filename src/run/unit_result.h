// How a systemd service ended, by what its ExecStopPost= finds in the
// environment (systemd.exec(5), "SERVICE_RESULT").
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "record/run_log.h"

namespace bezalel::run {

struct UnitResult {
  record::Outcome outcome = record::Outcome::ok;
  std::optional<int> exit_code;
  std::optional<int> signal;
  std::string detail;  // one line; empty: the outcome says it all
};

// Of $SERVICE_RESULT, $EXIT_CODE and $EXIT_STATUS; the last two may be empty.
// nullopt without a result: not called by systemd. A result of a later systemd
// is a failure that bears its name. A main process that a signal ended has not
// done its work, also where systemd calls SIGTERM a clean end.
std::optional<UnitResult> unit_result(std::string_view service_result,
                                      std::string_view exit_code,
                                      std::string_view exit_status);

}  // namespace bezalel::run
