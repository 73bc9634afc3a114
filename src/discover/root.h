// Files of the host as they lie below a root. Inside of discover.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace bezalel::discover {

// No crontab and no list of a host's own is larger.
inline constexpr std::size_t kMostBytes = std::size_t{1} << 20;
// More entries of one directory are not looked at.
inline constexpr std::size_t kMostEntries = 10000;

class Root {
 public:
  // Empty: the running host.
  explicit Root(std::string sysroot);

  bool is_running() const { return sysroot_.empty(); }
  std::string path(const std::string& inside) const {
    return sysroot_ + inside;
  }
  bool exists(const std::string& inside) const;
  // A regular file, never waited for; at most kMostBytes.
  Result<std::string> read(const std::string& inside) const;
  // Names but "." and "..", sorted by bytes. Kind::not_found: no such
  // directory.
  Result<std::vector<std::string>> list(const std::string& inside) const;

  // By /etc/passwd below a sysroot, else by the host's name services.
  struct User {
    std::string name;
    std::uint32_t uid = 0;
    std::string home;
  };
  std::optional<User> user(const std::string& name) const;
  std::string name_of(std::uint32_t uid) const;

 private:
  std::string sysroot_;
  std::map<std::string, User> passwd_;  // of a sysroot
};

}  // namespace bezalel::discover
