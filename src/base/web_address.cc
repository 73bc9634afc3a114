#include "base/web_address.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace bezalel {
namespace {

bool is_port(std::string_view text) {
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto [at, wrong] = std::from_chars(text.data(), end, port);
  return wrong == std::errc() && at == end && port > 0;
}

}  // namespace

bool is_web_address(std::string_view url) {
  const bool one_word = std::none_of(url.begin(), url.end(), [](char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == '\x7f';
  });
  if (!one_word) return false;
  const bool plain = url.starts_with("http://");
  if (!plain && !url.starts_with("https://")) return false;
  url.remove_prefix(plain ? 7 : 8);
  std::string_view host = url.substr(0, url.find_first_of("/?#"));
  if (const auto user = host.rfind('@'); user != std::string_view::npos) {
    host.remove_prefix(user + 1);
  }
  // The colons of [::1] begin no port.
  const auto bracket = host.rfind(']');
  const auto colon = host.rfind(':');
  if (colon == std::string_view::npos ||
      (bracket != std::string_view::npos && colon < bracket)) {
    return !host.empty();
  }
  return colon > 0 && is_port(host.substr(colon + 1));
}

}  // namespace bezalel
