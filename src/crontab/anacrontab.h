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
#include "schedule/suspect.h"

namespace bezalel::crontab {

struct AnacronEntry {
  int line = 0;  // from 1
  // Columns, from 1.
  int period_column = 0;
  int delay_column = 0;
  int id_column = 0;
  int command_column = 0;
  std::string period;     // as written: "7", "@monthly"
  int days = 0;           // at most, between two runs: 31 for @monthly; 0:
                          // it runs whenever anacron is started
  Duration delay{};       // at most, from anacron's start to the job's
  Duration not_before{};  // of the day's begin, on the wall
  std::string id;         // names the stamp
  std::string command;    // as written
};

struct AnacronSetting {
  int line = 0;
  std::string name;
  std::string value;  // as anacron hands it on
};

struct Anacrontab {
  std::vector<AnacronEntry> entries;
  std::vector<AnacronSetting> settings;
  // Rules "anacron-line", "anacron-number". What is lost with the line alone:
  // that a blank line of DOS is skipped hurts nobody.
  std::vector<Problem> dropped;
  // Said to be skipped, and yet an entry: rule "anacron-period".
  std::vector<Problem> misread;
};

// `daemon` says whose anacron it is: cronie's, else Debian's.
Anacrontab parse_anacrontab(std::string_view text, Daemon daemon);

// The same as a crontab of Kind::anacron has it. A job's schedule is period and
// delay, its name the id.
Crontab anacrontab_lines(std::string text, Daemon daemon);

// Five words of a crontab's schedule, a star among them, come first.
bool is_cron_line(std::string_view text);

// What is odd about "PERIOD DELAY", as schedule/suspect.h has it.
//   misread       @daily  a name it does not know: run at each of its starts
//   every-start   0       run at each of its starts
//   junk-ignored  @monthlyx
std::vector<schedule::Oddity> anacron_oddities(std::string_view schedule,
                                               Daemon daemon);

// The day in a stamp ("20261124"); nullopt: it is none.
std::optional<std::chrono::sys_days> parse_anacron_stamp(std::string_view text);

}  // namespace bezalel::crontab
