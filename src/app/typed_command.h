// A job's command as it can be typed again.
#pragma once

#include <string>

#include "record/run_log.h"

namespace bezalel::app {

// "bezalel run db_backup -- /usr/local/bin/backup.sh --all", to run a job as it
// was started, with the same demands: another run must not pass for a success
// because less is asked of it. A line of a crontab by its shell. Empty where
// what is recorded would not do as pasted: cut off, with a secret taken out,
// not printable.
std::string typed_command(const std::string& job, const record::RunStart& start,
                          const std::string& bezalel);

// "sudo -u postgres ", for the words after it; an id without a name as sudo
// takes it: "sudo -u '#1001' ".
std::string as_user_of(const std::string& user);

}  // namespace bezalel::app
