#include "simulate/launch.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

#include "sys/fd.h"
#include "sys/file.h"

namespace bezalel::simulate {
namespace {

// Where Debian's cron is itself.
constexpr const char* kCronsOwn = "/var/spool/cron";
constexpr std::size_t kMostOfFile = 64 * 1024;

// Everything the child needs, made before the fork: it calls nothing else.
struct Prepared {
  std::vector<std::string> texts;
  std::vector<char*> environment;
  std::array<char*, 4> argv{};
};

Prepared prepare(const app::Launch& launch) {
  Prepared out;
  for (const auto& [name, value] : launch.environment) {
    out.texts.push_back(name + "=" + value);
  }
  for (std::string& text : out.texts) out.environment.push_back(text.data());
  out.environment.push_back(nullptr);
  return out;
}

void default_signals() {
  struct sigaction plain = {};
  plain.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) {
    static_cast<void>(::sigaction(number, &plain, nullptr));
  }
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

// "launch.user" with all its groups. Whoever is not root stays who he is.
bool become(const app::CronUser& user) {
  if (::getuid() == user.uid && ::getuid() != 0) return true;
  return ::initgroups(user.name.c_str(), user.gid) == 0 &&
         ::setgid(user.gid) == 0 && ::setuid(user.uid) == 0;
}

[[noreturn]] void child(const app::Launch& launch, Prepared& prepared, int in,
                        int out) {
  // First of all: until then what is handed on would reach nobody.
  ::setsid();
  default_signals();
  ::umask(022);
  static_cast<void>(::dup2(in, 0));
  static_cast<void>(::dup2(out, 1));
  static_cast<void>(::dup2(out, 2));
  ::close_range(3, ~0U, 0);
  if (!become(launch.user)) ::_exit(126);
  if (::chdir(launch.directory.c_str()) != 0) {
    static_cast<void>(::chdir(kCronsOwn) == 0 || ::chdir("/") == 0);
  }
  std::string shell = launch.shell;
  std::string option = "-c";
  std::string command = launch.command;
  prepared.argv = {shell.data(), option.data(), command.data(), nullptr};
  ::execve(shell.c_str(), prepared.argv.data(), prepared.environment.data());
  ::_exit(127);
}

// What follows `%`, in memory: a job that does not read it blocks nobody.
sys::Fd input_of(const app::Launch& launch) {
  sys::Fd fd(::memfd_create("stdin", MFD_CLOEXEC));
  std::string_view rest = launch.input;
  while (fd && !rest.empty()) {
    const ssize_t n = ::write(fd.get(), rest.data(), rest.size());
    if (n <= 0) break;
    rest.remove_prefix(static_cast<std::size_t>(n));
  }
  if (fd) ::lseek(fd.get(), 0, SEEK_SET);
  return fd;
}

void pass_on(int from, const std::function<void(std::string_view)>& print) {
  std::array<char, 8192> buffer;
  while (true) {
    const ssize_t n = ::read(from, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    print({buffer.data(), static_cast<std::size_t>(n)});
  }
}

volatile std::sig_atomic_t job = 0;

void to_job(int number) {
  ::kill(-static_cast<pid_t>(job), number);
}

// The job has a session of its own, as cron gives it one, so a terminal does
// not reach it: what tells us to end is handed on, and its end is ours.
class HandOn {
 public:
  HandOn() {
    ::sigemptyset(&these_);
    for (const int number : kDeadly) ::sigaddset(&these_, number);
    ::sigprocmask(SIG_BLOCK, &these_, &before_);
  }
  HandOn(const HandOn&) = delete;
  HandOn& operator=(const HandOn&) = delete;
  ~HandOn() {
    for (std::size_t i = 0; i < kDeadly.size() && started_; ++i) {
      static_cast<void>(::sigaction(kDeadly[i], &actions_[i], nullptr));
    }
    ::sigprocmask(SIG_SETMASK, &before_, nullptr);
  }

  void to(pid_t pid) {
    job = pid;
    started_ = true;
    struct sigaction action = {};
    action.sa_handler = to_job;
    for (std::size_t i = 0; i < kDeadly.size(); ++i) {
      static_cast<void>(::sigaction(kDeadly[i], &action, &actions_[i]));
    }
    ::sigprocmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  static constexpr std::array kDeadly = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
  sigset_t these_ = {};
  sigset_t before_ = {};
  std::array<struct sigaction, kDeadly.size()> actions_ = {};
  bool started_ = false;
};

int status_of(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

Result<app::CronUser> find_user(const std::string& name) {
  const struct passwd* entry = ::getpwnam(name.c_str());
  if (!entry) return err(Kind::not_found, name + ": no such user");
  return app::CronUser{entry->pw_name, entry->pw_uid, entry->pw_gid,
                       entry->pw_dir};
}

app::Variables host_environment() {
  app::Variables out;
  for (const char* path : {"/etc/environment", "/etc/default/locale"}) {
    const auto text = sys::read_file(path, kMostOfFile);
    if (!text) continue;
    for (auto& variable : app::read_environment_file(*text)) {
      std::erase_if(out,
                    [&](const auto& v) { return v.first == variable.first; });
      out.push_back(std::move(variable));
    }
  }
  return out;
}

app::Variables environment_of(int pid) {
  app::Variables out;
  const auto text =
      sys::read_file("/proc/" + std::to_string(pid) + "/environ", kMostOfFile);
  std::string_view rest = text ? std::string_view(*text) : std::string_view();
  while (!rest.empty()) {
    const std::string_view one = rest.substr(0, rest.find('\0'));
    rest.remove_prefix(std::min(rest.size(), one.size() + 1));
    const std::size_t equals = one.find('=');
    if (equals == std::string_view::npos) continue;
    out.emplace_back(one.substr(0, equals), one.substr(equals + 1));
  }
  return out;
}

Result<int> run(const app::Launch& launch,
                const std::function<void(std::string_view)>& print) {
  if (::getuid() != 0 && ::getuid() != launch.user.uid) {
    return err(Kind::denied, "only root runs a job of " + launch.user.name);
  }
  const sys::Fd input = input_of(launch);
  std::array<int, 2> ends{};
  if (!input || ::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return sys::errno_error("simulate", errno);
  }
  const sys::Fd read_end(ends[0]);
  sys::Fd write_end(ends[1]);
  Prepared prepared = prepare(launch);
  HandOn signals;
  const pid_t pid = ::fork();
  if (pid < 0) return sys::errno_error("simulate: fork", errno);
  if (pid == 0) child(launch, prepared, input.get(), write_end.get());
  signals.to(pid);
  write_end = sys::Fd();
  pass_on(read_end.get(), print);
  return status_of(pid);
}

bool holds(const std::string& path, const std::string& program) {
  std::string_view rest = path;
  while (true) {
    const std::string directory(rest.substr(0, rest.find(':')));
    struct stat status{};
    const std::string file = directory + "/" + program;
    if (!directory.empty() && ::stat(file.c_str(), &status) == 0 &&
        S_ISREG(status.st_mode) && (status.st_mode & 0111) != 0) {
      return true;
    }
    if (directory.size() >= rest.size()) return false;
    rest.remove_prefix(directory.size() + 1);
  }
}

std::string found_elsewhere(const app::Launch& launch,
                            const std::string& program,
                            const std::string& own_path) {
  const std::string& home = launch.user.home;
  const std::string all = own_path +
                          ":/usr/local/bin:/usr/local/sbin:/usr/sbin:/sbin:"
                          "/snap/bin:" +
                          home + "/bin:" + home + "/.local/bin";
  std::string_view rest = all;
  while (!rest.empty()) {
    const std::string directory(rest.substr(0, rest.find(':')));
    rest.remove_prefix(std::min(rest.size(), directory.size() + 1));
    if (directory.starts_with('/') && holds(directory, program)) {
      return directory + "/" + program;
    }
  }
  return {};
}

}  // namespace bezalel::simulate
