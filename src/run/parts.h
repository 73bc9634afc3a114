// Which files of a directory run-parts(8) of Debian runs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace bezalel::run {

// Letters, digits, '_' and '-' only: a dot in the name, as in "job.dpkg-new"
// or "backup.sh", keeps a script from running. Silently, which is why lint
// says so.
bool is_part_name(std::string_view name);

// Paths of the executable regular files with such names, in the order of
// their bytes.
Result<std::vector<std::string>> list_parts(std::string dir);

}  // namespace bezalel::run
