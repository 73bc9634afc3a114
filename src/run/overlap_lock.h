// The lock of --no-overlap: JOB.lock beside the record, held until the process
// ends.
#pragma once

#include "run/run_record.h"
#include "sys/fd.h"

namespace bezalel::run {

class OverlapLock {
 public:
  // Opens the lock in the first place that has one and tries to take it. errno
  // when there is no lock; 0 when this run has it, or the same job around it;
  // EWOULDBLOCK when another has. May wait for the disk.
  int take(const RunRecord& run);

 private:
  int hold(const RunRecord& run);

  sys::Fd file_;
};

}  // namespace bezalel::run
