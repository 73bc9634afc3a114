// A schedule: when a job is expected.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "base/time.h"
#include "schedule/calendar.h"
#include "schedule/cron.h"
#include "schedule/zone.h"

namespace bezalel::schedule {

// Again and again, this long after the last time.
struct Every {
  Duration interval;  // more than zero

  friend bool operator==(const Every&, const Every&) = default;
};

// A crontab line; `zone` is that of the daemon that reads it.
struct Cron {
  CronExpr expr;
  Zone zone;

  friend bool operator==(const Cron&, const Cron&) = default;
};

// A systemd timer; `zone` is the host's, unless the calendar names its own.
struct OnCalendar {
  Calendar calendar;
  Zone zone;

  friend bool operator==(const OnCalendar&, const OnCalendar&) = default;
};

// Started by hand: never due.
struct Manual {
  friend bool operator==(const Manual&, const Manual&) = default;
};

// Once per boot: never due.
struct Reboot {
  friend bool operator==(const Reboot&, const Reboot&) = default;
};

using Schedule = std::variant<Every, Cron, OnCalendar, Manual, Reboot>;

// Cron or calendar: due at instants of its own.
bool has_slots(const Schedule& schedule);

// The first slot strictly after / the last strictly before; for Every, one
// interval from `t`. nullopt where there is none.
std::optional<Timestamp> next_after(const Schedule& schedule, Timestamp t);
std::optional<Timestamp> previous_before(const Schedule& schedule, Timestamp t);

// "every 1d", "0 3 * * * (Europe/Riga)", "manual", "@reboot".
std::string describe(const Schedule& schedule);

// How much later than its slot cron may start the job because it catches up
// what a change of the clocks on that local day skipped: ten minutes per
// hour. Zero on every other day and for every other kind of schedule.
Duration dst_catch_up(const Schedule& schedule, Timestamp slot);

}  // namespace bezalel::schedule
