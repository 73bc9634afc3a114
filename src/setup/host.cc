#include "setup/host.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string_view>

#include "sys/command.h"
#include "sys/file.h"

namespace bezalel::setup {
namespace {

constexpr char kTimer[] = "bezalel-check.timer";
constexpr char kCronFile[] = "/etc/cron.d/bezalel";
constexpr std::string_view kCrontabDirs[] = {
    "/var/spool/cron/crontabs", "/var/spool/cron", "/etc/crontabs"};

bool exists(const char* path) {
  return ::access(path, F_OK) == 0;
}

// First line of a command's output; empty when it failed to run.
std::string ask(const std::vector<std::string>& argv) {
  const auto done = sys::run_command(argv);
  if (!done) return {};
  return done->output.substr(0, done->output.find('\n'));
}

Checking timer(Checking::By by, std::vector<std::string> systemctl) {
  Checking found;
  auto enabled = systemctl;
  enabled.insert(enabled.end(), {"is-enabled", kTimer});
  auto active = std::move(systemctl);
  active.insert(active.end(), {"is-active", kTimer});
  found.enabled = ask(enabled) == "enabled";
  found.active = ask(active) == "active";
  if (found.enabled || found.active) {
    found.by = by;
    found.text = kTimer;
  }
  return found;
}

Checking user_crontab() {
  Checking found;
  const auto listed = sys::run_command({"crontab", "-l"});
  const bool ours =
      listed && listed->status == 0 &&
      listed->output.find("bezalel check --notify") != std::string::npos;
  if (ours) {
    found = {Checking::By::crontab, true, find_cron_daemon().has_value(),
             "a line in your crontab"};
  }
  return found;
}

}  // namespace

bool systemd_runs() {
  return exists("/run/systemd/system");
}

bool user_systemd_runs() {
  if (!systemd_runs()) return false;
  const std::string state = ask({"systemctl", "--user", "is-system-running"});
  return state == "running" || state == "degraded" || state == "starting";
}

Checking find_checking(Scope scope) {
  if (scope == Scope::flat) return {};
  if (scope == Scope::user) {
    if (user_systemd_runs()) {
      Checking found = timer(Checking::By::user_timer, {"systemctl", "--user"});
      if (found.by != Checking::By::nothing) return found;
    }
    return user_crontab();
  }
  if (systemd_runs()) {
    Checking found = timer(Checking::By::systemd_timer, {"systemctl"});
    if (found.by != Checking::By::nothing) return found;
  }
  if (!systemd_runs() && exists(kCronFile)) {
    return {Checking::By::cron_file, true, find_cron_daemon().has_value(),
            kCronFile};
  }
  return {};
}

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
    if (word == "busybox") {
      auto line =
          sys::read_file(std::string("/proc/") + name + "/cmdline", 4096);
      if (!line || line->find("crond") == std::string::npos) return true;
    }
    found = CronDaemon{word, std::atoi(name)};
    return false;
  });
  static_cast<void>(done);
  return found;
}

Result<Disk> disk_of(const std::string& path) {
  struct statvfs s{};
  if (::statvfs(path.c_str(), &s) != 0) return sys::errno_error(path, errno);
  Disk disk;
  const auto total = s.f_blocks, free = s.f_bavail;
  disk.percent_used =
      total == 0 ? 0 : static_cast<int>(100 - free * 100 / total);
  disk.free_bytes = static_cast<std::uint64_t>(free) * s.f_frsize;
  disk.free_inodes = s.f_files == 0 ? 1 : s.f_favail;
  disk.writable =
      ::access(path.c_str(), W_OK) == 0 && (s.f_flag & ST_RDONLY) == 0;
  return disk;
}

std::vector<std::string> crontab_owners() {
  std::vector<std::string> owners;
  for (const std::string_view path : kCrontabDirs) {
    auto dir = sys::Directory::open(std::string(path));
    if (!dir) continue;
    auto done = dir->each([&](const char* name) {
      struct stat s{};
      const bool file =
          ::fstatat(dir->fd(), name, &s, AT_SYMLINK_NOFOLLOW) == 0 &&
          S_ISREG(s.st_mode);
      if (file) owners.emplace_back(name);
      return true;
    });
    static_cast<void>(done);
  }
  return owners;
}

}  // namespace bezalel::setup
