#include "run/overlap_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "sys/file.h"

namespace bezalel::run {

int OverlapLock::take(const RunRecord& run) {
  int why = 0;
  for (const Place& place : run.places()) {
    if (place.make == Place::Make::yes) {
      static_cast<void>(sys::make_directories(place.dir, place.mode));
    }
    const std::string path = place.dir + "/" + run.start.job + ".lock";
    file_ = sys::Fd(
        ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (file_) return hold(run);
    why = errno;
  }
  return why;
}

// Whoever holds it names its run in it: to the same job inside itself the lock
// of the outer one is its own.
int OverlapLock::hold(const RunRecord& run) {
  if (::flock(file_.get(), LOCK_EX | LOCK_NB) != 0) {
    const int why = errno;
    if (run.recording() == Recording::yes) return why;
    std::string holder(run.start.run_id.size(), '\0');
    const ssize_t n = ::pread(file_.get(), holder.data(), holder.size(), 0);
    const bool is_whole = n == static_cast<ssize_t>(holder.size());
    return is_whole && run.start.parent.ends_with(holder) ? 0 : why;
  }
  if (::ftruncate(file_.get(), 0) == 0) {
    // Only the same job inside itself would miss it.
    [[maybe_unused]] const ssize_t n = ::pwrite(
        file_.get(), run.start.run_id.data(), run.start.run_id.size(), 0);
  }
  return 0;
}

}  // namespace bezalel::run
