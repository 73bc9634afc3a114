// SHA-256 (FIPS 180-4) and HMAC-SHA-256 (RFC 2104).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace bezalel {

using Sha256Digest = std::array<std::uint8_t, 32>;

Sha256Digest sha256(std::string_view bytes);
Sha256Digest hmac_sha256(std::string_view key, std::string_view bytes);

// Lower-case hexadecimal; 64 characters.
std::string to_hex(const Sha256Digest& digest);
std::string to_base64(std::string_view bytes);

}  // namespace bezalel
