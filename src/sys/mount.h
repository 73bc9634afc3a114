// Where a file system is mounted, and whether it can be written.
#pragma once

#include <optional>
#include <string>

namespace bezalel::sys {

// The mount point of `path` (of its nearest parent, where it is not there), if
// what is mounted there is read-only.
std::optional<std::string> read_only_mount(const std::string& path);

}  // namespace bezalel::sys
