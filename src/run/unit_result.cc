#include "run/unit_result.h"

#include <signal.h>
#include <string.h>  // NOLINT: sigabbrev_np is not in <cstring>

#include <charconv>

#include "base/escape.h"

namespace bezalel::run {
namespace {

using record::Outcome;

// "KILL" -> 9
std::optional<int> signal_number(std::string_view name) {
  for (int number = 1; number < NSIG; ++number) {
    const char* abbreviation = ::sigabbrev_np(number);
    if (abbreviation != nullptr && name == abbreviation) return number;
  }
  return std::nullopt;
}

std::optional<int> status_number(std::string_view text) {
  int number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return number;
}

Outcome outcome_of(std::string_view result) {
  if (result == "success") return Outcome::ok;
  if (result == "signal" || result == "core-dump") return Outcome::signal;
  if (result == "timeout" || result == "watchdog") return Outcome::timeout;
  if (result == "exec-condition") return Outcome::skipped;
  if (result == "resources" || result == "protocol") {
    return Outcome::exec_failed;
  }
  return Outcome::fail;  // exit-code, oom-kill, start-limit-hit
}

bool says_itself(std::string_view result) {
  return result == "success" || result == "exit-code" || result == "signal" ||
         result == "timeout";
}

}  // namespace

std::optional<UnitResult> unit_result(std::string_view service_result,
                                      std::string_view exit_code,
                                      std::string_view exit_status) {
  if (service_result.empty()) return std::nullopt;
  UnitResult result;
  result.outcome = outcome_of(service_result);
  if (exit_code == "exited") {
    result.exit_code = status_number(exit_status);
  } else if (exit_code == "killed" || exit_code == "dumped") {
    result.signal = signal_number(exit_status);
    if (result.outcome == Outcome::ok) result.outcome = Outcome::signal;
  }
  if (result.outcome == Outcome::ok && !result.exit_code) result.exit_code = 0;
  if (!says_itself(service_result)) result.detail = escape_line(service_result);
  return result;
}

}  // namespace bezalel::run
