#include "discover/timer_evidence.h"

#include <signal.h>

#include <algorithm>
#include <limits>

namespace bezalel::discover {
namespace {

constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

// Realtime µs; 0 and "infinity" are none.
std::optional<Timestamp> instant(std::uint64_t us) {
  if (us == 0 || us == kNever) return std::nullopt;
  return Timestamp(Duration(static_cast<std::int64_t>(us)));
}

bool contains(const std::vector<int>& all, int one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

int number(const Properties& properties, const char* name) {
  return static_cast<int>(properties.number(name));
}

// SuccessExitStatus= has it, or there is a "-" before its command.
bool is_excused(const Told& told) {
  const int code = number(told.service, "ExecMainCode");
  const int status = number(told.service, "ExecMainStatus");
  const Properties& unit = told.excuses;
  const bool is_clean = contains(
      code == CLD_EXITED ? unit.clean_codes : unit.clean_signals, status);
  return is_clean || std::any_of(unit.commands.begin(), unit.commands.end(),
                                 [&](const Command& c) {
                                   // Of a service that forks, its main process
                                   // is none of these.
                                   const bool is_it =
                                       unit.commands.size() == 1 ||
                                       (c.code == code && c.status == status);
                                   return c.ignores_failure && is_it;
                                 });
}

std::string result_of(const Told& told) {
  if (!needs_excuse(told) || is_excused(told)) {
    return told.service.text("Result");
  }
  return number(told.service, "ExecMainCode") == CLD_EXITED ? "exit-code"
                                                            : "signal";
}

}  // namespace

// Of a job that `systemctl stop` or a shutdown cut short, too: systemd calls
// that a success, and the work is not done.
bool needs_excuse(const Told& told) {
  if (told.service.text("Result") != "success") return false;
  const int code = number(told.service, "ExecMainCode");
  if (code == CLD_EXITED) return number(told.service, "ExecMainStatus") != 0;
  return code == CLD_KILLED || code == CLD_DUMPED;
}

app::TimerEvidence evidence_of(const Told& told) {
  app::TimerEvidence e;
  e.last_trigger = instant(told.timer.number("LastTriggerUSec"));
  e.next_elapse = instant(told.timer.number("NextElapseUSecRealtime"));
  e.result = result_of(told);
  e.exit_status = number(told.service, "ExecMainStatus");
  const auto holds = [&](const char* asked, const char* answer) {
    return told.unit_of_service.number(asked) == 0 ||
           told.unit_of_service.number(answer) != 0;
  };
  e.condition_ok = holds("ConditionTimestamp", "ConditionResult") &&
                   holds("AssertTimestamp", "AssertResult");
  e.started = instant(told.service.number("ExecMainStartTimestamp"));
  e.finished = instant(told.service.number("ExecMainExitTimestamp"));
  e.main_pid = static_cast<std::int64_t>(told.service.number("MainPID"));
  e.active_state = told.unit_of_service.text("ActiveState");
  e.sub_state = told.service_state.text("SubState");
  const char* since = e.active_state == "activating" ? "InactiveExitTimestamp"
                                                     : "StateChangeTimestamp";
  e.state_since = instant(told.service_state.number(since));
  e.restarts = number(told.service_runs, "NRestarts");
  e.waits_since = instant(told.timer_state.number("ActiveEnterTimestamp"));
  e.timer_state = told.unit.sub_state;
  e.file_state = told.timer_state.text("UnitFileState");
  return e;
}

}  // namespace bezalel::discover
