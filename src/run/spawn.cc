#include "run/spawn.h"

#include <unistd.h>

#include <cerrno>

#include "run/beside.h"

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
  Spawned spawned;
  volatile int exec_error = 0;
  const auto execute = [&plan, &exec_error] {
    prepare(plan);
    exec_error = become(plan.argv, plan.fallback_argv, plan.environment);
  };
  Beside job = run_beside(before_exec, execute, Descriptors::copied);
  if (job.end == Beside::End::stuck) {
    spawned.stuck = job.pid;
    job = run_beside([] {}, execute, Descriptors::copied);
  }
  spawned.pid = job.pid;
  spawned.error = job.pid < 0 ? job.error : exec_error;
  return spawned;
}

int exit_code_of_exec_error(int error_number) {
  return error_number == ENOENT || error_number == ENOTDIR ? 127 : 126;
}

}  // namespace bezalel::run
