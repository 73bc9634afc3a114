// Disk work in a process beside us: a disk that does not answer (a frozen file
// system, a dead NFS server) blocks whoever asks it, and no signal helps.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>

namespace bezalel::run {

// How long a disk may keep a job waiting before it goes on without a record.
constexpr auto kPatience = std::chrono::seconds(5);

// What became of the process beside us.
struct Beside {
  enum class End {
    let_go,    // it ended or executed a program: our memory is ours again
    stuck,     // given up: it runs no further instruction, and is ours to reap
    not_made,  // no process could be made; `error` says why
  };

  End end = End::not_made;
  pid_t pid = -1;
  int error = 0;
};

enum class Descriptors { copied, shared };

// A child that shares our memory does `work`, then `after`; we wait until it
// lets go of the memory (vfork(2), on a stack of its own), but for `work` no
// longer than kPatience: then, when it sits in a system call, it is killed in
// there and never comes back to our memory. `after` may execute a program, and
// takes as long as it takes. Neither may end by an exception. Whoever gets
// `stuck` frees or changes nothing that `work` reads or writes.
Beside run_beside(const std::function<void()>& work,
                  const std::function<void()>& after, Descriptors descriptors);

// The same in a child that ends with `work`; reaped unless stuck. Where no
// child can be made, the work is done here.
Beside run_beside(const std::function<void()>& work,
                  Descriptors descriptors = Descriptors::copied);

}  // namespace bezalel::run
