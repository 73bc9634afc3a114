// Files of the host as they lie below a root. Inside of discover.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "sys/child.h"
#include "sys/fd.h"

struct stat;

namespace bezalel::discover {

// No crontab and no list of a host's own is larger.
inline constexpr std::size_t kMostBytes = std::size_t{1} << 20;
// More entries of one directory are not looked at.
inline constexpr std::size_t kMostEntries = 10000;

// Paths are absolute, as they are on their host. Below a sysroot links are
// followed within it: an image's /etc/localtime is the image's own.
//
// A home or a mount of a dead server keeps whoever asks for ever. What lies
// neither where the system itself does nor below a sysroot is asked for only
// where its directory has answered a child in time; else nothing is there
// (errno is ETIMEDOUT), and silent() has the directory.
class Root {
 public:
  // Empty: the running host.
  explicit Root(std::string sysroot);

  bool is_running() const { return sysroot_.empty(); }
  bool exists(const std::string& inside) const;
  // Of what a path leads to, and of the name itself.
  std::optional<struct stat> status(const std::string& inside) const;
  std::optional<struct stat> link_status(const std::string& inside) const;
  // Whether it lies in memory alone, and is gone after the next boot.
  bool is_volatile(const std::string& inside) const;
  // A regular file, never waited for; at most kMostBytes. Nothing else is even
  // opened: a device would notice.
  Result<std::string> read(const std::string& inside) const;
  // The same of its first `limit` bytes, however large it is.
  Result<std::string> read_start(const std::string& inside,
                                 std::size_t limit) const;
  // The same of its last `limit` bytes, whole lines.
  Result<std::string> read_end(const std::string& inside,
                               std::size_t limit) const;
  // What a link says; nullopt: no link.
  std::optional<std::string> link(const std::string& inside) const;
  // Names but "." and "..", sorted by bytes. Kind::not_found: no such
  // directory.
  Result<std::vector<std::string>> list(const std::string& inside) const;

  // Directories that did not answer, by now.
  std::vector<std::string> silent() const;

  // By /etc/passwd below a sysroot, else by the host's name services.
  struct User {
    std::string name;
    std::uint32_t uid = 0;
    std::string home;
    std::uint32_t gid = 0;
  };
  std::optional<User> user(const std::string& name) const;
  std::string name_of(std::uint32_t uid) const;
  bool is_in_group(const std::string& user, const std::string& group) const;
  // The groups that cron gives to the jobs of this user. nullopt: some may be
  // known elsewhere (LDAP, ...), and cannot be asked for.
  std::optional<std::vector<std::uint32_t>> groups_of(const User& user) const;
  // Whether more than the mode may say who may do what; true where nobody can
  // tell.
  bool may_have_acl(const std::string& inside) const;

 private:
  bool answers(const std::string& directory) const;
  std::optional<std::vector<std::uint32_t>> listed_groups_of(
      const User& user) const;
  sys::Fd open(const std::string& inside, int flags) const;
  Result<sys::Fd> open_regular(const std::string& inside,
                               struct stat& status) const;

  std::string sysroot_;
  sys::Fd top_;                         // of a sysroot
  std::map<std::string, User> passwd_;  // of a sysroot
  mutable std::mutex asking_;
  mutable std::map<std::string, bool> answered_;  // by directory
  mutable sys::Patience patience_{std::chrono::seconds(5)};
  // Of the host: each question to the name services is asked once.
  mutable std::map<std::string, std::optional<User>> users_;
  mutable std::map<std::uint32_t, std::string> names_;
  mutable std::map<std::string, std::vector<std::uint32_t>> groups_;
};

}  // namespace bezalel::discover
