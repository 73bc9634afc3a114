// One run from its request to its record.
#pragma once

#include "run/host.h"
#include "run/request.h"

namespace bezalel::run {

// How we have to end so that the caller sees what the job did.
struct Ending {
  int exit_code = 0;
  int signal = 0;            // die of this one instead
  bool interrupted = false;  // somebody asked us to end
};

// Runs the command of `request` and records it. Whatever fails in us, the
// command runs: where it cannot even be a child of ours it takes our place,
// and this does not return.
Ending execute(const Host& host, Request request);

// Executes the command in our place, nothing recorded. Returns only when that
// fails, with the exit code; says why.
int run_unrecorded(const Host& host, Request& request);

// Ends this process so.
[[noreturn]] void leave(const Ending& ending);

}  // namespace bezalel::run
