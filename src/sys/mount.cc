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

Room room_for(const std::string& path, std::uint64_t bytes, std::uint32_t uid) {
  struct statvfs s{};
  if (::statvfs(path.c_str(), &s) != 0) return Room::enough;
  const std::uint64_t blocks = uid == 0 ? s.f_bfree : s.f_bavail;
  // One that counts neither blocks nor files has no end of them.
  if (s.f_blocks != 0 && blocks * s.f_frsize < bytes) return Room::no_bytes;
  const std::uint64_t inodes = uid == 0 ? s.f_ffree : s.f_favail;
  return s.f_files != 0 && inodes == 0 ? Room::no_inode : Room::enough;
}

bool on_one_file_system(const std::string& a, const std::string& b) {
  struct stat of_a{}, of_b{};
  return ::stat(a.c_str(), &of_a) == 0 && ::stat(b.c_str(), &of_b) == 0 &&
         of_a.st_dev == of_b.st_dev;
}

}  // namespace bezalel::sys
