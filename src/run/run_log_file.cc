#include "run/run_log_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "record/run_log.h"
#include "sys/file.h"

namespace bezalel::run {
namespace {

constexpr auto kKeepLogs = std::chrono::days(14);
constexpr auto kKeepTemporaries = std::chrono::hours(1);

bool outdated(const char* name, const struct stat& status, Timestamp now) {
  if (const auto day = record::run_log_day(name)) {
    return now - *day > kKeepLogs + std::chrono::days(1);
  }
  return sys::is_temporary_name(name) &&
         now - sys::modified(status) > kKeepTemporaries;
}

}  // namespace

Result<RunLogFile> RunLogFile::open(const std::string& dir, Timestamp now) {
  std::string name = record::run_log_name(now);
  const std::string path = dir + "/" + name;
  sys::Fd fd(::open(path.c_str(),
                    O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW |
                        O_NONBLOCK | O_NOCTTY,
                    0600));
  if (!fd) return sys::errno_error(path, errno);
  struct stat status = {};
  if (::fstat(fd.get(), &status) != 0) return sys::errno_error(path, errno);
  if (!S_ISREG(status.st_mode) || status.st_nlink != 1 ||
      status.st_uid != ::geteuid()) {
    return err(Kind::corrupt, path + ": not a file of our own");
  }
  if ((status.st_mode & 07777) != 0600) ::fchmod(fd.get(), 0600);
  RunLogFile file(std::move(fd), std::move(name));
  file.begins_day_ = status.st_size == 0;
  return file;
}

Result<void> RunLogFile::append(std::string_view line) {
  std::string bytes;
  struct stat status = {};
  if (::fstat(fd_.get(), &status) == 0 && status.st_size > 0) {
    char last = '\n';
    const ssize_t n = ::pread(fd_.get(), &last, 1, status.st_size - 1);
    if (n == 1 && last != '\n') bytes = '\n';
  }
  bytes += line;
  ssize_t n = 0;
  do {
    n = ::write(fd_.get(), bytes.data(), bytes.size());
  } while (n < 0 && errno == EINTR);
  if (n < 0) return sys::errno_error(name_, errno);
  if (n != static_cast<ssize_t>(bytes.size())) {
    // No second write: another writer's line may be in between already.
    return err(Kind::full, name_ + ": only part of a line was taken");
  }
  return {};
}

Result<void> RunLogFile::sync() {
  if (::fdatasync(fd_.get()) != 0) return sys::errno_error(name_, errno);
  return {};
}

void sweep(const std::string& dir, Timestamp now, unsigned uid) {
  const auto directory = sys::Directory::open(dir);
  if (!directory) return;
  std::vector<std::string> litter;
  const auto walked = directory->each([&](const char* name) {
    if (!record::run_log_day(name) && !sys::is_temporary_name(name)) {
      return true;
    }
    struct stat status = {};
    if (::fstatat(directory->fd(), name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
        S_ISREG(status.st_mode) && status.st_uid == uid &&
        outdated(name, status, now)) {
      litter.emplace_back(name);
    }
    return true;
  });
  if (!walked) return;
  for (const std::string& name : litter) {
    ::unlinkat(directory->fd(), name.c_str(), 0);
  }
}

}  // namespace bezalel::run
