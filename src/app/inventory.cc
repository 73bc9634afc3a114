#include "app/inventory.h"

namespace bezalel::app {

std::string_view to_string(SchedulerKind kind) {
  switch (kind) {
    case SchedulerKind::cron:
      return "cron";
    case SchedulerKind::run_parts:
      return "run-parts";
    case SchedulerKind::anacron:
      return "anacron";
    case SchedulerKind::timer:
      return "timer";
    case SchedulerKind::at:
      return "at";
  }
  return "";
}

std::string_view to_string(Watch watch) {
  switch (watch) {
    case Watch::none:
      return "no";
    case Watch::shell:
      return "shell";
    case Watch::command:
      return "command";
    case Watch::per_script:
      return "run-parts";
    case Watch::systemd:
      return "systemd";
    case Watch::log:
      return "log";
  }
  return "";
}

}  // namespace bezalel::app
