// Where a file system is mounted, and whether it can be written.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace bezalel::sys {

// The mount point of `path` (of its nearest parent, where it is not there), if
// what is mounted there is read-only.
std::optional<std::string> read_only_mount(const std::string& path);

// What the file system of `path` lacks for `bytes` more, which `uid` writes to
// a new file: some is kept for root.
enum class Room { enough, no_bytes, no_inode };
// Enough also where nobody can say.
Room room_for(const std::string& path, std::uint64_t bytes, std::uint32_t uid);

// False also where one of them is not there.
bool on_one_file_system(const std::string& a, const std::string& b);

}  // namespace bezalel::sys
