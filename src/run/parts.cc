#include "run/parts.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "sys/file.h"

namespace bezalel::run {

bool is_part_name(std::string_view name) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  return !name.empty() &&
         name.find_first_not_of(kAllowed) == std::string_view::npos;
}

Result<std::vector<std::string>> list_parts(std::string dir) {
  while (dir.size() > 1 && dir.back() == '/') dir.pop_back();
  BZ_ASSIGN(const sys::Directory directory, sys::Directory::open(dir));
  std::vector<std::string> paths;
  BZ_TRY(directory.each([&](const char* name) {
    struct stat status = {};
    if (is_part_name(name) &&
        ::fstatat(directory.fd(), name, &status, 0) == 0 &&
        S_ISREG(status.st_mode) &&
        ::faccessat(directory.fd(), name, X_OK, AT_EACCESS) == 0) {
      paths.push_back(dir + "/" + name);
    }
    return true;
  }));
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace bezalel::run
