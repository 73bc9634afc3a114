// killat [--first-only] N COMMAND...
//
// Runs COMMAND under ptrace and kills it with SIGKILL when it enters its N-th
// system call, counted over all its processes in the order in which they come
// (execve of the command itself is not counted). All traced processes die;
// with --first-only, only the first one does and the others run on.
//
// Exit status: that of a run that ended before its N-th call is 0; 137 when
// the kill was done; 2 for usage. Prints nothing.
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <set>

namespace {

constexpr int kKilled = 137;
constexpr long kOptions = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK |
                          PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
                          PTRACE_O_TRACEEXEC;

enum class Who { everybody, first };

class Sweep {
 public:
  Sweep(pid_t first, long at, Who who) : first_(first), at_(at), who_(who) {}

  // Until nobody is left, or the kill is done.
  int run() {
    for (;;) {
      int status = 0;
      const pid_t pid = ::waitpid(-1, &status, __WALL);
      if (pid < 0 && errno == EINTR) continue;
      if (pid < 0) return killed_ ? kKilled : 0;
      if (WIFEXITED(status) || WIFSIGNALED(status)) {
        alive_.erase(pid);
        inside_.erase(pid);
        continue;
      }
      alive_.insert(pid);
      if (step(pid, status)) return kKilled;
    }
  }

 private:
  // True when everybody was killed.
  bool step(pid_t pid, int status) {
    const int signal = WSTOPSIG(status);
    int deliver = 0;
    if (signal == (SIGTRAP | 0x80)) {
      if (enters(pid) && ++calls_ == at_) return kill_now();
    } else if (status >> 16 == 0 && signal != SIGSTOP && signal != SIGTRAP) {
      deliver = signal;
    }
    ::ptrace(PTRACE_SYSCALL, pid, 0, deliver);
    return false;
  }

  // Stops come in pairs: entry, exit.
  bool enters(pid_t pid) {
    if (inside_.erase(pid) != 0) return false;
    inside_.insert(pid);
    return true;
  }

  bool kill_now() {
    killed_ = true;
    if (who_ == Who::everybody) {
      for (const pid_t pid : alive_) ::kill(pid, SIGKILL);
      // A child that was just forked is traced, and shows up only now.
      int status = 0;
      for (pid_t pid = 0; (pid = ::waitpid(-1, &status, __WALL)) > 0;) {
        if (WIFSTOPPED(status)) ::kill(pid, SIGKILL);
      }
      return true;
    }
    ::kill(first_, SIGKILL);
    for (const pid_t pid : alive_) {
      if (pid != first_) ::ptrace(PTRACE_DETACH, pid, 0, 0);
    }
    while (::waitpid(first_, nullptr, __WALL) < 0 && errno == EINTR) {
    }
    return true;
  }

  pid_t first_;
  long at_;
  Who who_;
  long calls_ = 0;
  bool killed_ = false;
  std::set<pid_t> alive_;
  std::set<pid_t> inside_;
};

}  // namespace

int main(int argc, char** argv) {
  int next = 1;
  Who who = Who::everybody;
  if (next < argc && std::strcmp(argv[next], "--first-only") == 0) {
    who = Who::first;
    ++next;
  }
  if (next + 1 >= argc) return 2;
  const long at = std::strtol(argv[next++], nullptr, 10);
  if (at <= 0) return 2;

  const pid_t pid = ::fork();
  if (pid < 0) return 2;
  if (pid == 0) {
    ::ptrace(PTRACE_TRACEME, 0, 0, 0);
    ::raise(SIGSTOP);
    ::execvp(argv[next], argv + next);
    ::_exit(127);
  }
  int status = 0;
  if (::waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status)) return 2;
  ::ptrace(PTRACE_SETOPTIONS, pid, 0, kOptions);
  // Runs up to its own exec; its calls count from there.
  ::ptrace(PTRACE_CONT, pid, 0, 0);
  if (::waitpid(pid, &status, 0) != pid) return 2;
  if (!WIFSTOPPED(status)) return 2;
  ::ptrace(PTRACE_SYSCALL, pid, 0, 0);
  return Sweep(pid, at, who).run();
}
