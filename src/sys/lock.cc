#include "sys/lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace bezalel::sys {
namespace {

// The holder wrote its pid, and nothing else since.
LockHolder holder_of(const Fd& file) {
  LockHolder holder{"another process", {}};
  char text[32] = {};
  const ssize_t n = ::pread(file.get(), text, sizeof text - 1, 0);
  if (n > 0)
    holder.who = "pid " + std::string(text, static_cast<std::size_t>(n));
  struct stat status{};
  if (::fstat(file.get(), &status) == 0) holder.since = modified(status);
  return holder;
}

}  // namespace

Lock take_lock(const std::string& path, const std::optional<Owner>& owner) {
  Fd file(open_or_make(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return {};
  if (owner) {
    static_cast<void>(::fchown(file.get(), owner->uid, owner->gid));
  }
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    return {Fd(), holder_of(file)};
  }
  const std::string pid = std::to_string(::getpid());
  if (::ftruncate(file.get(), 0) == 0) {
    static_cast<void>(::pwrite(file.get(), pid.data(), pid.size(), 0));
  }
  return {std::move(file), std::nullopt};
}

}  // namespace bezalel::sys
