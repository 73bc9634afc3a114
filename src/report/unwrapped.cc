#include "report/unwrapped.h"

#include <fmt/format.h>

#include "report/words.h"

namespace bezalel::report {

using app::ScheduledJob;
using app::SchedulerKind;

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
