// The line of a crontab or an anacrontab that starts a job.
#pragma once

#include "app/crontab_files.h"
#include "app/inventory.h"
#include "app/simulate.h"
#include "discover/root.h"

namespace bezalel::discover {

// Of a job found by HostInventory on the same host. A script of /etc/cron.daily
// and its like is started alone, where its line would start them all.
// Kind::not_found: no line starts it any more.
Result<app::CronStart> cron_start_of(app::CrontabFiles& files,
                                     const app::ScheduledJob& job);

// Of a job of anacron's, the same; what starts anacron is not filled in.
Result<app::AnacronStart> anacron_start_of(const Root& root,
                                           const app::ScheduledJob& job);

// The job that starts anacron; null: none in the inventory does. `systemd`
// tells that it runs the host: Debian's own line leaves anacron to its timer
// then.
const app::ScheduledJob* starter_of_anacron(const app::Inventory& inventory,
                                            bool systemd);

}  // namespace bezalel::discover
