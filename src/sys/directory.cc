#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "sys/file.h"

namespace bezalel::sys {
namespace {

struct CloseDir {
  void operator()(DIR* dir) const { ::closedir(dir); }
};

bool is_dot_entry(const char* name) {
  return std::strcmp(name, ".") == 0 || std::strcmp(name, "..") == 0;
}

}  // namespace

int open_beneath(int dir_fd, const char* name, int flags) {
  struct open_how how = {};
  how.flags = static_cast<std::uint64_t>(flags);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS |
                RESOLVE_NO_XDEV;
  const long fd = ::syscall(SYS_openat2, dir_fd, name, &how, sizeof how);
  // A seccomp filter that does not know the call says EPERM or ENOSYS. With
  // one component and O_NOFOLLOW the old call leads nowhere else either.
  if (fd >= 0 || (errno != ENOSYS && errno != EPERM)) {
    return static_cast<int>(fd);
  }
  if (std::strchr(name, '/') != nullptr || is_dot_entry(name)) {
    errno = EXDEV;
    return -1;
  }
  return ::openat(dir_fd, name, flags | O_NOFOLLOW);
}

Result<Directory> Directory::open(const std::string& path) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return errno_error(path, errno);
  return Directory(std::move(fd));
}

Result<Directory> Directory::open_sub(const std::string& name) const {
  Fd fd(open_beneath(fd_.get(), name.c_str(),
                     O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) return errno_error(name, errno);
  return Directory(std::move(fd));
}

struct stat Directory::status() const {
  struct stat status = {};
  ::fstat(fd_.get(), &status);
  return status;
}

Result<void> Directory::each_entry(bool (*f)(void*, const char*),
                                   void* context) const {
  // A descriptor of its own: the position in a directory is shared by
  // duplicates, and two walks over one Directory must not meet.
  const int fd = ::openat(fd_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return errno_error("directory", errno);
  const std::unique_ptr<DIR, CloseDir> dir(::fdopendir(fd));
  if (dir == nullptr) {
    const int why = errno;
    ::close(fd);
    return errno_error("directory", why);
  }
  for (;;) {
    errno = 0;
    const struct dirent* entry = ::readdir(dir.get());
    if (entry == nullptr) break;
    if (is_dot_entry(entry->d_name)) continue;
    if (!f(context, entry->d_name)) return {};
  }
  if (errno != 0) return errno_error("directory", errno);
  return {};
}

}  // namespace bezalel::sys
