#include "discover/root.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <memory>

#include "sys/file.h"

namespace bezalel::discover {
namespace {

using namespace std::string_view_literals;

std::vector<std::string_view> split(std::string_view line, char at) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = line.find(at);
    parts.push_back(line.substr(0, end));
    if (end == std::string_view::npos) return parts;
    line.remove_prefix(end + 1);
  }
}

bool read_number(std::string_view text, std::uint32_t& into) {
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, into);
  return error == std::errc() && end == last;
}

// Of nsswitch.conf(5). `systemd` knows groups of its own, with none of the
// users who have crontabs.
bool asks_for_groups_elsewhere(std::string text) {
  std::replace(text.begin(), text.end(), '\t', ' ');
  for (std::string_view line : split(text, '\n')) {
    if (!line.starts_with("group:") && !line.starts_with("initgroups:")) {
      continue;
    }
    line = line.substr(0, line.find('#'));
    line.remove_prefix(line.find(':') + 1);
    for (const std::string_view word : split(line, ' ')) {
      const bool action = word.starts_with('[') || word.ends_with(']');
      if (!word.empty() && !action && word != "files" && word != "compat" &&
          word != "systemd") {
        return true;
      }
    }
  }
  return false;
}

// What hangs there hangs all of the host.
bool is_of_system(std::string_view path) {
  constexpr std::array kPlaces = {"/bin/"sv,  "/dev/"sv, "/etc/"sv,  "/lib"sv,
                                  "/proc/"sv, "/run/"sv, "/sbin/"sv, "/sys/"sv,
                                  "/usr/"sv,  "/var/"sv};
  return std::any_of(kPlaces.begin(), kPlaces.end(), [&](const auto& place) {
    return path.starts_with(place);
  });
}

// The one that must answer: itself where it is to be one.
std::string directory_of(const std::string& path, int flags) {
  if ((flags & O_DIRECTORY) != 0) return path;
  return path.substr(0, path.rfind('/') + 1);
}

struct CloseDir {
  void operator()(DIR* dir) const { ::closedir(dir); }
};

}  // namespace

Root::Root(std::string sysroot) : sysroot_(std::move(sysroot)) {
  while (sysroot_.ends_with('/')) sysroot_.pop_back();
  if (sysroot_.empty()) return;
  top_ = sys::Fd(::open(sysroot_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  const auto text = read("/etc/passwd");
  if (!text) return;
  for (const std::string_view line : split(*text, '\n')) {
    const auto parts = split(line, ':');
    if (parts.size() < 6) continue;
    User user;
    user.name = parts[0];
    user.home = parts[5];
    if (!read_number(parts[2], user.uid)) continue;
    read_number(parts[3], user.gid);
    passwd_.emplace(user.name, user);
  }
}

bool Root::answers(const std::string& directory) const {
  const std::lock_guard lock(asking_);
  const auto [found, fresh] = answered_.emplace(directory, false);
  if (fresh) {
    const auto ask = [&](std::size_t) {
      struct stat status{};
      return std::to_string(::stat(directory.c_str(), &status));
    };
    sys::each_in_child(1, ask, patience_, [&](std::size_t, const auto& answer) {
      found->second = answer || answer.error().kind != Kind::unavailable;
    });
  }
  return found->second;
}

std::vector<std::string> Root::silent() const {
  const std::lock_guard lock(asking_);
  std::vector<std::string> silent;
  for (const auto& [directory, answered] : answered_) {
    if (!answered) silent.push_back(directory);
  }
  return silent;
}

sys::Fd Root::open(const std::string& inside, int flags) const {
  if (is_running()) {
    if (!is_of_system(inside) && !answers(directory_of(inside, flags))) {
      errno = ETIMEDOUT;
      return {};
    }
    return sys::Fd(::open(inside.c_str(), flags | O_CLOEXEC));
  }
  struct open_how how = {};
  how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  const long fd =
      ::syscall(SYS_openat2, top_.get(), inside.c_str(), &how, sizeof how);
  return sys::Fd(static_cast<int>(fd));
}

bool Root::exists(const std::string& inside) const {
  return status(inside).has_value();
}

std::optional<struct stat> Root::status(const std::string& inside) const {
  const sys::Fd fd = open(inside, O_PATH);
  struct stat status{};
  if (!fd || ::fstat(fd.get(), &status) != 0) return std::nullopt;
  return status;
}

std::optional<struct stat> Root::link_status(const std::string& inside) const {
  const sys::Fd fd = open(inside, O_PATH | O_NOFOLLOW);
  struct stat status{};
  if (!fd || ::fstat(fd.get(), &status) != 0) return std::nullopt;
  return status;
}

bool Root::is_volatile(const std::string& inside) const {
  const sys::Fd fd = open(inside, O_PATH);
  struct statfs system{};
  if (!fd || ::fstatfs(fd.get(), &system) != 0) return false;
  return system.f_type == TMPFS_MAGIC || system.f_type == RAMFS_MAGIC;
}

std::optional<std::string> Root::link(const std::string& inside) const {
  const sys::Fd fd = open(inside, O_PATH | O_NOFOLLOW);
  std::string target(4096, '\0');
  const ssize_t length =
      fd ? ::readlinkat(fd.get(), "", target.data(), target.size()) : -1;
  if (length <= 0) return std::nullopt;
  target.resize(static_cast<std::size_t>(length));
  return target;
}

Result<sys::Fd> Root::open_regular(const std::string& inside,
                                   struct stat& status) const {
  const sys::Fd place = open(inside, O_PATH);
  if (!place) return sys::errno_error(inside, errno);
  if (::fstat(place.get(), &status) != 0) {
    return sys::errno_error(inside, errno);
  }
  if (!S_ISREG(status.st_mode)) {
    return err(Kind::corrupt, inside + ": expected a regular file");
  }
  const std::string same = "/proc/self/fd/" + std::to_string(place.get());
  constexpr int kFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  sys::Fd fd(::open(same.c_str(), kFlags));
  if (!fd && errno == ENOENT) fd = open(inside, kFlags);  // no /proc
  if (!fd) return sys::errno_error(inside, errno);
  return fd;
}

Result<std::string> Root::read(const std::string& inside) const {
  struct stat status{};
  BZ_ASSIGN(const sys::Fd fd, open_regular(inside, status));
  if (static_cast<std::size_t>(status.st_size) > kMostBytes) {
    return err(Kind::corrupt, inside + ": larger than 1 MiB");
  }
  BZ_ASSIGN(std::string text,
            sys::read_up_to(fd.get(), kMostBytes + 1, status.st_size, inside));
  if (text.size() > kMostBytes) {
    return err(Kind::corrupt, inside + ": larger than 1 MiB");
  }
  return text;
}

Result<std::string> Root::read_start(const std::string& inside,
                                     std::size_t limit) const {
  struct stat status{};
  BZ_ASSIGN(const sys::Fd fd, open_regular(inside, status));
  return sys::read_up_to(fd.get(), limit, status.st_size, inside);
}

Result<std::string> Root::read_end(const std::string& inside,
                                   std::size_t limit) const {
  struct stat status{};
  BZ_ASSIGN(const sys::Fd fd, open_regular(inside, status));
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size > limit) {
    ::lseek(fd.get(), static_cast<off_t>(size - limit), SEEK_SET);
  }
  BZ_ASSIGN(std::string text,
            sys::read_up_to(fd.get(), limit, status.st_size, inside));
  if (size > limit) {
    const std::size_t first = text.find('\n');
    text.erase(0, first == std::string::npos ? text.size() : first + 1);
  }
  return text;
}

Result<std::vector<std::string>> Root::list(const std::string& inside) const {
  sys::Fd fd = open(inside, O_RDONLY | O_DIRECTORY);
  if (!fd) return sys::errno_error(inside, errno);
  const std::unique_ptr<DIR, CloseDir> dir(::fdopendir(fd.get()));
  if (dir == nullptr) return sys::errno_error(inside, errno);
  static_cast<void>(fd.release());  // closedir() closes it
  std::vector<std::string> names;
  errno = 0;
  while (const struct dirent* entry = ::readdir(dir.get())) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (names.size() == kMostEntries) {
      return err(Kind::corrupt,
                 fmt::format("{}: more than {} entries", inside, kMostEntries));
    }
    names.emplace_back(name);
    errno = 0;
  }
  // A part of the names would read as if the others were gone.
  if (errno != 0) return sys::errno_error(inside, errno);
  std::sort(names.begin(), names.end());
  return names;
}

std::optional<Root::User> Root::user(const std::string& name) const {
  if (!sysroot_.empty()) {
    const auto found = passwd_.find(name);
    if (found == passwd_.end()) return std::nullopt;
    return found->second;
  }
  const auto [at, fresh] = users_.try_emplace(name);
  if (!fresh) return at->second;
  if (const struct passwd* entry = ::getpwnam(name.c_str())) {
    at->second = User{name, entry->pw_uid, entry->pw_dir, entry->pw_gid};
  }
  return at->second;
}

bool Root::is_in_group(const std::string& user,
                       const std::string& group) const {
  const auto who = this->user(user);
  if (!who) return false;
  if (!sysroot_.empty()) {
    const auto text = read("/etc/group");
    if (!text) return false;
    for (const std::string_view line : split(*text, '\n')) {
      const auto parts = split(line, ':');
      if (parts.size() < 4 || parts[0] != group) continue;
      const auto members = split(parts[3], ',');
      return parts[2] == std::to_string(who->gid) ||
             std::find(members.begin(), members.end(), user) != members.end();
    }
    return false;
  }
  const struct group* entry = ::getgrnam(group.c_str());
  if (!entry) return false;
  if (entry->gr_gid == who->gid) return true;
  for (char** member = entry->gr_mem; *member; ++member) {
    if (user == *member) return true;
  }
  return false;
}

std::optional<std::vector<std::uint32_t>> Root::groups_of(
    const User& user) const {
  if (!sysroot_.empty()) return listed_groups_of(user);
  const auto [at, fresh] = groups_.try_emplace(user.name);
  if (!fresh) return at->second;
  int count = 64;
  at->second.resize(static_cast<std::size_t>(count));
  // It says how many there are where there are more.
  if (::getgrouplist(user.name.c_str(), user.gid, at->second.data(), &count) <
      0) {
    at->second.resize(static_cast<std::size_t>(count));
    ::getgrouplist(user.name.c_str(), user.gid, at->second.data(), &count);
  }
  at->second.resize(static_cast<std::size_t>(count));
  return at->second;
}

// By /etc/group, where that is all there is.
std::optional<std::vector<std::uint32_t>> Root::listed_groups_of(
    const User& user) const {
  const auto services = read("/etc/nsswitch.conf");
  if (services && asks_for_groups_elsewhere(*services)) return std::nullopt;
  const auto text = read("/etc/group");
  if (!text) return std::nullopt;
  std::vector<std::uint32_t> groups = {user.gid};
  for (const std::string_view line : split(*text, '\n')) {
    const auto parts = split(line, ':');
    // `+` begins what another service is asked for.
    if (line.starts_with('+')) return std::nullopt;
    std::uint32_t gid = 0;
    if (parts.size() < 4 || !read_number(parts[2], gid)) continue;
    const auto members = split(parts[3], ',');
    if (std::find(members.begin(), members.end(), user.name) != members.end()) {
      groups.push_back(gid);
    }
  }
  return groups;
}

bool Root::may_have_acl(const std::string& inside) const {
  const sys::Fd fd = open(inside, O_PATH);
  if (!fd) return true;
  const std::string same = "/proc/self/fd/" + std::to_string(fd.get());
  for (const char* name : {"system.posix_acl_access", "system.nfs4_acl"}) {
    if (::getxattr(same.c_str(), name, nullptr, 0) >= 0) return true;
    if (errno != ENODATA && errno != ENOTSUP) return true;
  }
  return false;
}

std::string Root::name_of(std::uint32_t uid) const {
  for (const auto& [name, user] : passwd_) {
    if (user.uid == uid) return name;
  }
  if (!sysroot_.empty()) return std::to_string(uid);
  const auto [at, fresh] = names_.try_emplace(uid);
  if (fresh) {
    const struct passwd* entry = ::getpwuid(uid);
    at->second = entry ? entry->pw_name : std::to_string(uid);
  }
  return at->second;
}

}  // namespace bezalel::discover
