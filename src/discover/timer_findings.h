// What is wrong with one timer, by what its manager tells. Inside of discover;
// pure.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/inventory.h"
#include "discover/bus.h"
#include "schedule/schedule.h"

namespace bezalel::discover {

// A timer and its service as one manager tells of them.
struct Told {
  ListedUnit unit;
  Properties timer, unit_of_timer, service, unit_of_service;
  // Asked where they matter: since when, what its file says, whether its own
  // condition holds, how often restarted, and what makes a bad end a success.
  Properties service_state, timer_state, service_runs, excuses;
};

// Its calendars that can be read; in its manager's zone.
std::vector<schedule::OnCalendar> calendars_of(const Properties& timer,
                                               const schedule::Zone& zone);

// When it is due next by its calendars; nullopt: by none.
std::optional<Timestamp> due_after(
    const std::vector<schedule::OnCalendar>& calendars, Timestamp t);

// AccuracySec and RandomizedDelaySec: so much later it may elapse.
Duration slack_of(const Properties& timer);

// Who wrote its file; a package's, generated and transient ones are others'.
enum class Writer { hand, other };

struct TimerCase {
  const Told& told;
  const app::ScheduledJob& job;  // with its evidence
  std::vector<schedule::OnCalendar> calendars;
  Timestamp now;
  // The command for "restart", "x.timer": of the manager whose timer it is.
  std::function<std::string(const char* verb, const std::string& unit)> type;
  Writer writer = Writer::other;
};

// "OnUnitActiveUSec" after the service started, "OnUnitInactiveUSec" after it
// ended: again and again. The others elapse once.
bool repeats(const TimerLine& line);

// Findings timer-stopped, timer-not-enabled, timer-broken, timer-no-next,
// timer-late, timer-swallowed, timer-condition and timer-reload.
std::vector<app::Finding> timer_findings(const TimerCase& timer);

}  // namespace bezalel::discover
