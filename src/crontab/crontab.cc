#include "crontab/crontab.h"

namespace bezalel::crontab {

std::string_view to_string(Daemon daemon) {
  switch (daemon) {
    case Daemon::debian:
      return "debian";
    case Daemon::cronie:
      return "cronie";
    case Daemon::busybox:
      return "busybox";
    case Daemon::systemd_cron:
      return "systemd-cron";
  }
  return {};
}

std::string_view to_string(Kind kind) {
  switch (kind) {
    case Kind::user:
      return "user";
    case Kind::system:
      return "system";
    case Kind::anacron:
      return "anacron";
  }
  return {};
}

bool cuts_at_percent(Daemon daemon) {
  return daemon != Daemon::busybox && daemon != Daemon::systemd_cron;
}

schedule::Dialect dialect_of(Daemon daemon) {
  switch (daemon) {
    case Daemon::cronie:
      return schedule::Dialect::cronie;
    case Daemon::busybox:
      return schedule::Dialect::busybox;
    case Daemon::systemd_cron:
      return schedule::Dialect::systemd_cron;
    case Daemon::debian:
      break;
  }
  return schedule::Dialect::debian;
}

const Line* setting_line(const Crontab& tab, const Line& line,
                         std::string_view name) {
  const Line* found = nullptr;
  for (const Line& above : tab.lines) {
    if (above.number >= line.number) break;
    if (above.type == LineType::setting && above.name == name) found = &above;
  }
  return found;
}

std::optional<std::string> setting_at(const Crontab& tab, const Line& line,
                                      std::string_view name) {
  const Line* found = setting_line(tab, line, name);
  return found ? std::optional(found->value) : std::nullopt;
}

std::vector<Entry> entries_of(const Crontab& tab) {
  std::vector<Entry> entries;
  if (tab.refused) return entries;
  for (const Line& line : tab.lines) {
    if (line.type != LineType::job) continue;
    entries.push_back(
        {line.schedule, line.user, line.command, line.input.value_or("")});
  }
  return entries;
}

bool says_no_table(std::string_view output) {
  return output.find("no crontab for ") != std::string_view::npos ||
         output.find("No such file or directory") != std::string_view::npos;
}

std::string as_user_table(const Crontab& tab) {
  std::string out;
  for (const Line& line : tab.lines) {
    const std::string_view bytes = tab.bytes_of(line);
    const bool has_user = line.type == LineType::job && line.user_column > 0 &&
                          line.command_column > line.user_column;
    if (!has_user) {
      out += bytes;
      continue;
    }
    out += bytes.substr(0, static_cast<std::size_t>(line.user_column - 1));
    out += bytes.substr(static_cast<std::size_t>(line.command_column - 1));
  }
  return out;
}

}  // namespace bezalel::crontab
