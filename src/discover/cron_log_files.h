// Where cron's log is kept, and its newest part. Inside of discover.
//
// The journal (what root wrote alone: anybody may call himself CRON there) and
// the files of a syslog daemon, whichever can be read. Bounded in size, in
// entries and in age; what lies beyond was seen by an earlier look.
#pragma once

#include "discover/cron_log.h"
#include "discover/root.h"

namespace bezalel::discover {

// The files alone.
void read_log_files(const Root& root, const schedule::Zone& zone, Timestamp now,
                    CronLog& log);

// Empty for a sysroot: its jobs do not run here.
CronLog read_cron_log(const Root& root, const schedule::Zone& zone,
                      Timestamp now);

}  // namespace bezalel::discover
