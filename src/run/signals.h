// All signals turned into something to read.
#pragma once

#include <signal.h>

#include <optional>

#include "sys/fd.h"

namespace bezalel::run {

// While it lives, every signal that can be is blocked and comes out of `fd`.
// No handler is installed, so the job inherits the dispositions we were
// started with; only SIGCHLD, where it was ignored, is reset (an ignored
// child signal would lose the job's status) and given back at the end.
class SignalGate {
 public:
  SignalGate();
  ~SignalGate();
  SignalGate(const SignalGate&) = delete;
  SignalGate& operator=(const SignalGate&) = delete;

  // False: no descriptor could be had; nothing can be supervised.
  explicit operator bool() const { return static_cast<bool>(fd_); }
  int fd() const { return fd_.get(); }

  // The mask the job gets.
  const sigset_t& original_mask() const { return mask_; }
  bool child_signal_was_ignored() const { return child_ignored_; }

  struct Event {
    int signal;
    pid_t from;
    unsigned uid;
    bool from_terminal;  // the kernel sent it to the whole foreground group
  };
  std::optional<Event> next();

 private:
  sigset_t mask_;
  bool child_ignored_ = false;
  sys::Fd fd_;
};

// "TERM"; "RT" for those without a name.
const char* signal_name(int signal);

// Dies of `signal` as the job did, without a core file of our own; returns
// only where that is impossible (process 1 of a container).
void die_of(int signal);

}  // namespace bezalel::run
