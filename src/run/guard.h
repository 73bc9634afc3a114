// The last promise: if we ourselves break, the job still runs.
#pragma once

namespace bezalel::run {

// From `arm` to `disarm`, a crash of this process (a fault, an abort, no
// memory) executes `argv` in its place, with the signal mask it came with.
// Borrowed until disarmed. One at a time.
void arm_guard(char* const* argv, char* const* environment);

// The job has been started: it must never be started twice.
void disarm_guard();

}  // namespace bezalel::run
