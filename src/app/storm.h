// Many jobs that went bad at once, told of as one.
#pragma once

#include <cstdint>
#include <string>

namespace bezalel::app {

// The verdict of the incident that stands for its members.
inline constexpr char kStorm[] = "storm";

// Name of the meta value that holds the storm's id for a member: what that one
// told, and whom, holds for the member, which has no notice of its own. The
// member's own id: it left the storm.
inline std::string folded_name(std::int64_t id) {
  return "folded." + std::to_string(id);
}

}  // namespace bezalel::app
