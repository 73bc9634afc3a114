#include "app/service_result.h"

#include <fmt/format.h>
#include <string.h>  // NOLINT: sigabbrev_np is not in <cstring>

#include <algorithm>

#include "app/inventory.h"
#include "base/escape.h"

namespace bezalel::app {
namespace {

bool is_starting(const TimerEvidence& timer) {
  return timer.active_state == "activating";
}

// "auto-restart", and what newer systemds have beside it.
bool waits_for_restart(const TimerEvidence& timer) {
  return timer.sub_state.find("auto-restart") != std::string::npos;
}

bool says_failed(const TimerEvidence& timer) {
  if (timer.active_state == "failed") return true;
  return !timer.result.empty() && timer.result != "success" &&
         timer.result != "exec-condition";
}

std::string describe(const TimerEvidence& timer) {
  // Of what goes before or after it, systemd keeps no status.
  const bool has_status = timer.exit_status != 0;
  if (timer.result == "exit-code" && has_status) {
    return fmt::format("exit {}", timer.exit_status);
  }
  if (has_status && (timer.result == "signal" || timer.result == "core-dump")) {
    return signal_text(timer.exit_status);
  }
  const bool is_told = !timer.result.empty() && timer.result != "success";
  return fmt::format("{} (systemd){}",
                     escape_line(is_told ? timer.result : "failed", 40),
                     timer.started ? "" : ", before its command started");
}

}  // namespace

std::optional<ServiceFailure> failure_of(const TimerEvidence& timer) {
  if (!says_failed(timer)) {
    // What it is at now was started because the run before had failed.
    if (timer.restarts == 0 || !is_starting(timer) || !timer.started) {
      return std::nullopt;
    }
    return ServiceFailure{
        *timer.started,
        fmt::format("restarted by systemd after a failure, {} so far",
                    timer.restarts)};
  }
  // What failed before its main process has no end of its own, or that of an
  // older run.
  auto at = timer.finished;
  if (timer.active_state == "failed") at = std::max(at, timer.state_since);
  if (!at) at = timer.last_trigger;
  if (!at) return std::nullopt;
  return ServiceFailure{*at, describe(timer)};
}

std::optional<Timestamp> success_of(const TimerEvidence& timer) {
  // Not at its command yet, or kept from it by its own ExecCondition=: the end
  // is of an older run.
  if (is_starting(timer) || timer.result == "exec-condition") {
    return std::nullopt;
  }
  return says_failed(timer) ? std::nullopt : timer.finished;
}

std::optional<Timestamp> at_work_since(const TimerEvidence& timer) {
  if (!is_starting(timer) || waits_for_restart(timer)) return std::nullopt;
  // Without a main process, what systemd tells of one is of an older run.
  return timer.main_pid != 0 ? timer.started : timer.state_since;
}

std::string signal_text(int number) {
  const char* name = sigabbrev_np(number);
  return fmt::format("signal {} ({})", number, name ? name : "?");
}

}  // namespace bezalel::app
