#include "discover/root.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "sys/fd.h"
#include "sys/file.h"

namespace bezalel::discover {
namespace {

std::vector<std::string_view> split(std::string_view line, char at) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = line.find(at);
    parts.push_back(line.substr(0, end));
    if (end == std::string_view::npos) return parts;
    line.remove_prefix(end + 1);
  }
}

}  // namespace

Root::Root(std::string sysroot) : sysroot_(std::move(sysroot)) {
  while (sysroot_.ends_with('/')) sysroot_.pop_back();
  if (sysroot_.empty()) return;
  const auto text = read("/etc/passwd");
  if (!text) return;
  for (const std::string_view line : split(*text, '\n')) {
    const auto parts = split(line, ':');
    if (parts.size() < 6) continue;
    User user;
    user.name = parts[0];
    user.home = parts[5];
    const auto [end, error] = std::from_chars(
        parts[2].data(), parts[2].data() + parts[2].size(), user.uid);
    if (error != std::errc() || end != parts[2].data() + parts[2].size()) {
      continue;
    }
    passwd_.emplace(user.name, user);
  }
}

bool Root::exists(const std::string& inside) const {
  struct stat status{};
  return ::stat(path(inside).c_str(), &status) == 0;
}

Result<std::string> Root::read(const std::string& inside) const {
  const std::string file = path(inside);
  // Nonblocking: a FIFO must not hold us.
  const sys::Fd fd(
      ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (fd.get() < 0) return sys::errno_error(inside, errno);
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0) return sys::errno_error(inside, errno);
  if (!S_ISREG(status.st_mode)) {
    return err(Kind::corrupt, inside + ": expected a regular file");
  }
  std::string text;
  text.resize(std::min<std::size_t>(
      kMostBytes + 1, static_cast<std::size_t>(status.st_size) + 4096));
  std::size_t have = 0;
  while (have < text.size()) {
    const ssize_t got =
        ::read(fd.get(), text.data() + have, text.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return sys::errno_error(inside, errno);
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  text.resize(have);
  if (have > kMostBytes) {
    return err(Kind::corrupt, inside + ": larger than 1 MiB");
  }
  return text;
}

Result<std::vector<std::string>> Root::list(const std::string& inside) const {
  BZ_ASSIGN(const sys::Directory dir, sys::Directory::open(path(inside)));
  std::vector<std::string> names;
  BZ_TRY(dir.each([&](const char* name) {
    names.emplace_back(name);
    return names.size() < kMostEntries;
  }));
  std::sort(names.begin(), names.end());
  return names;
}

std::optional<Root::User> Root::user(const std::string& name) const {
  if (!sysroot_.empty()) {
    const auto found = passwd_.find(name);
    if (found == passwd_.end()) return std::nullopt;
    return found->second;
  }
  const struct passwd* entry = ::getpwnam(name.c_str());
  if (!entry) return std::nullopt;
  return User{name, entry->pw_uid, entry->pw_dir};
}

std::string Root::name_of(std::uint32_t uid) const {
  for (const auto& [name, user] : passwd_) {
    if (user.uid == uid) return name;
  }
  if (sysroot_.empty()) {
    if (const struct passwd* entry = ::getpwuid(uid)) return entry->pw_name;
  }
  return std::to_string(uid);
}

}  // namespace bezalel::discover
