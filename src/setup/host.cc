#include "setup/host.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <iterator>
#include <set>
#include <string_view>

#include "base/escape.h"
#include "crontab/crontab.h"
#include "crontab/file_rules.h"
#include "record/job_name.h"
#include "sys/command.h"
#include "sys/file.h"
#include "sys/process.h"

namespace bezalel::setup {
namespace {

constexpr std::size_t kMaxCrontab = 1024 * 1024;
constexpr char kTimer[] = "bezalel-check.timer";
constexpr char kReportTimer[] = "bezalel-report.timer";
constexpr char kCronFile[] = "/etc/cron.d/bezalel";
constexpr std::string_view kCrontabDirs[] = {
    "/var/spool/cron/crontabs", "/var/spool/cron", "/etc/crontabs"};
// Of docker, podman and systemd-nspawn.
constexpr const char* kContainerMarks[] = {"/.dockerenv", "/run/.containerenv",
                                           "/run/systemd/container"};

bool exists(const char* path) {
  return ::access(path, F_OK) == 0;
}

// An overlay is no sign by itself: images of devices and live systems have one.
bool is_container() {
  return std::any_of(std::begin(kContainerMarks), std::end(kContainerMarks),
                     exists);
}

// First line of a command's output; empty when it failed to run.
std::string ask(const std::vector<std::string>& argv) {
  const auto done = sys::run_command(argv);
  if (!done) return {};
  return done->output.substr(0, done->output.find('\n'));
}

Checking timer(Checking::By by, std::vector<std::string> systemctl,
               const std::string& unit = kTimer) {
  Checking found;
  auto enabled = systemctl;
  enabled.insert(enabled.end(), {"is-enabled", unit});
  auto active = std::move(systemctl);
  active.insert(active.end(), {"is-active", unit});
  const std::string state = ask(enabled);
  found.enabled = state == "enabled";
  found.masked = state.starts_with("masked");
  found.active = ask(active) == "active";
  if (found.enabled || found.active) {
    found.by = by;
    found.text = unit;
  }
  if (found.masked) {
    found.caveat = unit + " is masked";
    found.caveat_fix = by == Checking::By::user_timer
                           ? "systemctl --user unmask " + unit
                           : "systemctl unmask " + unit;
  }
  return found;
}

Checking by_cron(Checking::By by, std::string text) {
  Checking found;
  found.by = by;
  found.enabled = true;
  found.active = find_cron_daemon().has_value();
  found.text = std::move(text);
  return found;
}

Checking user_crontab(bool (*is_there)(std::string_view)) {
  const auto listed = sys::run_command({"crontab", "-l"});
  if (listed && listed->status == 0 && is_there(listed->output)) {
    return by_cron(Checking::By::crontab, "a line in your crontab");
  }
  Checking none;
  none.caveat = crontab_trouble();
  if (!none.caveat.empty()) {
    none.caveat_fix =
        "have root see to that, or start it every 15m by other means";
  }
  return none;
}

// A user's timers end with the last session, unless the user lingers.
Checking user_timer(const std::string& unit) {
  Checking found =
      timer(Checking::By::user_timer, {"systemctl", "--user"}, unit);
  const passwd* user = ::getpwuid(::geteuid());
  if (found.by == Checking::By::nothing || found.masked || user == nullptr) {
    return found;
  }
  const std::string mark =
      std::string("/var/lib/systemd/linger/") + user->pw_name;
  if (exists(mark.c_str())) return found;
  found.caveat = "it stops when you log out";
  found.caveat_fix = "loginctl enable-linger";
  return found;
}

std::vector<std::string> system_tables() {
  std::vector<std::string> files = {"/etc/crontab"};
  if (auto dir = sys::Directory::open("/etc/cron.d")) {
    static_cast<void>(dir->each([&](const char* name) {
      files.push_back(std::string("/etc/cron.d/") + name);
      return true;
    }));
  }
  return files;
}

// Lines that an administrator wrote; our own cron file says nothing where
// systemd runs.
Checking own_line() {
  std::vector<std::string> files = system_tables();
  for (const std::string_view dir : kCrontabDirs) {
    files.push_back(std::string(dir) + "/root");
  }
  for (const std::string& file : files) {
    if (file == kCronFile) continue;
    const auto text = sys::read_file(file, kMaxCrontab);
    if (text && starts_checking(*text)) {
      return by_cron(Checking::By::cron_file, file);
    }
  }
  return {};
}

}  // namespace

bool systemd_runs() {
  return exists("/run/systemd/system");
}

bool has_no_crontab() {
  const auto listed = sys::run_command({"crontab", "-l"});
  return listed && listed->status != 0 &&
         crontab::says_no_table(listed->output);
}

std::string crontab_trouble() {
  const auto listed = sys::run_command({"crontab", "-l"});
  if (!listed) {
    return listed.error().kind == Kind::not_found
               ? std::string("there is no crontab(1) on this host")
               : listed.error().what;
  }
  if (listed->status == 0 || crontab::says_no_table(listed->output)) {
    return {};
  }
  std::string said = listed->output.substr(0, listed->output.find('\n'));
  if (said.ends_with('.')) said.pop_back();  // more may be said behind it
  return "crontab -l: " + escape_line(said, 200);
}

bool user_systemd_runs() {
  if (!systemd_runs()) return false;
  const std::string state = ask({"systemctl", "--user", "is-system-running"});
  return state == "running" || state == "degraded" || state == "starting";
}

namespace {

Checking by_user(const std::string& unit, bool (*is_there)(std::string_view)) {
  if (user_systemd_runs()) {
    Checking found = user_timer(unit);
    if (found.by != Checking::By::nothing || found.masked) return found;
  }
  return user_crontab(is_there);
}

}  // namespace

namespace {

Checking of_busybox(const std::string& tables) {
  const auto text = sys::read_file(tables + "/root", kMaxCrontab);
  if (text && starts_checking(*text)) {
    return by_cron(Checking::By::cron_file, tables + "/root");
  }
  Checking none;
  if (!exists(kCronFile)) return none;
  none.caveat = std::string("busybox crond reads no ") + kCronFile;
  return none;
}

}  // namespace

Checking find_checking(Scope scope) {
  if (scope == Scope::flat) return {};
  if (scope == Scope::user) return by_user(kTimer, starts_checking);
  if (systemd_runs()) {
    Checking found = timer(Checking::By::systemd_timer, {"systemctl"});
    if (found.by != Checking::By::nothing) return found;
    if (found.masked) {
      Checking other = own_line();
      return other.by != Checking::By::nothing ? other : found;
    }
  }
  const auto daemon = find_cron_daemon();
  if (daemon && !daemon->busybox_tables.empty()) {
    return of_busybox(daemon->busybox_tables);
  }
  if (!systemd_runs() && exists(kCronFile)) {
    return by_cron(Checking::By::cron_file, kCronFile);
  }
  return own_line();
}

std::string start_of(const Checking& by, const std::string& bezalel) {
  switch (by.by) {
    case Checking::By::systemd_timer:
      return "systemctl enable --now " + by.text;
    case Checking::By::user_timer:
      return "systemctl --user enable --now " + by.text;
    case Checking::By::cron_file:
    case Checking::By::crontab:
      return start_of_cron();
    case Checking::By::nothing:
      break;
  }
  return bezalel + " init";
}

Checking find_reporting(Scope scope) {
  if (scope == Scope::flat) return {};
  if (scope == Scope::user) return by_user(kReportTimer, starts_reporting);
  if (systemd_runs()) {
    return timer(Checking::By::systemd_timer, {"systemctl"}, kReportTimer);
  }
  const auto text = sys::read_file(kCronFile, kMaxCrontab);
  if (!text || text->find(" report --send") == std::string::npos) return {};
  return by_cron(Checking::By::cron_file, kCronFile);
}

namespace {

// A line that is no comment and has `command` and behind it `option`.
bool starts(std::string_view crontab, std::string_view command,
            std::string_view option) {
  while (!crontab.empty()) {
    const std::size_t end = crontab.find('\n');
    const std::string_view line = crontab.substr(0, end);
    crontab.remove_prefix(end == std::string_view::npos ? crontab.size()
                                                        : end + 1);
    const std::size_t first = line.find_first_not_of(" \t");
    if (first == std::string_view::npos || line[first] == '#') continue;
    const std::size_t program = line.find("bezalel");
    if (program == std::string_view::npos) continue;
    const std::size_t at = line.find(command, program);
    if (at == std::string_view::npos) continue;
    if (line.find(option, at) != std::string_view::npos) return true;
  }
  return false;
}

}  // namespace

bool starts_checking(std::string_view crontab) {
  return starts(crontab, " check ", " --notify");
}

bool starts_reporting(std::string_view crontab) {
  return starts(crontab, " report ", " --send");
}

ActionRule find_action_rule() {
  bool seen = false;
  for (const char* path :
       {"/etc/polkit-1/rules.d", "/usr/share/polkit-1/rules.d"}) {
    auto dir = sys::Directory::open(path);
    if (!dir) {
      // Of the first an administrator's rules are; others may not read it.
      if (dir.error().kind == Kind::denied) return ActionRule::unseen;
      continue;
    }
    static_cast<void>(dir->each([&](const char* name) {
      const auto rule =
          sys::read_file(std::string(path) + "/" + name, kMaxCrontab);
      seen = rule && std::string_view(name).ends_with(".rules") &&
             rule->find("\"bezalel\"") != std::string::npos;
      return !seen;
    }));
    if (seen) return ActionRule::there;
  }
  return ActionRule::missing;
}

namespace {

bool is_busybox(int pid) {
  std::array<char, 4096> exe;
  const ssize_t n =
      ::readlink(("/proc/" + std::to_string(pid) + "/exe").c_str(), exe.data(),
                 exe.size());
  return n > 0 && std::string_view(exe.data(), static_cast<std::size_t>(n))
                      .ends_with("/busybox");
}

// What -c of its command line says, words ended by NUL.
std::string busybox_tables(const std::string& command_line) {
  std::string_view rest = command_line;
  for (bool next = false; !rest.empty();) {
    const std::string_view word = rest.substr(0, rest.find('\0'));
    rest.remove_prefix(std::min(word.size() + 1, rest.size()));
    if (next) return std::string(word);
    next = word == "-c";
    if (!next && word.starts_with("-c")) return std::string(word.substr(2));
  }
  return "/var/spool/cron/crontabs";
}

}  // namespace

std::optional<CronDaemon> find_cron_daemon() {
  auto proc = sys::Directory::open("/proc");
  if (!proc) return std::nullopt;
  std::optional<CronDaemon> found;
  auto done = proc->each([&](const char* name) {
    if (name[0] < '1' || name[0] > '9') return true;
    auto comm = sys::read_file(std::string("/proc/") + name + "/comm", 64);
    if (!comm) return true;
    const std::string word = comm->substr(0, comm->find('\n'));
    if (word != "cron" && word != "crond" && word != "busybox") return true;
    const auto line =
        sys::read_file(std::string("/proc/") + name + "/cmdline", 4096);
    if (line && sys::stays_with_cron_job(line->c_str())) return true;
    if (word == "busybox" &&
        (!line || line->find("crond") == std::string::npos)) {
      return true;
    }
    const int pid = std::atoi(name);
    const char state = sys::process_state(pid);
    if (state == 'Z' || state == 'X') return true;  // ended, and not reaped
    found = CronDaemon{word, pid, state == 'T'};
    if (word == "busybox" || is_busybox(pid)) {
      found->busybox_tables = busybox_tables(line.value_or(""));
    }
    return false;
  });
  static_cast<void>(done);
  return found;
}

Result<Disk> disk_of(const std::string& path) {
  struct statvfs s{};
  if (::statvfs(path.c_str(), &s) != 0) return sys::errno_error(path, errno);
  Disk disk;
  // As df(1) counts: what is kept for root is neither used nor free.
  const auto used = s.f_blocks - s.f_bfree, free = s.f_bavail;
  disk.percent_used =
      used + free == 0
          ? 0
          : static_cast<int>((used * 100 + used + free - 1) / (used + free));
  disk.free_bytes = static_cast<std::uint64_t>(free) * s.f_frsize;
  disk.free_inodes = s.f_files == 0 ? 1 : s.f_favail;
  disk.read_only = (s.f_flag & ST_RDONLY) != 0;
  disk.writable = ::access(path.c_str(), W_OK) == 0 && !disk.read_only;
  struct statfs kind{};
  if (::statfs(path.c_str(), &kind) == 0) {
    disk.in_memory = kind.f_type == TMPFS_MAGIC || kind.f_type == RAMFS_MAGIC;
    disk.in_container = kind.f_type == OVERLAYFS_SUPER_MAGIC && is_container();
  }
  return disk;
}

namespace {

void named_in(const std::string& path, crontab::Kind kind,
              std::set<std::string>& users) {
  const auto text = sys::read_file(path, kMaxCrontab);
  if (!text) return;
  const auto tab = crontab::parse(*text, kind, crontab::Daemon::debian);
  for (const crontab::Line& line : tab.lines) {
    if (line.type != crontab::LineType::job) continue;
    if (kind == crontab::Kind::system) users.insert(line.user);
    // Behind sudo or su the record is another's, who may have no table.
    const auto named = record::job_name(line.command);
    if (named.own && !named.own->user.empty()) users.insert(named.own->user);
    for (const record::OwnRecord& own : record::further_records(named)) {
      if (!own.user.empty()) users.insert(own.user);
    }
  }
}

}  // namespace

std::vector<std::string> users_of_crontabs() {
  std::set<std::string> users;
  for (const std::string& path : system_tables()) {
    named_in(path, crontab::Kind::system, users);
  }
  for (const std::string_view path : kCrontabDirs) {
    auto dir = sys::Directory::open(std::string(path));
    if (!dir) continue;
    auto done = dir->each([&](const char* name) {
      struct stat s{};
      const bool file =
          ::fstatat(dir->fd(), name, &s, AT_SYMLINK_NOFOLLOW) == 0 &&
          S_ISREG(s.st_mode);
      // A name with a dot in front is somebody's temporary file.
      if (file && name[0] != '.' && !crontab::is_of_spool(name)) {
        users.emplace(name);
        named_in(std::string(path) + "/" + name, crontab::Kind::user, users);
      }
      return true;
    });
    static_cast<void>(done);
  }
  return {users.begin(), users.end()};
}

std::string start_of_cron() {
  const std::string root = ::geteuid() == 0 ? "" : "sudo ";
  for (const std::string name : {"cron", "crond"}) {
    const std::string path = "/usr/sbin/" + name;
    if (!exists(path.c_str())) continue;
    if (systemd_runs()) return root + "systemctl enable --now " + name;
    return root +
           (exists("/usr/sbin/service") ? "service " + name + " start" : path);
  }
  return exists("/usr/bin/apt-get") ? root + "apt-get install cron"
                                    : "install a cron daemon";
}

}  // namespace bezalel::setup
