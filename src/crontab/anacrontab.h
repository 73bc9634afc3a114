// An anacrontab(5) as anacron makes of it. Pure.
//
// Observed with `anacron -T` of Debian's anacron 2.3: a line is `NAME=value`,
// or `period delay id command`, separated by blanks; period is a number of days
// or one of the names below, delay is minutes, an id has no `/`. A last line
// without newline counts, a backslash joins nothing. Every other line is
// skipped with a word in the log, and the rest runs.
//   debian   @monthly @yearly
//   cronie   also @daily @weekly @annually; RANDOM_DELAY adds to every delay;
//            START_HOURS_RANGE=3-22 starts nothing before 3 and after 22
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "crontab/crontab.h"

namespace bezalel::crontab {

struct AnacronEntry {
  int line = 0;           // from 1
  std::string period;     // as written: "7", "@monthly"
  int days = 0;           // at most, between two runs: 31 for @monthly
  Duration delay{};       // at most, from anacron's start to the job's
  Duration not_before{};  // of the day's begin, on the wall
  std::string id;         // names the stamp
  std::string command;
};

struct Anacrontab {
  std::vector<AnacronEntry> entries;
  // Rules "anacron-line", "anacron-period", "anacron-number".
  std::vector<Problem> dropped;
};

// `daemon` says whose anacron it is: cronie's, else Debian's.
Anacrontab parse_anacrontab(std::string_view text, Daemon daemon);

// The day in a stamp ("20261124"); nullopt: it is none.
std::optional<std::chrono::sys_days> parse_anacron_stamp(std::string_view text);

}  // namespace bezalel::crontab
