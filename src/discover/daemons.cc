#include "discover/daemons.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

#include "crontab/file_rules.h"
#include "sys/file.h"
#include "sys/process.h"

namespace bezalel::discover {
namespace {

using crontab::Daemon;
using Names = std::vector<std::string>;

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

void pause_for(int milliseconds) {
  struct timespec pause = {0, milliseconds * 1'000'000L};
  ::nanosleep(&pause, nullptr);
}

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

struct Status {
  char state = '?';  // 'R', 'S', 'D', 'T', 'Z', ... of proc(5)
  pid_t parent = 0;
};
std::optional<Status> status_of(const std::string& proc) {
  const auto text = sys::read_file(proc + "/stat", kMostOfProc);
  if (!text) return std::nullopt;
  const std::size_t close = text->rfind(") ");
  if (close == std::string::npos || close + 4 > text->size()) {
    return std::nullopt;
  }
  const std::string_view rest = std::string_view(*text).substr(close + 4);
  Status status;
  status.state = (*text)[close + 2];
  std::from_chars(rest.data(), rest.data() + rest.size(), status.parent);
  return status;
}

// What nobody has buried runs no more.
bool runs(const std::optional<Status>& status) {
  return status && status->state != 'Z' && status->state != 'X';
}

// Every process waits for a disk now and then; one that still does after a
// second of looks is stuck.
bool is_stuck(const std::string& proc) {
  constexpr int kLooks = 10;
  for (int i = 0; i < kLooks; ++i) {
    const auto status = status_of(proc);
    if (!status) return false;
    if (status->state == 'T' || status->state == 't') return true;
    if (status->state != 'D') return false;
    pause_for(100);
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

struct Process {
  pid_t pid = 0;
  pid_t parent = 0;
  std::string comm;
  std::vector<std::string> argv;
};
std::string directory_of(pid_t pid) {
  return "/proc/" + std::to_string(pid);
}

RunningDaemon daemon_at(Process process) {
  const std::string dir = directory_of(process.pid);
  RunningDaemon daemon;
  daemon.pid = process.pid;
  daemon.argv = std::move(process.argv);
  daemon.daemon = is_busybox(dir, daemon.argv) ? Daemon::busybox
                  : process.comm == "cron\n"   ? Daemon::debian
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

// A daemon forks to run a job: the child has its name until it ends, or for a
// moment, and the daemon as its parent.
bool is_child(const Process& process, const std::vector<Process>& all) {
  if (!process.argv.empty() && sys::stays_with_cron_job(process.argv[0])) {
    return true;
  }
  const auto comm =
      sys::read_file(directory_of(process.parent) + "/comm", kMostOfProc);
  if (comm && (*comm == "cron\n" || *comm == "crond\n")) return true;
  return std::any_of(all.begin(), all.end(), [&](const Process& other) {
    return other.pid == process.parent;
  });
}

// One look at all processes: those of a cron daemon's name, without children.
std::vector<Process> look_for_daemons(bool& atd_runs) {
  std::vector<Process> all;
  const auto proc = sys::Directory::open("/proc");
  if (!proc) return all;
  (void)proc->each([&](const char* name) {
    const auto pid = pid_of(name);
    if (!pid) return true;
    const std::string dir = directory_of(*pid);
    const auto comm = sys::read_file(dir + "/comm", kMostOfProc);
    if (!comm || (*comm != "cron\n" && *comm != "crond\n" &&
                  *comm != "busybox\n" && *comm != "atd\n")) {
      return true;
    }
    const auto status = status_of(dir);
    if (!runs(status) || serves_others(dir)) return true;
    if (*comm == "atd\n") {
      atd_runs = true;
      return true;
    }
    Process process{*pid, status->parent, *comm, {}};
    const auto cmdline = sys::read_file(dir + "/cmdline", kMostOfProc);
    if (cmdline) process.argv = words_of(*cmdline);
    if (*comm == "busybox\n" &&
        (process.argv.size() < 2 || process.argv[1] != "crond")) {
      return true;
    }
    all.push_back(std::move(process));
    return true;
  });
  std::vector<Process> found;
  for (const Process& process : all) {
    if (!is_child(process, all)) found.push_back(process);
  }
  return found;
}

std::vector<RunningDaemon> running_daemons(bool& atd_runs) {
  std::vector<Process> found = look_for_daemons(atd_runs);
  if (found.size() > 1) {
    // A child whose parents ended under the eyes looks like a daemon, for as
    // long as it lives.
    pause_for(250);
    const auto again = look_for_daemons(atd_runs);
    std::erase_if(found, [&](const Process& process) {
      return std::none_of(
          again.begin(), again.end(),
          [&](const Process& other) { return other.pid == process.pid; });
    });
  }
  std::vector<RunningDaemon> daemons;
  for (Process& process : found) {
    RunningDaemon daemon = daemon_at(std::move(process));
    if (runs(status_of(directory_of(daemon.pid)))) {
      daemons.push_back(std::move(daemon));
    }
  }
  return daemons;
}

// Alpine has busybox under the name of crond.
Daemon daemon_of(const Root& root, const Program& program) {
  const auto target = root.link(program.path);
  return target && target->ends_with("busybox") ? Daemon::busybox
                                                : program.daemon;
}

// busybox has crond in it, and is there on many a host for other reasons: it
// serves where tables lie in a place of its, and nothing of another cron is
// left, be it what its removal leaves.
std::string busybox_that_serves(const Root& root) {
  std::string program;
  for (const char* path : {"/bin/busybox", "/usr/bin/busybox"}) {
    if (root.exists(path)) program = path;
  }
  if (program.empty()) return {};
  for (const char* left : {"/etc/init.d/cron", "/etc/default/cron",
                           "/etc/pam.d/cron", "/etc/pam.d/crond"}) {
    if (root.exists(left)) return {};
  }
  for (const char* spool : {"/etc/crontabs", "/var/spool/cron/crontabs"}) {
    for (const std::string& name : root.list(spool).value_or(Names())) {
      if (!crontab::is_of_spool(name) && root.user(name)) return program;
    }
  }
  return {};
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

bool rc_enabled(const Root& root, std::string_view service) {
  bool stopped = false;
  // Debian's runlevels 2 to 5 are one.
  for (const std::string& name : root.list("/etc/rc2.d").value_or(Names())) {
    if (name.size() < 4 || std::string_view(name).substr(3) != service) {
      continue;
    }
    if (name[0] == 'S') return true;
    stopped = true;
  }
  return !stopped;
}

Daemons find_daemons(const Root& root) {
  Daemons out;
  out.can_run = root.is_running();
  if (out.can_run) {
    out.hidden = !sys::proc_is_readable();
    out.running = running_daemons(out.atd_runs);
  }
  for (const Program& program : kPrograms) {
    if (!root.exists(program.path)) continue;
    out.installed.emplace_back(program.path);
    if (!out.serving) out.serving = daemon_of(root, program);
  }
  if (!out.running.empty()) out.serving = out.running.front().daemon;
  if (!out.serving) {
    if (std::string program = busybox_that_serves(root); !program.empty()) {
      out.serving = Daemon::busybox;
      out.installed.push_back(std::move(program));
    }
  }
  out.lsb_names = asks_lsb_names(root);
  for (const RunningDaemon& d : out.running) {
    out.lsb_names = out.lsb_names || (d.daemon == Daemon::debian &&
                                      std::find(d.argv.begin(), d.argv.end(),
                                                "-l") != d.argv.end());
  }
  out.systemd = root.is_running() && root.exists("/run/systemd/system");
  if (!out.systemd) {
    out.enabled = out.serving != Daemon::debian || rc_enabled(root, "cron");
  } else if (out.serving == Daemon::debian) {
    out.enabled = unit_enabled(root, "cron.service");
  } else if (out.serving == Daemon::systemd_cron) {
    out.enabled = unit_enabled(root, "cron.target");
  } else if (out.serving == Daemon::cronie) {
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
