#include "discover/packages.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace bezalel::discover {
namespace {

constexpr char kLists[] = "/var/lib/dpkg/info";
constexpr std::array<std::string_view, 5> kOfInterest = {
    "/etc/cron", "/etc/anacrontab", "/lib/systemd/system/",
    "/usr/lib/systemd/system/", "/usr/lib/systemd/user/"};

bool is_of_interest(std::string_view path) {
  return std::any_of(
      kOfInterest.begin(), kOfInterest.end(),
      [&](std::string_view start) { return path.starts_with(start); });
}

}  // namespace

Packages::Packages(const Root& root) {
  const auto names = root.list(kLists);
  if (!names) return;
  for (const std::string& name : *names) {
    if (!name.ends_with(".list")) continue;
    auto text = root.read(std::string(kLists) + "/" + name);
    if (!text) continue;
    // "libc6:amd64.list"
    const std::string package = name.substr(0, name.find_first_of(":"));
    const std::string owner = package.ends_with(".list")
                                  ? package.substr(0, package.size() - 5)
                                  : package;
    // Of a whole host's files nearly none is: each is looked at once.
    std::string_view rest = *text;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find('\n'), rest.size() - 1);
      const std::string_view path =
          rest.substr(0, rest[end] == '\n' ? end : end + 1);
      if (is_of_interest(path)) owners_.emplace(path, owner);
      rest.remove_prefix(end + 1);
    }
  }
}

std::string Packages::owner_of(const std::string& path) const {
  auto found = owners_.find(path);
  // /lib is a link to /usr/lib, and either name may be in the list.
  if (found == owners_.end() && path.starts_with("/usr/lib/")) {
    found = owners_.find(path.substr(4));
  } else if (found == owners_.end() && path.starts_with("/lib/")) {
    found = owners_.find("/usr" + path);
  }
  return found == owners_.end() ? std::string() : found->second;
}

}  // namespace bezalel::discover
