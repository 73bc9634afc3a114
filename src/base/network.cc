#include "base/network.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <charconv>
#include <cstring>

namespace bezalel {

std::optional<IpNetwork> parse_ip_network(const std::string& text) {
  const std::size_t slash = text.find('/');
  const std::string address = text.substr(0, slash);
  IpNetwork result;
  int extra = 0;
  if (in_addr v4{}; ::inet_pton(AF_INET, address.c_str(), &v4) == 1) {
    extra = 96;
    result.bytes[10] = result.bytes[11] = 0xff;
    std::memcpy(&result.bytes[12], &v4, sizeof v4);
  } else if (::inet_pton(AF_INET6, address.c_str(), result.bytes.data()) != 1) {
    return std::nullopt;
  }
  result.bits = 128;
  if (slash != std::string::npos) {
    const char* begin = text.data() + slash + 1;
    const char* end = text.data() + text.size();
    int bits = 0;
    const auto [stop, error] = std::from_chars(begin, end, bits);
    if (error != std::errc() || stop != end || begin == end) return {};
    if (bits < 0 || bits + extra > 128) return std::nullopt;
    result.bits = bits + extra;
  }
  return result;
}

}  // namespace bezalel
