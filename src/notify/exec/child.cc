#include "notify/exec/child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <optional>

#include "sys/fd.h"
#include "sys/file.h"

namespace bezalel::notify {
namespace {

constexpr std::size_t kMaxErr = 4096;

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (const std::string& text : texts) {
    result.push_back(const_cast<char*>(text.c_str()));
  }
  result.push_back(nullptr);
  return result;
}

// The calls that prepare a spawn, undone by the destructor.
struct SpawnPlan {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;

  SpawnPlan(int in, int err) {
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, in, 0);
    ::posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions, err, 2);
    ::posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    ::posix_spawnattr_init(&attributes);
    sigset_t none;
    sigset_t all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
    ::posix_spawnattr_setpgroup(&attributes, 0);
    ::posix_spawnattr_setflags(
        &attributes,
        static_cast<short>(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                           POSIX_SPAWN_SETSIGDEF));
  }
  ~SpawnPlan() {
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
};

// A socket pair, not a pipe: writing to a child that is gone is then an error
// and not a SIGPIPE for the whole checker.
struct Pair {
  sys::Fd ours;
  sys::Fd theirs;
};

std::optional<Pair> make_pair() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
                   ends.data()) != 0) {
    return std::nullopt;
  }
  // The child's end blocks, as programs expect of stdin and stderr.
  ::fcntl(ends[1], F_SETFL, 0);
  return Pair{sys::Fd(ends[0]), sys::Fd(ends[1])};
}

sys::Fd make_timer(Duration timeout) {
  sys::Fd timer(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC));
  const auto seconds = std::chrono::floor<std::chrono::seconds>(timeout);
  itimerspec spec{};
  spec.it_value.tv_sec = static_cast<time_t>(seconds.count());
  spec.it_value.tv_nsec = (timeout - seconds).count() * 1000 + 1;
  ::timerfd_settime(timer.get(), 0, &spec, nullptr);
  return timer;
}

// glibc 2.36 declares its wrapper without extern "C".
int open_pidfd(pid_t pid) {
  return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
}

class Watch {
 public:
  Watch(sys::Fd in, sys::Fd err, int pidfd, int timer, std::string_view input)
      : in_(std::move(in)),
        err_(std::move(err)),
        pidfd_(pidfd),
        timer_(timer),
        rest_(input) {}

  // Feeds and listens until the child has ended; true if time ran out first.
  bool until_end(std::string& err) {
    while (true) {
      if (rest_.empty()) in_.reset();
      std::array<pollfd, 4> fds = {{{pidfd_, POLLIN, 0},
                                    {timer_, POLLIN, 0},
                                    {err_.get(), POLLIN, 0},
                                    {in_.get(), POLLOUT, 0}}};
      if (::poll(fds.data(), fds.size(), -1) < 0) continue;
      if (fds[2].revents != 0) listen(err);
      if (fds[3].revents != 0) feed();
      if (fds[0].revents != 0) return false;
      if (fds[1].revents != 0) return true;
    }
  }

 private:
  void feed() {
    const ssize_t n =
        ::send(in_.get(), rest_.data(), rest_.size(), MSG_NOSIGNAL);
    rest_.remove_prefix(n > 0 ? static_cast<std::size_t>(n) : rest_.size());
  }

  void listen(std::string& err) {
    std::array<char, 4096> buffer{};
    const ssize_t n = ::recv(err_.get(), buffer.data(), buffer.size(), 0);
    if (n <= 0) {
      err_.reset();
      return;
    }
    const auto count = static_cast<std::size_t>(n);
    err.append(buffer.data(), std::min(count, kMaxErr - err.size()));
  }

  sys::Fd in_;
  sys::Fd err_;
  int pidfd_;
  int timer_;
  std::string_view rest_;
};

}  // namespace

Result<ChildResult> run_child(const std::vector<std::string>& argv,
                              const std::vector<std::string>& environment,
                              const std::string& input, Duration timeout) {
  auto in = make_pair();
  auto err_pair = make_pair();
  const sys::Fd timer = make_timer(timeout);
  if (!in || !err_pair || !timer) return sys::errno_error(argv[0], errno);
  pid_t pid = 0;
  int error = 0;
  {
    const SpawnPlan plan(in->theirs.get(), err_pair->theirs.get());
    error =
        ::posix_spawn(&pid, argv[0].c_str(), &plan.actions, &plan.attributes,
                      pointers(argv).data(), pointers(environment).data());
  }
  if (error != 0) return sys::errno_error(argv[0], error);
  in->theirs.reset();
  err_pair->theirs.reset();

  ChildResult result;
  const sys::Fd pidfd(open_pidfd(pid));
  if (pidfd) {
    Watch watch(std::move(in->ours), std::move(err_pair->ours), pidfd.get(),
                timer.get(), input);
    result.timed_out = watch.until_end(result.err);
  } else {
    // No way to watch it (kernel before 5.3): not run unwatched.
    result.timed_out = true;
  }
  ::kill(-pid, SIGKILL);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  result.exit_code =
      WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return result;
}

}  // namespace bezalel::notify
