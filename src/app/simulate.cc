#include "app/simulate.h"

#include <algorithm>
#include <map>

namespace bezalel::app {
namespace {

using crontab::Daemon;
using Map = std::map<std::string, std::string>;

constexpr std::string_view kRecorder = "bezalel-sh";
constexpr const char* kPlainShell = "/bin/sh";
// Its own, where it was started with none.
constexpr const char* kPathOfBusybox = "/sbin:/usr/sbin:/bin:/usr/bin";

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// bezalel-sh hands the command to the shell before it.
void pass_over_recorder(Map& environment, Launch& launch) {
  const std::string& shell = environment["SHELL"];
  if (!shell.ends_with(kRecorder)) return;
  launch.recorder = shell;
  const auto before = environment.find("BEZALEL_SHELL");
  const bool usable = before != environment.end() && !before->second.empty() &&
                      !before->second.ends_with(kRecorder);
  environment["SHELL"] = usable ? before->second : kPlainShell;
}

bool is_name(std::string_view name) {
  return !name.empty() && name.find_first_of(" \t=") == std::string_view::npos;
}

}  // namespace

std::string Launch::variable(std::string_view name) const {
  for (const auto& [key, value] : environment) {
    if (key == name) return value;
  }
  return {};
}

Launch launch_of(const CronStart& start, const CronUser& user,
                 const Variables& host) {
  const bool busybox = start.daemon == Daemon::busybox;
  Map environment(host.begin(), host.end());
  environment["SHELL"] = kPlainShell;
  environment["HOME"] = user.home;
  if (busybox) {
    environment.emplace("PATH", kPathOfBusybox);
  } else {
    environment["PATH"] = "/usr/bin:/bin";
  }
  for (const auto& [name, value] : start.settings) {
    if (!busybox || name == "SHELL") environment[name] = value;
  }
  environment["LOGNAME"] = user.name;
  if (start.daemon != Daemon::debian) environment["USER"] = user.name;

  Launch out;
  out.user = user;
  out.source = start.source;
  out.reads_path = !busybox;
  out.command = start.command;
  out.input = start.input;
  pass_over_recorder(environment, out);
  out.shell = environment["SHELL"];
  out.directory = environment["HOME"];
  out.environment.assign(environment.begin(), environment.end());
  return out;
}

Launch launch_of(const AnacronStart& start, const CronUser& root,
                 const Variables& starters) {
  Map environment;
  for (const Variables* given : {&starters, &start.settings}) {
    for (const auto& [name, value] : *given) environment[name] = value;
  }
  Launch out;
  out.user = root;
  out.source = start.source;
  out.shell = kPlainShell;
  out.command = start.command;
  out.directory = "/";
  out.environment.assign(environment.begin(), environment.end());
  out.started_by = start.started_by;
  return out;
}

Variables read_environment_file(std::string_view text) {
  Map found;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    // Blanks before a comment stay, as pam_env leaves them.
    line = trimmed(line);
    line = line.substr(0, line.find('#'));
    constexpr std::string_view kExport = "export ";
    if (line.starts_with(kExport)) line.remove_prefix(kExport.size());
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view name = line.substr(0, equals);
    std::string_view value = line.substr(equals + 1);
    if (!is_name(name) || line.find('\0') != std::string_view::npos) continue;
    if (value.starts_with('"') || value.starts_with('\'')) {
      const char quote = value.front();
      value.remove_prefix(1);
      if (value.ends_with(quote)) value.remove_suffix(1);
    }
    found[std::string(name)] = value;
  }
  return {found.begin(), found.end()};
}

}  // namespace bezalel::app
