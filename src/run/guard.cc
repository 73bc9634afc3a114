#include "run/guard.h"

#include <signal.h>
#include <unistd.h>

namespace bezalel::run {
namespace {

constexpr int kFaults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};

// A handler can reach nothing but globals.
char* const* volatile guarded_argv = nullptr;
char* const* volatile guarded_environment = nullptr;
sigset_t original_mask;

void take_over(int signal) {
  if (guarded_argv != nullptr) {
    constexpr char kText[] = "bezalel: internal fault, running unrecorded\n";
    [[maybe_unused]] const ssize_t n =
        ::write(STDERR_FILENO, kText, sizeof kText - 1);
    ::sigprocmask(SIG_SETMASK, &original_mask, nullptr);
    ::execvpe(guarded_argv[0], guarded_argv, guarded_environment);
  }
  // SA_RESETHAND has put the default back: the fault happens for real.
  ::raise(signal);
}

}  // namespace

void arm_guard(char* const* argv, char* const* environment) {
  guarded_argv = argv;
  guarded_environment = environment;
  ::sigprocmask(SIG_SETMASK, nullptr, &original_mask);
  for (const int fault : kFaults) {
    struct sigaction before = {};
    struct sigaction action = {};
    action.sa_handler = take_over;
    action.sa_flags = static_cast<int>(SA_RESETHAND | SA_NODEFER);
    ::sigaction(fault, &action, &before);
    // Who ignores such a signal wants the job to ignore it too.
    if (before.sa_handler == SIG_IGN) ::sigaction(fault, &before, nullptr);
  }
}

void disarm_guard() {
  guarded_argv = nullptr;
}

}  // namespace bezalel::run
