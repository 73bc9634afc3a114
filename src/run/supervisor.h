// Watches one job from its start to its end.
#pragma once

#include <sys/resource.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "run/request.h"
#include "run/signals.h"
#include "run/stream.h"

namespace bezalel::run {

// What became of the job.
struct Watched {
  int status = 0;  // as waitpid gives it
  struct rusage usage = {};
  bool timed_out = false;
  std::optional<SignalGate::Event> told;  // the last deadly signal passed on
  std::vector<pid_t> lingering;           // children that outlive it
};

// Passes the job's output on, passes our signals on to it, keeps its limits,
// and reaps whatever is left to us, until the job itself has ended and all
// that it printed is passed on. Waits for nobody else: neither for its
// children nor for who holds its output.
// Our children, as the kernel lists them; one unknown where it does not.
std::vector<pid_t> children();

class Supervisor {
 public:
  enum class Target { process, group };

  // `ours` is a child that is no child of the job; -1: there is none. `earlier`
  // are those that were left behind before it began.
  Supervisor(const Clock& clock, SignalGate& gate, pid_t job, Target target,
             pid_t ours, std::vector<pid_t> earlier)
      : clock_(clock),
        gate_(gate),
        job_(job),
        target_(target),
        ours_(ours),
        earlier_(std::move(earlier)) {}

  // `settle` is called once if the job is not over almost at once: it starts
  // a child of ours, too (recorder.h), and gives its pid. Empty: there is
  // nothing to settle.
  Watched watch(const Demands& demands, Stream& out, Stream& err,
                const std::function<pid_t()>& settle);

 private:
  void wait_for_events(Stream& out, Stream& err);
  void take_signals(const Demands& demands);
  void forward(const SignalGate::Event& event, const Demands& demands);
  void reap();
  void keep_limits(const Demands& demands);
  void settle_when_due(const std::function<pid_t()>& settle);
  std::vector<pid_t> left_behind() const;
  void send(int signal) const;
  int milliseconds_left() const;

  const Clock& clock_;
  SignalGate& gate_;
  pid_t job_;
  Target target_;
  bool ended_ = false;
  pid_t ours_;
  const std::vector<pid_t> earlier_;
  std::optional<BootTime> settle_at_;
  std::optional<BootTime> stop_at_;  // the timeout
  std::optional<BootTime> kill_at_;  // after it, or after a deadly signal
  Watched watched_;
};

}  // namespace bezalel::run
