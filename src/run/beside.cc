#include "run/beside.h"

#include <linux/futex.h>
#include <sanitizer/asan_interface.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>

#include "sys/process.h"

namespace bezalel::run {
namespace {

enum class Claim { working, past, given_up };

// All that the child writes besides what its work writes. One that got stuck
// keeps it for ever: the kernel may still answer into its stack.
struct Area {
  alignas(64) std::array<char, 256 * 1024> stack;
  const std::function<void()>* work = nullptr;
  const std::function<void()>* after = nullptr;
  std::atomic<Claim> claim = Claim::working;
  // The kernel clears it, and wakes us, when the child lets go of our memory
  // (CLONE_CHILD_CLEARTID).
  std::atomic<pid_t> attached = 0;
};
static_assert(sizeof(std::atomic<pid_t>) == sizeof(pid_t));

Area first_area;
Area* area = &first_area;

int child(void* /*unused*/) {
  Area& mine = *area;
  (*mine.work)();
  Claim claim = Claim::working;
  if (mine.claim.compare_exchange_strong(claim, Claim::past)) (*mine.after)();
  // Not _exit: the memory's other user has no use for its last words.
  ::syscall(SYS_exit_group, 127);
  return 127;
}

// False while it runs instructions: such a child gets on, slowly. One that is
// stopped (T) was stopped together with us.
bool sits_in_system_call(pid_t pid) {
  const char state = sys::process_state(pid);
  return state != 'R' && state != 'T';
}

bool give_up(pid_t pid) {
  Claim claim = Claim::working;
  if (!sits_in_system_call(pid) ||
      !area->claim.compare_exchange_strong(claim, Claim::given_up)) {
    return false;
  }
  ::kill(pid, SIGKILL);
  return true;
}

// True once it has let go, false when it was given up. A signal that comes in
// between only begins the wait anew.
bool wait_for(pid_t pid) {
  struct timespec limit = {.tv_sec = kPatience.count(), .tv_nsec = 0};
  for (bool limited = true; area->attached != 0;) {
    const long waited = ::syscall(SYS_futex, &area->attached, FUTEX_WAIT, 1,
                                  limited ? &limit : nullptr, nullptr, 0);
    if (waited == 0 || errno != ETIMEDOUT) continue;
    limited = area->claim == Claim::working;
    if (limited && give_up(pid)) return false;
    limit = {.tv_sec = 0, .tv_nsec = 10'000'000};
  }
  return true;
}

}  // namespace

Beside run_beside(const std::function<void()>& work,
                  const std::function<void()>& after, Descriptors descriptors) {
  area->work = &work;
  area->after = &after;
  area->claim = Claim::working;
  area->attached = 1;
  const int flags = CLONE_VM | CLONE_CHILD_CLEARTID | SIGCHLD |
                    (descriptors == Descriptors::shared ? CLONE_FILES : 0);
  const pid_t pid = ::clone(child, area->stack.data() + area->stack.size(),
                            flags, nullptr, nullptr, nullptr, &area->attached);
  if (pid < 0) return {Beside::End::not_made, -1, errno};
  if (!wait_for(pid)) {
    area = new Area;
    return {Beside::End::stuck, pid, 0};
  }
  // What the child's frames marked is no business of ours.
  ASAN_UNPOISON_MEMORY_REGION(area->stack.data(), area->stack.size());
  return {Beside::End::let_go, pid, 0};
}

Beside run_beside(const std::function<void()>& work, Descriptors descriptors) {
  const Beside beside = run_beside(work, [] {}, descriptors);
  if (beside.end == Beside::End::not_made) {
    work();
  } else if (beside.end == Beside::End::let_go) {
    while (::waitpid(beside.pid, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  return beside;
}

}  // namespace bezalel::run
