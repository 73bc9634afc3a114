// Run ids: ULIDs (48 bits of milliseconds, 80 random bits, Crockford base 32).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"

namespace bezalel::record {

// 26 characters. The caller brings the randomness.
std::string make_ulid(Timestamp t, const std::array<std::uint8_t, 10>& random);
bool is_ulid(std::string_view text);

}  // namespace bezalel::record
