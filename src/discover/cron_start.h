// The line of a crontab that starts a job.
#pragma once

#include "app/crontab_files.h"
#include "app/inventory.h"
#include "app/simulate.h"

namespace bezalel::discover {

// Of a job found by HostInventory on the same host. A script of /etc/cron.daily
// and its like is started alone, where its line would start them all.
// Kind::not_found: no line starts it any more.
Result<app::CronStart> cron_start_of(app::CrontabFiles& files,
                                     const app::ScheduledJob& job);

}  // namespace bezalel::discover
