// How an issue or a comment is known to be ours.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bezalel::notify {

struct Marker {
  std::string k;       // which job or finding
  std::int64_t e = 0;  // which of its incidents
};

// The last line that is a marker and nothing else. People may add text below
// it; job output above it cannot hold one, since it is written broken there.
std::optional<Marker> find_marker(std::string_view body);

// True if this comment was made for that event.
bool is_comment_of(std::string_view body, std::string_view event_id);

}  // namespace bezalel::notify
