#include "discover/packages.h"

#include <array>

namespace bezalel::discover {
namespace {

constexpr char kLists[] = "/var/lib/dpkg/info";
constexpr std::array kOfInterest = {
    std::string_view("\n/etc/cron"), std::string_view("\n/etc/anacrontab"),
    std::string_view("\n/lib/systemd/system/"),
    std::string_view("\n/usr/lib/systemd/system/"),
    std::string_view("\n/usr/lib/systemd/user/")};

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
    text->insert(text->begin(), '\n');
    for (const std::string_view start : kOfInterest) {
      for (std::size_t at = text->find(start); at != std::string::npos;
           at = text->find(start, at + 1)) {
        const std::size_t end = text->find('\n', at + 1);
        owners_.emplace(text->substr(at + 1, end - at - 1), owner);
      }
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
