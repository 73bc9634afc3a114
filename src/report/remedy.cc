#include "report/remedy.h"

#include <fmt/format.h>

#include "base/escape.h"
#include "base/paste.h"
#include "report/words.h"

namespace bezalel::report {

using app::ScheduledJob;
using app::SchedulerKind;

std::string remedy(const ScheduledJob& job, const std::string& bezalel) {
  const std::string& table = job.caller ? job.caller->source : job.source;
  const std::string& package = job.caller ? job.caller->package : job.package;
  if (table.starts_with("crontab of ")) {
    return bezalel + " adopt --user " + paste_word(job.user);
  }
  // What it starts has to be watched itself.
  if (job.watch == app::Watch::trigger) {
    return fmt::format("systemctl {}list-dependencies {}",
                       table.ends_with(".timer") ? "" : "--user ",
                       paste_word(job.command));
  }
  std::string command = bezalel + " adopt --file " + paste_word(table);
  if (!package.empty()) command += " --packaged";
  return command;
}

std::string what_unwraps(const ScheduledJob& job) {
  if (job.dialect == "systemd-cron") return {};  // there SHELL= wraps nothing
  if (job.caller) {
    return fmt::format("{} has it run, and does not call bezalel any more",
                       place_of(job.caller->source, job.caller->line));
  }
  if (job.kind != SchedulerKind::cron) return {};
  if (!job.shell) return "no SHELL=/usr/bin/bezalel-sh stands above it";
  return fmt::format("SHELL={} on line {} takes this line out of bezalel-sh",
                     job.shell->value, job.shell->line);
}

}  // namespace bezalel::report
