// Starting the checking: timer, user timer, cron file, crontab line.
#include <fmt/format.h>
#include <unistd.h>

#include "base/duration.h"
#include "base/escape.h"
#include "setup/init.h"
#include "sys/command.h"
#include "sys/file.h"

namespace bezalel::setup {
namespace {

// Half of what a command's output is cut at: a table that was cut must never
// take the place of the whole one.
constexpr std::size_t kMaxTable = 32UL * 1024;
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
  std::string said = done.output;
  said.erase(said.find_last_not_of(" \n") + 1);
  return err(Kind::unavailable, fmt::format("{}exit {}: {}", words, done.status,
                                            escape_line(said, 200)));
}

// In a crontab a bare percent sign ends the command.
std::string crontab_word(const std::string& program) {
  std::string word;
  for (const char c : shell_quote(program)) {
    if (c == '%') word += '\\';
    word += c;
  }
  return word;
}

Result<std::string> system_timer() {
  bool there = false;
  for (const char* dir : {"/etc/systemd/system/", "/lib/systemd/system/",
                          "/usr/local/lib/systemd/system/"}) {
    there = there || ::access((std::string(dir) + kTimer).c_str(), F_OK) == 0;
  }
  if (!there) {
    return err(Kind::unavailable,
               std::string(kTimer) +
                   ": not installed; expected the package (./dev deb) or "
                   "`./dev install /`");
  }
  BZ_TRY(command({"systemctl", "enable", "--now", kTimer}));
  return fmt::format("every 15m by {}", kTimer);
}

// What nobody wrote just now runs as often as the settings say.
std::string kept(const std::string& by, Duration every) {
  return fmt::format("every {} by {}", format_age(every), by);
}

// In root's own table, which is all that busybox crond has of root's. It looks
// for changes where the directory changed: the new file is renamed into it.
Result<std::string> busybox_table(const std::string& tables,
                                  const std::string& program) {
  const std::string path = tables + "/root";
  std::string text;
  if (auto there = sys::read_file(path, kMaxTable)) {
    text = *std::move(there);
  } else if (there.error().kind != Kind::not_found) {
    return there.error();
  }
  if (!text.empty() && text.back() != '\n') text += '\n';
  text += fmt::format(
      "*/15 * * * * [ ! -x {0} ] || {0} check --notify --quiet\n"
      "0 6 * * * [ ! -x {0} ] || {0} report --send\n",
      crontab_word(program));
  BZ_TRY(sys::write_file(path, text, 0600, sys::Durable::yes));
  return "every 15m by " + path;
}

Result<std::string> cron_file(const std::string& program, Duration every) {
  const auto daemon = find_cron_daemon();
  if (daemon && !daemon->busybox_tables.empty()) {
    return busybox_table(daemon->busybox_tables, program);
  }
  const std::string path = "/etc/cron.d/bezalel";
  if (::access("/etc/cron.d", F_OK) != 0) {
    return err(Kind::unavailable,
               "/etc/cron.d: not there, and no systemd runs; expected one of "
               "them to start `bezalel check --notify`");
  }
  if (::access(path.c_str(), F_OK) == 0) return kept(path, every);
  // The package's own text, for wherever the program is; once that is gone the
  // lines do nothing.
  const std::string text = fmt::format(
      "# Where systemd runs, its timers check and report; these lines are for "
      "the rest.\n"
      "SHELL=/bin/sh\n"
      "PATH=/usr/sbin:/usr/bin:/sbin:/bin\n"
      "*/15 * * * * root [ -d /run/systemd/system ] || [ ! -x {0} ] || "
      "{0} check --notify --quiet\n"
      "0 6 * * *    root [ -d /run/systemd/system ] || [ ! -x {0} ] || "
      "{0} report --send\n",
      crontab_word(program));
  BZ_TRY(sys::write_file(path, text, 0644, sys::Durable::yes));
  return "every 15m by " + path;
}

// ~/.config/bezalel/bezalel.toml -> ~/.config/systemd/user
Result<std::string> user_units(const record::Paths& paths) {
  const std::string config =
      paths.settings.substr(0, paths.settings.rfind("/bezalel/"));
  std::string units = config + "/systemd/user";
  BZ_TRY(sys::make_directories(units, 0755));
  return units;
}

// `service` and `timer` are what they say besides a description.
struct UserUnit {
  std::string name, what, service, timer;
};

Result<void> start_user_timer(const record::Paths& paths, const UserUnit& u) {
  BZ_ASSIGN(const std::string units, user_units(paths));
  const std::string service =
      fmt::format("[Unit]\nDescription={}\n\n[Service]\nType=oneshot\n{}",
                  u.what, u.service);
  const std::string timer = fmt::format(
      "[Unit]\nDescription={}\n\n[Timer]\n{}Persistent=true\n\n"
      "[Install]\nWantedBy=timers.target\n",
      u.what, u.timer);
  BZ_TRY(sys::write_file(units + "/" + u.name + ".service", service, 0644,
                         sys::Durable::no));
  BZ_TRY(sys::write_file(units + "/" + u.name + ".timer", timer, 0644,
                         sys::Durable::no));
  BZ_TRY(command({"systemctl", "--user", "daemon-reload"}));
  BZ_TRY(
      command({"systemctl", "--user", "enable", "--now", u.name + ".timer"}));
  // Without it the timer ends with the last session. Where an administrator
  // must allow it, doctor says so.
  static_cast<void>(
      command({"loginctl", "--no-ask-password", "enable-linger"}));
  return {};
}

Result<std::string> user_timer(const record::Paths& paths,
                               const std::string& program) {
  BZ_TRY(start_user_timer(
      paths, {"bezalel-check", "Check that scheduled jobs succeeded",
              fmt::format("ExecStart={} --mine check --notify --quiet\n"
                          "SuccessExitStatus=1 3\n",
                          program),
              "OnCalendar=*:0/15\nRandomizedDelaySec=60\n"}));
  return fmt::format("every 15m by {} of this user", kTimer);
}

Result<std::string> report_timer(const record::Paths& paths,
                                 const std::string& program) {
  BZ_TRY(start_user_timer(
      paths, {"bezalel-report", "Send the nightly report on scheduled jobs",
              fmt::format("ExecStart={} --mine report --send\n", program),
              "OnCalendar=*-*-* 06:00\n"}));
  return std::string("at 06:00 by bezalel-report.timer of this user");
}

// One line at the end of the user's own table; everything else stays.
Result<void> add_crontab_line(const std::string& line,
                              bool (*is_there)(std::string_view)) {
  std::string table;
  // Without what it says on stderr: all of this becomes the new table.
  BZ_ASSIGN(const auto listed,
            sys::run_command({"sh", "-c", "exec crontab -l 2>/dev/null"}));
  if (listed.status == 0) {
    table = listed.output;
    if (table.size() > kMaxTable) {
      return err(Kind::unavailable,
                 "crontab -l: too long to be changed here; expected a line `" +
                     line + "` in it");
    }
  } else if (!has_no_crontab()) {
    // Taken for an empty table, it would be replaced by one line.
    const std::string why = crontab_trouble();
    return err(Kind::unavailable,
               why.empty() ? "crontab -l failed, and then did not; expected "
                             "`bezalel init` to be typed again"
                           : why);
  }
  if (is_there(table)) return {};
  if (!table.empty() && table.back() != '\n') table += '\n';
  return command({"crontab", "-"}, table + line + "\n");
}

Result<std::string> crontab_line(const std::string& program) {
  BZ_TRY(add_crontab_line("*/15 * * * * " + crontab_word(program) +
                              " --mine check --notify --quiet",
                          starts_checking));
  return std::string("every 15m by a line in your crontab");
}

Result<std::string> report_line(const std::string& program) {
  BZ_TRY(add_crontab_line(
      "0 6 * * * " + crontab_word(program) + " --mine report --send",
      starts_reporting));
  return std::string("at 06:00 by a line in your crontab");
}

// Who masked it did so on purpose, and alone can want it back.
Error masked(const Checking& now) {
  return err(Kind::unavailable, now.caveat +
                                    ", nothing was started; expected `" +
                                    now.caveat_fix + "`, then `bezalel init`");
}

}  // namespace

Result<std::string> start_checking(Scope scope, const record::Paths& paths,
                                   const std::string& program, Duration every) {
  switch (scope) {
    case Scope::flat:
      return std::string("not started: with --root that is yours to do");
    case Scope::system: {
      const Checking now = find_checking(scope);
      if (now.enabled && now.active) return kept(now.text, every);
      if (now.masked) return masked(now);
      if (!systemd_runs()) return cron_file(program, every);
      return system_timer();
    }
    case Scope::user: {
      const Checking now = find_checking(scope);
      if (now.enabled) return kept(now.text, every);
      if (now.masked) return masked(now);
      if (user_systemd_runs()) return user_timer(paths, program);
      return crontab_line(program);
    }
  }
  return err(Kind::usage, "unknown scope");
}

Result<std::string> start_reporting(const record::Paths& paths,
                                    const std::string& program) {
  const Checking now = find_reporting(Scope::user);
  if (now.enabled) return "by " + now.text;
  if (now.masked) return masked(now);
  return user_systemd_runs() ? report_timer(paths, program)
                             : report_line(program);
}

}  // namespace bezalel::setup
