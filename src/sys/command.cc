#include "sys/command.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "sys/clock.h"
#include "sys/fd.h"
#include "sys/file.h"

namespace bezalel::sys {
namespace {

constexpr std::size_t kMaxOutput = 64 * 1024;
constexpr Duration kTick = std::chrono::milliseconds(20);

struct Pipe {
  Fd read, write;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> fds{};
  if (::pipe2(fds.data(), O_CLOEXEC) != 0) return errno_error("pipe", errno);
  return Pipe{Fd(fds[0]), Fd(fds[1])};
}

// In the child; only async-signal-safe calls.
[[noreturn]] void become(char* const* argv, char* const* env, int in, int out,
                         int status_fd) {
  ::setpgid(0, 0);
  ::dup2(in, 0);
  ::dup2(out, 1);
  ::dup2(out, 2);
  ::signal(SIGPIPE, SIG_DFL);
  if (env[0] != nullptr) {
    for (char* const* e = env; *e != nullptr; ++e) ::putenv(*e);
  }
  ::execvp(argv[0], argv);
  const int failed = errno;
  [[maybe_unused]] const auto n = ::write(status_fd, &failed, sizeof failed);
  ::_exit(127);
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> result;
  for (std::string& word : words) result.push_back(word.data());
  result.push_back(nullptr);
  return result;
}

// Feeds and drains until the child closed its output or time is over.
bool converse(Fd& in, Fd& out, const std::string& input, Duration timeout,
              CommandResult& result) {
  std::string& output = result.output;
  const SystemClock clock;
  const BootTime end = clock.boot() + timeout;
  std::size_t fed = 0;
  if (input.empty()) in.reset();
  while (clock.boot() < end) {
    std::array<pollfd, 2> fds{{{out.get(), POLLIN, 0}, {in.get(), POLLOUT, 0}}};
    const int wait = static_cast<int>(
        std::chrono::duration_cast<std::chrono::milliseconds>(kTick).count());
    if (::poll(fds.data(), in ? 2 : 1, wait) <= 0) continue;
    if (in && fds[1].revents != 0) {
      // So much is sure not to block (poll(2), pipe(7)).
      const std::size_t some =
          std::min<std::size_t>(PIPE_BUF, input.size() - fed);
      const ssize_t n = ::write(in.get(), input.data() + fed, some);
      if (n > 0) fed += static_cast<std::size_t>(n);
      if (n < 0 || fed == input.size()) in.reset();
    }
    if (fds[0].revents == 0) continue;
    std::array<char, 4096> buffer{};
    const ssize_t n = ::read(out.get(), buffer.data(), buffer.size());
    if (n <= 0) return true;
    const std::size_t room = kMaxOutput - output.size();
    output.append(buffer.data(), std::min(room, static_cast<std::size_t>(n)));
    result.cut = result.cut || static_cast<std::size_t>(n) > room;
  }
  return false;
}

int wait_status(pid_t pid, Duration timeout, bool& timed_out) {
  const SystemClock clock;
  const BootTime end = clock.boot() + timeout;
  int status = 0;
  while (::waitpid(pid, &status, WNOHANG) == 0) {
    if (clock.boot() >= end) {
      timed_out = true;
      ::kill(-pid, SIGKILL);
      ::waitpid(pid, &status, 0);
      break;
    }
    ::poll(nullptr, 0, 5);
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

Result<CommandResult> run_command(const std::vector<std::string>& argv,
                                  const CommandOptions& options) {
  std::vector<std::string> words = argv;
  std::vector<std::string> extra = options.environment;
  const auto argv_pointers = pointers(words);
  const auto env_pointers = pointers(extra);
  BZ_ASSIGN(Pipe in, make_pipe());
  BZ_ASSIGN(Pipe out, make_pipe());
  BZ_ASSIGN(Pipe status, make_pipe());
  const pid_t pid = ::fork();
  if (pid < 0) return errno_error("fork", errno);
  if (pid == 0) {
    become(argv_pointers.data(), env_pointers.data(), in.read.get(),
           out.write.get(), status.write.get());
  }
  in.read.reset();
  out.write.reset();
  status.write.reset();
  int failed = 0;
  ssize_t told = 0;
  do {
    told = ::read(status.read.get(), &failed, sizeof failed);
  } while (told < 0 && errno == EINTR);
  if (told == sizeof failed) {
    ::waitpid(pid, nullptr, 0);
    return errno_error(argv[0], failed);
  }
  // A child that closes its stdin early must not kill us.
  struct sigaction ignore{};
  struct sigaction before{};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &ignore, &before);
  CommandResult result;
  result.timed_out =
      !converse(in.write, out.read, options.input, options.timeout, result);
  ::sigaction(SIGPIPE, &before, nullptr);
  if (result.timed_out) ::kill(-pid, SIGKILL);
  result.status = wait_status(pid, options.timeout, result.timed_out);
  return result;
}

Result<int> run_attached(const std::vector<std::string>& argv) {
  std::vector<std::string> words = argv;
  const auto argv_pointers = pointers(words);
  pid_t pid = 0;
  const int failed = ::posix_spawnp(&pid, argv_pointers[0], nullptr, nullptr,
                                    argv_pointers.data(), environ);
  if (failed != 0) return errno_error(argv[0], failed);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace bezalel::sys
