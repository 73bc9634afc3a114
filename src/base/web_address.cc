#include "base/web_address.h"

#include <algorithm>
#include <cctype>
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

std::string_view without_user(std::string_view host) {
  const auto user = host.rfind('@');
  return user == std::string_view::npos ? host : host.substr(user + 1);
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
  const std::string_view host =
      without_user(url.substr(0, url.find_first_of("/?#")));
  // The colons of [::1] begin no port.
  const auto bracket = host.rfind(']');
  const auto colon = host.rfind(':');
  if (colon == std::string_view::npos ||
      (bracket != std::string_view::npos && colon < bracket)) {
    return !host.empty();
  }
  return colon > 0 && is_port(host.substr(colon + 1));
}

bool is_on_loopback(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  std::string_view host = without_user(url.substr(0, url.find_first_of("/?#")));
  if (host.starts_with('[')) {
    return host == "[::1]" || host.starts_with("[::1]:");
  }
  host = host.substr(0, host.find(':'));
  return host == "localhost" ||
         (host.starts_with("127.") &&
          host.find_first_not_of("0123456789.") == std::string_view::npos);
}

bool is_mailbox_here(std::string_view name, std::string_view mail_server) {
  const bool is_word =
      std::all_of(name.begin(), name.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_' ||
               c == '+';
      });
  return is_word && !name.empty() && name.front() != '-' &&
         is_on_loopback(mail_server);
}

}  // namespace bezalel
