#include "discover/daemons.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

#include "sys/file.h"

namespace bezalel::discover {
namespace {

using crontab::Daemon;

struct Program {
  const char* path;
  Daemon daemon;
};
constexpr std::array kPrograms = {
    Program{"/usr/sbin/cron", Daemon::debian},
    Program{"/usr/sbin/crond", Daemon::cronie},
    Program{"/lib/systemd/system-generators/systemd-crontab-generator",
            Daemon::systemd_cron},
    Program{"/usr/lib/systemd/system-generators/systemd-crontab-generator",
            Daemon::systemd_cron},
};
constexpr std::size_t kMostOfProc = 256 * 1024;

std::optional<pid_t> pid_of(const char* name) {
  pid_t pid = 0;
  const std::string_view text(name);
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), pid);
  if (error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return pid;
}

std::vector<std::string> words_of(std::string_view cmdline) {
  std::vector<std::string> words;
  while (!cmdline.empty()) {
    const std::size_t end = cmdline.find('\0');
    words.emplace_back(cmdline.substr(0, end));
    if (end == std::string_view::npos) break;
    cmdline.remove_prefix(end + 1);
  }
  return words;
}

bool is_busybox(const std::string& proc, const std::vector<std::string>& argv) {
  std::array<char, 256> target{};
  const ssize_t length =
      ::readlink((proc + "/exe").c_str(), target.data(), target.size() - 1);
  if (length > 0) {
    return std::string_view(target.data(), static_cast<std::size_t>(length))
               .find("busybox") != std::string_view::npos;
  }
  return !argv.empty() && argv[0].find("busybox") != std::string::npos;
}

// A daemon forks to run a job: the child has the same name for a moment, and
// the daemon as its parent.
pid_t parent_of(const std::string& proc) {
  const auto status = sys::read_file(proc + "/stat", kMostOfProc);
  if (!status) return 0;
  const std::size_t close = status->rfind(") ");
  if (close == std::string::npos || close + 4 > status->size()) return 0;
  std::size_t at = close + 4;
  const std::string_view rest = std::string_view(*status).substr(at);
  pid_t parent = 0;
  std::from_chars(rest.data(), rest.data() + rest.size(), parent);
  return parent;
}

// 'R', 'S', 'D', 'T', 'Z', ... of proc(5); '?' where it is gone.
char state_of(const std::string& proc) {
  const auto status = sys::read_file(proc + "/stat", kMostOfProc);
  if (!status) return '?';
  const std::size_t close = status->rfind(") ");
  if (close == std::string::npos || close + 2 >= status->size()) return '?';
  return (*status)[close + 2];
}

// Every process waits for a disk now and then; one that still does after a
// second of looks is stuck.
bool is_stuck(const std::string& proc) {
  constexpr int kLooks = 10;
  for (int i = 0; i < kLooks; ++i) {
    const char state = state_of(proc);
    if (state == 'T' || state == 't') return true;
    if (state != 'D') return false;
    struct timespec pause = {0, 100'000'000};
    ::nanosleep(&pause, nullptr);
  }
  return true;
}

std::string variable_of(const std::string& proc, std::string_view name) {
  const auto text = sys::read_file(proc + "/environ", kMostOfProc);
  if (!text) return {};
  for (const std::string& word : words_of(*text)) {
    if (word.size() > name.size() && word.starts_with(name) &&
        word[name.size()] == '=') {
      return word.substr(name.size() + 1);
    }
  }
  return {};
}

// `crond -c DIR` of busybox; cronie's -c means something else.
std::string spool_of(const std::vector<std::string>& argv) {
  for (std::size_t i = 1; i < argv.size(); ++i) {
    if (!argv[i].starts_with("-c")) continue;
    std::string dir = argv[i].size() > 2    ? argv[i].substr(2)
                      : i + 1 < argv.size() ? argv[i + 1]
                                            : std::string();
    while (dir.size() > 1 && dir.ends_with('/')) dir.pop_back();
    return dir.starts_with('/') ? dir : std::string();
  }
  return {};
}

// Of a container, or below another root: it serves other crontabs than ours.
bool serves_others(const std::string& proc) {
  const auto status = sys::read_file(proc + "/status", kMostOfProc);
  if (status) {
    const std::size_t at = status->find("\nNSpid:\t");
    if (at != std::string::npos) {
      const std::string_view rest = std::string_view(*status).substr(at + 8);
      const std::string_view pids = rest.substr(0, rest.find('\n'));
      if (pids.find('\t') != std::string_view::npos) return true;
    }
  }
  // Not by name: of a namespace of mounts other than ours a root has any.
  struct stat its = {};
  struct stat own = {};
  if (::stat((proc + "/root/").c_str(), &its) != 0) return false;
  if (::stat("/", &own) != 0) return false;
  return its.st_dev != own.st_dev || its.st_ino != own.st_ino;
}

RunningDaemon daemon_at(pid_t pid, const std::string& dir,
                        std::string_view comm) {
  RunningDaemon daemon;
  daemon.pid = pid;
  const auto cmdline = sys::read_file(dir + "/cmdline", kMostOfProc);
  if (cmdline) daemon.argv = words_of(*cmdline);
  daemon.daemon = is_busybox(dir, daemon.argv) ? Daemon::busybox
                  : comm == "cron\n"           ? Daemon::debian
                                               : Daemon::cronie;
  const auto maps = sys::read_file(dir + "/maps", kMostOfProc);
  daemon.stale_libraries = maps && maps->find(".so") != std::string::npos &&
                           maps->find(" (deleted)") != std::string::npos;
  const auto waits_in = sys::read_file(dir + "/wchan", kMostOfProc);
  if (waits_in && *waits_in != "0") daemon.waits_in = *waits_in;
  // For somebody to open the other end of a FIFO, which may be gone by now.
  daemon.stuck = is_stuck(dir) || daemon.waits_in == "wait_for_partner";
  daemon.zone = variable_of(dir, "TZ");
  if (daemon.daemon == Daemon::busybox) daemon.spool = spool_of(daemon.argv);
  return daemon;
}

std::vector<RunningDaemon> running_daemons(bool& atd_runs) {
  std::vector<RunningDaemon> found;
  std::vector<std::pair<RunningDaemon, pid_t>> all;
  const auto proc = sys::Directory::open("/proc");
  if (!proc) return found;
  (void)proc->each([&](const char* name) {
    const auto pid = pid_of(name);
    if (!pid) return true;
    const std::string dir = std::string("/proc/") + name;
    const auto comm = sys::read_file(dir + "/comm", kMostOfProc);
    if (!comm || (*comm != "cron\n" && *comm != "crond\n" &&
                  *comm != "busybox\n" && *comm != "atd\n")) {
      return true;
    }
    // What nobody has buried runs no more.
    if (state_of(dir) == 'Z' || serves_others(dir)) return true;
    if (*comm == "atd\n") {
      atd_runs = true;
      return true;
    }
    RunningDaemon daemon = daemon_at(*pid, dir, *comm);
    if (*comm == "busybox\n" &&
        (daemon.argv.size() < 2 || daemon.argv[1] != "crond")) {
      return true;
    }
    all.emplace_back(std::move(daemon), parent_of(dir));
    return true;
  });
  for (auto& [daemon, parent] : all) {
    const bool is_child = std::any_of(
        all.begin(), all.end(),
        [p = parent](const auto& other) { return other.first.pid == p; });
    if (!is_child) found.push_back(daemon);
  }
  return found;
}

// Alpine has busybox under the name of crond.
Daemon daemon_of(const Root& root, const Program& program) {
  const auto target = root.link(program.path);
  return target && target->ends_with("busybox") ? Daemon::busybox
                                                : program.daemon;
}

bool asks_lsb_names(const Root& root) {
  const auto text = root.read("/etc/default/cron");
  if (!text) return false;
  std::string_view rest = *text;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (!line.starts_with("EXTRA_OPTS=")) continue;
    if (line.find("-l") != std::string_view::npos) return true;
  }
  return false;
}

}  // namespace

bool unit_enabled(const Root& root, const char* unit) {
  for (const char* dir : {"/etc/systemd/system", "/lib/systemd/system"}) {
    const auto names = root.list(dir);
    if (!names) continue;
    for (const std::string& name : *names) {
      if (!name.ends_with(".wants")) continue;
      if (root.exists(std::string(dir) + "/" + name + "/" + unit)) return true;
    }
  }
  return false;
}

Daemons find_daemons(const Root& root) {
  Daemons out;
  out.can_run = root.is_running();
  if (out.can_run) out.running = running_daemons(out.atd_runs);
  for (const Program& program : kPrograms) {
    if (!root.exists(program.path)) continue;
    out.installed.emplace_back(program.path);
    if (!out.serving) out.serving = daemon_of(root, program);
  }
  if (!out.running.empty()) out.serving = out.running.front().daemon;
  out.lsb_names = asks_lsb_names(root);
  for (const RunningDaemon& d : out.running) {
    out.lsb_names = out.lsb_names || (d.daemon == Daemon::debian &&
                                      std::find(d.argv.begin(), d.argv.end(),
                                                "-l") != d.argv.end());
  }
  out.systemd = root.is_running() && root.exists("/run/systemd/system");
  if (out.systemd && out.serving == Daemon::debian) {
    out.enabled = unit_enabled(root, "cron.service");
  } else if (out.systemd && out.serving == Daemon::cronie) {
    out.enabled = unit_enabled(root, "crond.service") ||
                  unit_enabled(root, "cronie.service");
  }
  return out;
}

std::string service_command(const Daemons& daemons, const std::string& verb,
                            const std::string& service) {
  return daemons.systemd ? "systemctl " + verb + " " + service
                         : "service " + service + " " + verb;
}

}  // namespace bezalel::discover
