#include "record/ulid.h"

namespace bezalel::record {

namespace {

// Crockford's base 32: no I, L, O, U, so that nobody misreads an id aloud.
constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t kLength = 26;

}  // namespace

std::string make_ulid(Timestamp t, const std::array<std::uint8_t, 10>& random) {
  using std::chrono::milliseconds;
  const auto since = std::chrono::floor<milliseconds>(t.time_since_epoch());
  // A clock before 1970 must not keep a job from running; its ids sort first.
  const auto ms =
      since.count() < 0 ? 0U : static_cast<std::uint64_t>(since.count());
  std::array<std::uint8_t, 16> bytes{};
  for (std::size_t i = 0; i < 6; ++i) {
    bytes[i] = static_cast<std::uint8_t>(ms >> (8 * (5 - i)));
  }
  for (std::size_t i = 0; i < random.size(); ++i) bytes[6 + i] = random[i];

  // 130 bits are written for 128: the first character holds only three.
  std::string id;
  id.reserve(kLength);
  unsigned buffer = 0;
  unsigned bits = 2;
  for (const std::uint8_t byte : bytes) {
    buffer = (buffer << 8U) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      id += kAlphabet[(buffer >> bits) & 31U];
    }
    buffer &= (1U << bits) - 1U;
  }
  return id;
}

bool is_ulid(std::string_view text) {
  return text.size() == kLength && text.front() <= '7' &&
         text.find_first_not_of(kAlphabet) == std::string_view::npos;
}

}  // namespace bezalel::record
