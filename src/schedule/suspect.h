// What is odd about a cron expression: accepted by its daemon, and not what
// it seems to say. A schedule that runs as written has no oddity.
//
//   rule            example      what the daemon makes of it
//   never-runs      0 22-2 ...   no time matches, ever
//   backward-range  8,22-2       that part of a list matches nothing; cronie
//                                takes 5-0 for 5-7 in every field
//   step-too-large  */90         the first value alone
//   step-ignored    5/15         busybox, systemd-cron: 5 alone
//   junk-ignored    1.5, mon#1   Debian, busybox: what follows is dropped
//   daemon-ends     @daily       busybox: it dies, and runs nothing
//   number-wraps    4294967297   read modulo 2^32
//   out-of-range    dow 7        busybox: every value
//   misread         nov, sat-sun systemd-cron: October, every day
//   day-or          1 * mon      one of the day fields is enough
//   day-and         */2 * mon    both must match
//   weekday-number  dow 6        quartz: Saturday, for Quartz Friday
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "schedule/cron.h"

namespace bezalel::schedule {

struct Oddity {
  enum class Weight { never_runs, suspicious };

  std::string rule;
  int field = -1;         // 0 minute to 4 day-of-week; -1: the whole
  std::size_t begin = 0;  // bytes in the expression
  std::size_t end = 0;
  std::string message;  // hours "22-2" never match
  std::string why;      // a sentence: what the daemon makes of it
  // The whole expression as it was probably meant, accepted by this daemon;
  // empty where that cannot be said.
  std::string rewrite;
  Weight weight = Weight::suspicious;
};

// In order of the text; messages are one line, foreign text escaped. None for
// an expression that the daemon refuses, or of more than 4 KiB.
std::vector<Oddity> oddities_of(std::string_view expr, Dialect dialect);

// "Debian cron", "cronie", "busybox crond", "systemd-cron", "cron with Quartz's
// L, W and #".
std::string_view daemon_name(Dialect dialect);

}  // namespace bezalel::schedule
