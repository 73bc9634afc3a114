#include "run/signals.h"

#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <initializer_list>

namespace bezalel::run {

SignalGate::SignalGate() {
  sigset_t all;
  ::sigfillset(&all);
  // Of our own making, and deadly whether blocked or not.
  for (const int fault :
       {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS}) {
    ::sigdelset(&all, fault);
  }
  ::sigprocmask(SIG_BLOCK, &all, &mask_);
  struct sigaction action = {};
  ::sigaction(SIGCHLD, nullptr, &action);
  if (action.sa_handler == SIG_IGN || (action.sa_flags & SA_NOCLDWAIT) != 0) {
    child_ignored_ = action.sa_handler == SIG_IGN;
    ::signal(SIGCHLD, SIG_DFL);
  }
  fd_ = sys::Fd(::signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK));
}

SignalGate::~SignalGate() {
  if (child_ignored_) ::signal(SIGCHLD, SIG_IGN);
  // What came and was not read belonged to the job, which is over.
  while (fd_ && next()) {
  }
  ::sigprocmask(SIG_SETMASK, &mask_, nullptr);
}

std::optional<SignalGate::Event> SignalGate::next() {
  struct signalfd_siginfo info;
  if (::read(fd_.get(), &info, sizeof info) != sizeof info) return {};
  return Event{static_cast<int>(info.ssi_signo),
               static_cast<pid_t>(info.ssi_pid), info.ssi_uid,
               info.ssi_code == SI_KERNEL};
}

const char* signal_name(int signal) {
  const char* abbreviation = ::sigabbrev_np(signal);
  return abbreviation != nullptr ? abbreviation : "RT";
}

void die_of(int signal) {
  const struct rlimit none = {0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  ::signal(signal, SIG_DFL);
  sigset_t only;
  ::sigemptyset(&only);
  ::sigaddset(&only, signal);
  ::kill(::getpid(), signal);
  ::sigprocmask(SIG_UNBLOCK, &only, nullptr);
}

}  // namespace bezalel::run
