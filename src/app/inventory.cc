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
    case Watch::within:
      return "its line";
    case Watch::systemd:
      return "systemd";
    case Watch::trigger:
      return "trigger";
    case Watch::log:
      return "log";
    case Watch::heartbeat:
      return "heartbeat";
  }
  return "";
}

bool lies_in(std::string_view source, std::string_view place) {
  if (source == place) return true;
  constexpr std::string_view kTimers = "systemd timers";
  if (place.starts_with(kTimers)) {
    const std::string whose(place.substr(kTimers.size()));
    return source.ends_with(".timer" + whose);
  }
  if (!source.starts_with(place)) return false;
  if (place.ends_with('/')) return true;
  const char next = source[place.size()];
  return next == '/' || (next == ' ' && place == "crontab of");
}

}  // namespace bezalel::app
