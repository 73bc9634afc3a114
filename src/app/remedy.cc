#include "app/remedy.h"

#include <fmt/format.h>

#include "base/paste.h"
#include "crontab/crontab.h"

namespace bezalel::app {

std::string remedy(const ScheduledJob& job, const std::string& bezalel) {
  const std::string& table = job.caller ? job.caller->source : job.source;
  const std::string& package = job.caller ? job.caller->package : job.package;
  // systemd-cron may start a command without SHELL: its lines are wrapped.
  const bool by_line =
      job.dialect == crontab::to_string(crontab::Daemon::systemd_cron);
  const std::string adopt = bezalel + (by_line ? " adopt --wrap" : " adopt");
  if (table.starts_with("crontab of ") && job.by_hand) {
    return bezalel + " adopt --print --user " + paste_word(job.user) +
           "  # for the top of its table";
  }
  if (table.starts_with("crontab of ")) {
    return adopt + " --user " + paste_word(job.user);
  }
  // What it starts has to be watched itself.
  if (job.watch == Watch::trigger) {
    return fmt::format("systemctl {}list-dependencies {}",
                       table.ends_with(".timer") ? "" : "--user ",
                       paste_word(job.command));
  }
  std::string command = adopt + " --file " + paste_word(table);
  if (!package.empty()) command += " --packaged";
  return command;
}

}  // namespace bezalel::app
