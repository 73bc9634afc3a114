// Which package brought a file. Inside of discover.
#pragma once

#include <map>
#include <string>

#include "discover/root.h"

namespace bezalel::discover {

// Of the files that schedule something: crontabs, scripts below /etc/cron.*,
// anacrontab, timers. From dpkg's lists, read once; empty where there is no
// dpkg.
class Packages {
 public:
  explicit Packages(const Root& root);

  // Name of the package, or empty.
  std::string owner_of(const std::string& path) const;

 private:
  std::map<std::string, std::string, std::less<>> owners_;
};

}  // namespace bezalel::discover
