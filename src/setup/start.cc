// Starting the checking: timer, user timer, cron file, crontab line.
#include <fmt/format.h>
#include <unistd.h>

#include "base/escape.h"
#include "setup/init.h"
#include "sys/command.h"
#include "sys/file.h"

namespace bezalel::setup {
namespace {

constexpr char kTimer[] = "bezalel-check.timer";

Result<void> command(const std::vector<std::string>& argv,
                     const std::string& input = {}) {
  sys::CommandOptions options;
  options.input = input;
  options.timeout = std::chrono::seconds(30);
  BZ_ASSIGN(const auto done, sys::run_command(argv, options));
  if (done.status == 0) return {};
  std::string words;
  for (const std::string& word : argv) words += shell_quote(word) + " ";
  return err(Kind::unavailable, fmt::format("{}exit {}: {}", words, done.status,
                                            escape_line(done.output, 200)));
}

Result<std::string> system_timer() {
  BZ_TRY(command({"systemctl", "enable", "--now", kTimer}));
  return fmt::format("every 15m by {}", kTimer);
}

Result<std::string> cron_file(const std::string& program) {
  const std::string path = "/etc/cron.d/bezalel";
  if (::access("/etc/cron.d", F_OK) != 0) {
    return err(Kind::unavailable,
               "/etc/cron.d: not there, and no systemd runs; expected one of "
               "them to start `bezalel check --notify`");
  }
  if (::access(path.c_str(), F_OK) == 0) return "every 15m by " + path;
  const std::string text = fmt::format(
      "# Starts the checking on hosts without systemd.\n"
      "PATH=/usr/sbin:/usr/bin:/sbin:/bin\n"
      "*/15 * * * * root [ -d /run/systemd/system ] || {} check --notify "
      "--quiet\n",
      shell_quote(program));
  BZ_TRY(sys::write_file(path, text, 0644, sys::Durable::yes));
  return "every 15m by " + path;
}

Result<std::string> user_timer(const record::Paths& paths,
                               const std::string& program) {
  // ~/.config/bezalel/bezalel.toml -> ~/.config/systemd/user
  const std::string config =
      paths.settings.substr(0, paths.settings.rfind("/bezalel/"));
  const std::string units = config + "/systemd/user";
  BZ_TRY(sys::make_directories(units, 0755));
  const std::string service = fmt::format(
      "[Unit]\nDescription=Check that scheduled jobs succeeded\n\n"
      "[Service]\nType=oneshot\nExecStart={} --mine check --notify --quiet\n"
      "SuccessExitStatus=1 3\n",
      program);
  const std::string timer =
      "[Unit]\nDescription=Check scheduled jobs every 15 minutes\n\n"
      "[Timer]\nOnCalendar=*:0/15\nPersistent=true\nRandomizedDelaySec=60\n\n"
      "[Install]\nWantedBy=timers.target\n";
  BZ_TRY(sys::write_file(units + "/bezalel-check.service", service, 0644,
                         sys::Durable::no));
  BZ_TRY(sys::write_file(units + "/bezalel-check.timer", timer, 0644,
                         sys::Durable::no));
  BZ_TRY(command({"systemctl", "--user", "daemon-reload"}));
  BZ_TRY(command({"systemctl", "--user", "enable", "--now", kTimer}));
  return fmt::format("every 15m by {} of this user", kTimer);
}

// One line at the end of the user's own table; everything else stays.
Result<std::string> crontab_line(const std::string& program) {
  std::string table;
  BZ_ASSIGN(const auto listed, sys::run_command({"crontab", "-l"}));
  if (listed.status == 0) {
    table = listed.output;
  } else if (listed.output.find("no crontab") == std::string::npos) {
    return err(Kind::unavailable,
               "crontab -l: " + escape_line(listed.output, 200));
  }
  if (table.find("bezalel") != std::string::npos &&
      table.find("check --notify") != std::string::npos) {
    return std::string("every 15m by a line in your crontab");
  }
  if (!table.empty() && table.back() != '\n') table += '\n';
  table += fmt::format("*/15 * * * * {} --mine check --notify --quiet\n",
                       shell_quote(program));
  BZ_TRY(command({"crontab", "-"}, table));
  return std::string("every 15m by a line in your crontab");
}

}  // namespace

Result<std::string> start_checking(Scope scope, const record::Paths& paths,
                                   const std::string& program) {
  switch (scope) {
    case Scope::flat:
      return std::string("not started: with --root that is yours to do");
    case Scope::system: {
      const Checking now = find_checking(scope);
      if (now.enabled && now.active) return "every 15m by " + now.text;
      if (!systemd_runs()) return cron_file(program);
      return system_timer();
    }
    case Scope::user: {
      const Checking now = find_checking(scope);
      if (now.enabled) return "every 15m by " + now.text;
      if (user_systemd_runs()) return user_timer(paths, program);
      return crontab_line(program);
    }
  }
  return err(Kind::usage, "unknown scope");
}

}  // namespace bezalel::setup
