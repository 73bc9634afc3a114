// One process at a time: a lock file, never waited for.
#pragma once

#include <optional>
#include <string>

#include "base/time.h"
#include "sys/fd.h"
#include "sys/file.h"

namespace bezalel::sys {

// Who has a lock that could not be had.
struct LockHolder {
  std::string who;  // "pid 4711", "another process"
  Timestamp since;
};

// Held until it is closed, by flock(2). A lock file that cannot be made (disk
// full) must not keep anything from being done: its lock locks nothing.
struct Lock {
  Fd file;
  std::optional<LockHolder> other;  // absent: it is ours
};

// `owner`: the uid and gid a new file gets, where given (root only).
Lock take_lock(const std::string& path, const std::optional<Owner>& owner = {});

}  // namespace bezalel::sys
