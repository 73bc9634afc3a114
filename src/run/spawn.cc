#include "run/spawn.h"

#include <unistd.h>

#include <cerrno>

namespace bezalel::run {
namespace {

// In the child. Only plain system calls from here on.
void prepare(const SpawnPlan& plan) {
  if (plan.group == SpawnPlan::Group::own) ::setpgid(0, 0);
  if (plan.out >= 0) ::dup2(plan.out, STDOUT_FILENO);
  if (plan.err >= 0) ::dup2(plan.err, STDERR_FILENO);
  if (plan.ignores_child_signal) ::signal(SIGCHLD, SIG_IGN);
  if (plan.mask == nullptr) return;
  // Signals of our own writes (a file size limit reached by the record) are
  // no business of the job: taken away before it could see them.
  sigset_t ours;
  ::sigemptyset(&ours);
  ::sigaddset(&ours, SIGXFSZ);
  ::sigaddset(&ours, SIGPIPE);
  const struct timespec at_once = {};
  while (::sigtimedwait(&ours, nullptr, &at_once) > 0) {
  }
  ::sigprocmask(SIG_SETMASK, plan.mask, nullptr);
}

// The address space is shared with the parent until exec: a function of its
// own keeps the compiler from reusing a frame that both would write to.
[[gnu::noinline]] pid_t fork_and_exec(const SpawnPlan& plan,
                                      const std::function<void()>& before_exec,
                                      volatile int* exec_error) {
  const pid_t pid = ::vfork();
  if (pid != 0) return pid;
  before_exec();
  prepare(plan);
  *exec_error = become(plan.argv, plan.fallback_argv, plan.environment);
  ::_exit(127);
}

}  // namespace

int become(char* const* argv, char* const* fallback_argv,
           char* const* environment) {
  ::execvpe(argv[0], argv, environment);
  const int why = errno;
  if (fallback_argv != nullptr) {
    ::execvpe(fallback_argv[0], fallback_argv, environment);
  }
  return why;
}

Spawned spawn(const SpawnPlan& plan, const std::function<void()>& before_exec) {
  volatile int exec_error = 0;
  Spawned spawned;
  spawned.pid = fork_and_exec(plan, before_exec, &exec_error);
  spawned.error = spawned.pid < 0 ? errno : exec_error;
  return spawned;
}

int exit_code_of_exec_error(int error_number) {
  return error_number == ENOENT || error_number == ENOTDIR ? 127 : 126;
}

}  // namespace bezalel::run
