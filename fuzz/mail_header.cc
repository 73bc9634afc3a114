// A header's value never becomes another header.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "notify/smtp/message.h"

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string value = bezalel::notify::header_value(text);
  for (std::size_t i = 0; i < value.size(); ++i) {
    const auto byte = static_cast<unsigned char>(value[i]);
    check(byte < 0x7f);
    if (byte >= 0x20) continue;
    // Only a fold: CR LF and a blank, and something after it.
    check(value.compare(i, 3, "\r\n ") == 0 && i + 3 < value.size());
    i += 2;
  }
  const std::string address = bezalel::notify::bare_address(text);
  for (char c : address) check(c > 0x20 && c < 0x7f && c != '<' && c != '>');
  return 0;
}
