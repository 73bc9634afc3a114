#include "app/remedy.h"

#include <fmt/format.h>

#include "base/paste.h"

namespace bezalel::app {

std::string remedy(const ScheduledJob& job, const std::string& bezalel) {
  const std::string& table = job.caller ? job.caller->source : job.source;
  const std::string& package = job.caller ? job.caller->package : job.package;
  if (table.starts_with("crontab of ")) {
    return bezalel + " adopt --user " + paste_word(job.user);
  }
  // What it starts has to be watched itself.
  if (job.watch == Watch::trigger) {
    return fmt::format("systemctl {}list-dependencies {}",
                       table.ends_with(".timer") ? "" : "--user ",
                       paste_word(job.command));
  }
  std::string command = bezalel + " adopt --file " + paste_word(table);
  if (!package.empty()) command += " --packaged";
  return command;
}

}  // namespace bezalel::app
