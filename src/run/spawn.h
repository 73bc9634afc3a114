// Starting the job.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <functional>

namespace bezalel::run {

// What the job is started with. Everything it does not name (working
// directory, umask, limits, other descriptors) is inherited as it is.
struct SpawnPlan {
  enum class Group { same, own };

  char* const* argv = nullptr;
  char* const* environment = nullptr;
  // Tried when `argv` cannot be executed; nullptr: nothing is.
  char* const* fallback_argv = nullptr;
  int out = -1;  // becomes descriptor 1; -1: as it is
  int err = -1;  // becomes descriptor 2
  Group group = Group::same;
  const sigset_t* mask = nullptr;     // the signal mask of the job
  bool ignores_child_signal = false;  // SIGCHLD was SIG_IGN when we came
};

struct Spawned {
  pid_t pid = -1;    // -1: no process could be made; `error` says why
  int error = 0;     // errno of fork, or, with a pid, of exec: it is gone
  pid_t stuck = -1;  // a child that still waits for the disk (beside.h)
};

// Makes the process and executes the command. `before_exec` is called in the
// new process, which shares our memory while we wait (beside.h): it can know
// its own pid, write the start record and leave what it learned behind. When it
// got stuck, the command is started without it.
Spawned spawn(const SpawnPlan& plan, const std::function<void()>& before_exec);

// Becomes the command: no child, no record. Returns errno when it cannot.
int become(char* const* argv, char* const* fallback_argv,
           char* const* environment);

// 127 for a command that is not there, else 126, as shells say it.
int exit_code_of_exec_error(int error_number);

}  // namespace bezalel::run
