// What the coming changes of the clocks do to a schedule.
//
// A wall time that a change skips, or repeats, is run by one daemon and not by
// another; that is said here for the daemon that reads the schedule.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "schedule/schedule.h"

namespace bezalel::schedule {

struct ClockChange {
  enum class Effect {
    moved,      // the times do not exist; run right after the gap
    skipped,    // the times do not exist; not run
    doubled,    // the times come twice; run both times
    held_back,  // the times come twice; an hourly job pauses in the second
    stops,      // systemd finds no next time beyond the gap at all
  };

  Effect effect = Effect::skipped;
  Timestamp at;             // the instant of the change
  std::int64_t first_wall;  // seconds since 1970 by the clock on the wall
  std::int64_t last_wall;   // of the times concerned; equal if only one is
  int count;                // of the times; at most 100 are counted
};

// The changes within `span` after `from` that do something to the schedule,
// in order. A job that runs in every hour loses nothing in a gap, and has none.
// Nothing for intervals and for what has no times.
std::vector<ClockChange> clock_changes(const Schedule& schedule, Timestamp from,
                                       Duration span);

// "Sun 28 Mar 2027 02:30 does not exist: Debian cron runs it at 03:00".
std::string in_words(const Schedule& schedule, const ClockChange& change);

// "Debian cron", "cronie", "systemd"; empty for the other kinds.
std::string scheduler_name(const Schedule& schedule);

}  // namespace bezalel::schedule
