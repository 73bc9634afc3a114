#include "sys/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "sys/entropy.h"

namespace bezalel::sys {
namespace {

Kind kind_of(int error_number) {
  switch (error_number) {
    case ENOENT:
      return Kind::not_found;
    case EACCES:
    case EPERM:
      return Kind::denied;
    case ENOSPC:
    case EDQUOT:
    case EROFS:
      return Kind::full;
    case EAGAIN:
    case EBUSY:
    case ETIMEDOUT:
      return Kind::unavailable;
    case ELOOP:
    case EXDEV:
    case EISDIR:
    case ENOTDIR:
      return Kind::corrupt;
    default:
      return Kind::io;
  }
}

// Unlinks the temporary unless the rename made it the real thing.
class Temporary {
 public:
  explicit Temporary(std::string path) : path_(std::move(path)) {}
  ~Temporary() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;

  const std::string& path() const { return path_; }
  void kept() { path_.clear(); }

 private:
  std::string path_;
};

// ".NAME.RANDOM.tmp" beside `path`. A long NAME is cut: the whole must stay a
// legal file name.
std::string temporary_beside(const std::string& path) {
  constexpr std::size_t kMaxStem = 200;
  const std::size_t slash = path.rfind('/');
  const std::size_t at = slash == std::string::npos ? 0 : slash + 1;
  return path.substr(0, at) + "." + path.substr(at, kMaxStem) + "." +
         random_hex(6) + ".tmp";
}

Result<void> write_all(int fd, std::string_view bytes,
                       const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno_error(path, errno);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

Result<void> fill(int fd, std::string_view bytes, mode_t mode, Durable durable,
                  std::optional<Owner> owner, const std::string& path) {
  BZ_TRY(write_all(fd, bytes, path));
  if (owner && ::fchown(fd, owner->uid, owner->gid) != 0) {
    return errno_error(path, errno);
  }
  if (::fchmod(fd, mode) != 0) return errno_error(path, errno);
  if (durable == Durable::yes && ::fsync(fd) != 0) {
    return errno_error(path, errno);
  }
  return {};
}

}  // namespace

Error errno_error(std::string_view where, int error_number) {
  const char* text = ::strerrordesc_np(error_number);
  std::string what(where);
  what += ": ";
  what += text != nullptr ? text : "unknown error";
  return Error{kind_of(error_number), std::move(what)};
}

Result<std::string> read_up_to(int fd, std::size_t most, off_t expected,
                               std::string_view where) {
  std::string bytes;
  std::size_t chunk = expected > 0 ? static_cast<std::size_t>(expected) : 4096;
  while (bytes.size() < most) {
    const std::size_t have = bytes.size();
    bytes.resize(std::min(most, have + chunk));
    const ssize_t n = ::read(fd, bytes.data() + have, bytes.size() - have);
    bytes.resize(have + (n > 0 ? static_cast<std::size_t>(n) : 0));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno_error(where, errno);
    if (n == 0 || static_cast<off_t>(bytes.size()) == expected) break;
    chunk = 64 * 1024;
  }
  return bytes;
}

int open_or_make(const char* path, int flags, mode_t mode) {
  // Made by another process, or gone, in between: looked at again.
  constexpr int kTries = 100;
  for (int i = 0; i < kTries; ++i) {
    const int there = ::open(path, flags);
    if (there >= 0 || errno != ENOENT) return there;
    const int made = ::open(path, flags | O_CREAT | O_EXCL, mode);
    if (made >= 0 || errno != EEXIST) return made;
  }
  return -1;
}

Result<void> write_file(const std::string& path, std::string_view bytes,
                        mode_t mode, Durable durable,
                        std::optional<Owner> owner) {
  Temporary temporary(temporary_beside(path));
  // 0600 until it is complete; fchmod gives the mode whatever the umask.
  Fd fd(::open(temporary.path().c_str(),
               O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) {
    const int why = errno;
    temporary.kept();  // never ours
    return errno_error(path, why);
  }
  BZ_TRY(fill(fd.get(), bytes, mode, durable, owner, path));
  // NFS and quota report a failed write as late as close.
  if (::close(fd.release()) != 0) return errno_error(path, errno);
  if (::rename(temporary.path().c_str(), path.c_str()) != 0) {
    return errno_error(path, errno);
  }
  temporary.kept();
  return {};
}

bool is_temporary_name(std::string_view name) {
  return name.size() > 6 && name.front() == '.' && name.ends_with(".tmp");
}

Timestamp modified(const struct stat& status) {
  return Timestamp(std::chrono::duration_cast<Duration>(
      std::chrono::seconds(status.st_mtim.tv_sec) +
      std::chrono::nanoseconds(status.st_mtim.tv_nsec)));
}

Result<std::string> read_file(const std::string& path, std::size_t limit) {
  // O_NONBLOCK: a FIFO in the place of a settings file must not hang us.
  const Fd fd(
      ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd) return errno_error(path, errno);
  struct stat status = {};
  if (::fstat(fd.get(), &status) != 0) return errno_error(path, errno);
  if (!S_ISREG(status.st_mode)) {
    return err(Kind::corrupt, path + ": not a regular file");
  }
  // Files of /proc and /sys say size 0: then only the end of file counts.
  const off_t expected = status.st_size > 0 ? status.st_size : -1;
  // One more than the limit, so that "exactly" and "beyond" differ.
  BZ_ASSIGN(std::string bytes, read_up_to(fd.get(), limit + 1, expected, path));
  if (bytes.size() > limit) {
    return err(Kind::corrupt,
               path + ": larger than " + std::to_string(limit) + " bytes");
  }
  return bytes;
}

Result<HostileRead> read_hostile(const Directory& dir, const char* name,
                                 uid_t owner, std::size_t limit) {
  HostileRead read;
  const auto judge = [&](const struct stat& status) {
    if (S_ISLNK(status.st_mode)) return Refusal::symlink;
    if (!S_ISREG(status.st_mode)) return Refusal::not_regular;
    if (status.st_nlink != 1) return Refusal::hard_link;
    if (status.st_uid != owner) return Refusal::foreign_owner;
    if (status.st_size > static_cast<off_t>(limit)) return Refusal::oversize;
    return Refusal::none;
  };
  // Looked at before it is opened (a device acts when opened), and again
  // through the descriptor (it may have been swapped in between).
  if (::fstatat(dir.fd(), name, &read.status, AT_SYMLINK_NOFOLLOW) != 0) {
    return errno_error(name, errno);
  }
  read.refusal = judge(read.status);
  if (read.refusal != Refusal::none) return read;

  const Fd fd(
      open_beneath(dir.fd(), name,
                   O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!fd) {
    if (errno != ELOOP && errno != EXDEV) return errno_error(name, errno);
    read.refusal = Refusal::symlink;
    return read;
  }
  if (::fstat(fd.get(), &read.status) != 0) return errno_error(name, errno);
  // Replaced by rename since it was opened: whole all the same.
  if (read.status.st_nlink == 0) read.status.st_nlink = 1;
  read.refusal = judge(read.status);
  if (read.refusal != Refusal::none) return read;

  BZ_ASSIGN(read.bytes,
            read_up_to(fd.get(), limit + 1, read.status.st_size, name));
  if (read.bytes.size() > limit) {
    read.bytes.clear();
    read.refusal = Refusal::oversize;
  }
  return read;
}

Result<void> make_directories(const std::string& path, mode_t mode) {
  for (std::size_t at = 0; at != std::string::npos;) {
    at = path.find('/', at + 1);
    const std::string part = path.substr(0, at);
    const bool last = at == std::string::npos || at + 1 == path.size();
    if (::mkdir(part.c_str(), last ? mode : (mode | 0700)) == 0) {
      // mkdir is cut by the umask, and the last one's mode is a promise.
      if (last && ::chmod(part.c_str(), mode) != 0) {
        return errno_error(part, errno);
      }
      continue;
    }
    const int why = errno;
    struct stat status = {};
    if (::stat(part.c_str(), &status) != 0) return errno_error(part, why);
    if (!S_ISDIR(status.st_mode)) return errno_error(part, ENOTDIR);
  }
  return {};
}

}  // namespace bezalel::sys
