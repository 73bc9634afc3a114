#include "sys/mount.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <filesystem>
#include <system_error>

namespace bezalel::sys {
namespace {

namespace fs = std::filesystem;

bool is_mount_point(const fs::path& path) {
  struct statx s{}, parent{};
  if (::statx(AT_FDCWD, path.c_str(), 0, 0, &s) != 0) return false;
  if ((s.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0) return true;
  // Kernels before 5.8 do not say it, and a bind mount is then not seen.
  return ::statx(AT_FDCWD, path.parent_path().c_str(), 0, 0, &parent) == 0 &&
         (s.stx_dev_major != parent.stx_dev_major ||
          s.stx_dev_minor != parent.stx_dev_minor);
}

}  // namespace

std::optional<std::string> read_only_mount(const std::string& path) {
  std::error_code failed;
  fs::path at = fs::absolute(path, failed);
  while (at.has_relative_path() && !fs::exists(at, failed)) {
    at = at.parent_path();
  }
  at = fs::canonical(at, failed);
  struct statvfs s{};
  if (failed || ::statvfs(at.c_str(), &s) != 0 || (s.f_flag & ST_RDONLY) == 0) {
    return std::nullopt;
  }
  while (at.has_relative_path() && !is_mount_point(at)) at = at.parent_path();
  return at.string();
}

}  // namespace bezalel::sys
