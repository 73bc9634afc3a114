#include "run/supervisor.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>

namespace bezalel::run {
namespace {

// How long a job that ran into its own --timeout has to end.
constexpr auto kDefaultKillAfter = std::chrono::seconds(10);

// A job that is over by then is made durable once, by its end: forcing its
// start to disk takes no less, so a power cut would lose no more of it.
constexpr auto kQuickJob = std::chrono::milliseconds(10);

// Never passed on: ours alone, or made by the kernel for one process.
bool is_private(int signal) {
  return signal == SIGPIPE || signal == SIGXFSZ || signal == SIGTTOU ||
         signal == SIGTTIN;
}

bool is_deadly(int signal) {
  return signal == SIGTERM || signal == SIGINT || signal == SIGHUP ||
         signal == SIGQUIT;
}

// As nohup(1) and a shell's background leave it: the job was started deaf to
// it, and so does not owe an end.
bool is_ignored(int signal) {
  struct sigaction action = {};
  ::sigaction(signal, nullptr, &action);
  return action.sa_handler == SIG_IGN;
}

}  // namespace

std::vector<pid_t> children() {
  std::array<char, 64> path;
  std::snprintf(path.data(), path.size(), "/proc/self/task/%d/children",
                ::getpid());
  const sys::Fd fd(::open(path.data(), O_RDONLY | O_CLOEXEC));
  std::array<char, 4096> text;
  const ssize_t n = fd ? ::read(fd.get(), text.data(), text.size()) : -1;
  if (n <= 0) return {0};
  std::vector<pid_t> pids;
  const char* at = text.data();
  const char* const end = at + n;
  while (at < end) {
    pid_t pid = 0;
    const auto [next, error] = std::from_chars(at, end, pid);
    if (error == std::errc()) pids.push_back(pid);
    at = std::max(next, at) + 1;
  }
  return pids;
}

Watched Supervisor::watch(const Demands& demands, Stream& out, Stream& err,
                          const std::function<pid_t()>& settle) {
  if (demands.timeout) stop_at_ = clock_.boot() + *demands.timeout;
  if (settle) settle_at_ = clock_.boot() + kQuickJob;
  for (;;) {
    while (out.advance() || err.advance()) {
    }
    const bool passed_on =
        (out.at_end() || out.idle()) && (err.at_end() || err.idle());
    if (ended_ && passed_on) break;
    wait_for_events(out, err);
    take_signals(demands);
    keep_limits(demands);
    if (!ended_) reap();
    settle_when_due(settle);
    // The job may have printed between our last look and its end.
    if (ended_) {
      while (out.advance() || err.advance()) {
      }
    }
  }
  out.finish();
  err.finish();
  return watched_;
}

void Supervisor::wait_for_events(Stream& out, Stream& err) {
  std::array<struct pollfd, 5> wanted = {{
      {gate_.fd(), POLLIN, 0},
      {ended_ ? -1 : out.wants_read(), POLLIN, 0},
      {out.wants_write(), POLLOUT, 0},
      {ended_ ? -1 : err.wants_read(), POLLIN, 0},
      {err.wants_write(), POLLOUT, 0},
  }};
  if (::poll(wanted.data(), wanted.size(), milliseconds_left()) <= 0) return;
  if (wanted[2].revents != 0) out.write_ready();
  if (wanted[4].revents != 0) err.write_ready();
}

void Supervisor::take_signals(const Demands& demands) {
  while (const auto event = gate_.next()) {
    if (event->signal == SIGCHLD || is_private(event->signal)) continue;
    if (!ended_) forward(*event, demands);
  }
}

void Supervisor::forward(const SignalGate::Event& event,
                         const Demands& demands) {
  if (is_deadly(event.signal) && !is_ignored(event.signal)) {
    watched_.told = event;
    if (demands.kill_after) kill_at_ = clock_.boot() + *demands.kill_after;
  }
  // The terminal has told the whole foreground group already, the job too.
  if (target_ == Target::process && event.from_terminal) return;
  send(event.signal);
}

void Supervisor::send(int signal) const {
  ::kill(target_ == Target::group ? -job_ : job_, signal);
}

// All children, adopted ones too; only the job itself decides.
void Supervisor::reap() {
  for (;;) {
    int status = 0;
    struct rusage usage = {};
    const pid_t pid = ::wait4(-1, &status, WNOHANG | WUNTRACED, &usage);
    if (pid < 0 && errno == EINTR) continue;
    if (pid == 0 && ended_) watched_.lingering = left_behind();
    if (pid <= 0) return;
    if (pid == ours_) ours_ = -1;
    if (pid != job_) continue;
    if (WIFSTOPPED(status)) {
      // Whoever waits for us sees that the job stopped, and can continue it.
      ::kill(::getpid(), SIGSTOP);
      send(SIGCONT);
      continue;
    }
    ended_ = true;
    watched_.status = status;
    watched_.usage = usage;
  }
}

void Supervisor::keep_limits(const Demands& demands) {
  if (ended_ || (!stop_at_ && !kill_at_)) return;
  const BootTime now = clock_.boot();
  if (stop_at_ && now >= *stop_at_) {
    watched_.timed_out = true;
    stop_at_.reset();
    send(SIGTERM);
    send(SIGCONT);
    kill_at_ = now + demands.kill_after.value_or(kDefaultKillAfter);
  }
  if (kill_at_ && now >= *kill_at_) {
    kill_at_.reset();
    send(SIGKILL);
  }
}

void Supervisor::settle_when_due(const std::function<pid_t()>& settle) {
  if (ended_ || !settle_at_ || clock_.boot() < *settle_at_) return;
  settle_at_.reset();
  ours_ = settle();
}

std::vector<pid_t> Supervisor::left_behind() const {
  std::vector<pid_t> pids = children();
  std::erase_if(pids, [this](pid_t pid) {
    const bool is_earlier =
        std::find(earlier_.begin(), earlier_.end(), pid) != earlier_.end();
    return pid == ours_ || (pid > 0 && is_earlier);
  });
  return pids;
}

int Supervisor::milliseconds_left() const {
  std::optional<BootTime> next;
  for (const auto& at : {stop_at_, kill_at_, settle_at_}) {
    if (at && (!next || *at < *next)) next = at;
  }
  if (ended_ || !next) return -1;
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(*next - clock_.boot());
  constexpr std::int64_t kMost = 3'600'000;
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, kMost));
}

}  // namespace bezalel::run
