// A network of IP addresses, as settings name it.
#pragma once

#include <array>
#include <optional>
#include <string>

namespace bezalel {

struct IpNetwork {
  std::array<unsigned char, 16> bytes{};  // IPv4 as ::ffff:a.b.c.d
  int bits = 0;
};

// "10.0.0.0/8", "fe80::/10" or a single address; nullopt: none of them.
std::optional<IpNetwork> parse_ip_network(const std::string& text);

}  // namespace bezalel
