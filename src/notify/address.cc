#include "notify/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>

namespace bezalel::notify {
namespace {

constexpr std::array<const char*, 8> kRefused = {
    "0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "255.255.255.255",
    "::/128",    "fe80::/10",      "ff00::/8",    "fd00:ec2::254",
};

std::string text_of(const std::array<unsigned char, 16>& bytes) {
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  ::inet_ntop(AF_INET6, bytes.data(), buffer.data(), buffer.size());
  const std::string text = buffer.data();
  return text.starts_with("::ffff:") ? text.substr(7) : text;
}

}  // namespace

bool AddressRule::contains(const IpNetwork& network, const Bytes& address) {
  for (int bit = 0; bit < network.bits; bit += 8) {
    const auto i = static_cast<std::size_t>(bit / 8);
    const int used = std::min(8, network.bits - bit);
    const auto mask = static_cast<unsigned char>(0xff << (8 - used));
    if ((network.bytes[i] & mask) != (address[i] & mask)) return false;
  }
  return true;
}

Result<AddressRule> AddressRule::parse(
    const std::vector<std::string>& allowed) {
  AddressRule rule;
  for (const std::string& text : allowed) {
    const auto parsed = parse_ip_network(text);
    if (!parsed) {
      return err(Kind::invalid, "allow_private: \"" + text +
                                    "\": expected a network like 10.0.0.0/8");
    }
    rule.allowed_.push_back(*parsed);
  }
  return rule;
}

std::optional<std::string> AddressRule::refuse(const sockaddr* address) const {
  Bytes bytes{};
  if (address->sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, address, sizeof v4);
    bytes[10] = bytes[11] = 0xff;
    std::memcpy(&bytes[12], &v4.sin_addr, sizeof v4.sin_addr);
  } else if (address->sa_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, address, sizeof v6);
    std::memcpy(bytes.data(), &v6.sin6_addr, sizeof v6.sin6_addr);
    // 64:ff9b::/96 is IPv4 behind a translator.
    static constexpr std::array<unsigned char, 12> kNat64 = {0, 0x64, 0xff,
                                                             0x9b};
    if (std::equal(kNat64.begin(), kNat64.end(), bytes.begin())) {
      std::fill(bytes.begin(), bytes.begin() + 10, 0);
      bytes[10] = bytes[11] = 0xff;
    }
  } else {
    return "neither IPv4 nor IPv6";
  }
  const auto in = [&](const IpNetwork& n) { return contains(n, bytes); };
  if (std::any_of(allowed_.begin(), allowed_.end(), in)) return std::nullopt;
  for (const char* text : kRefused) {
    if (in(*parse_ip_network(text))) {
      return "address " + text_of(bytes) +
             " is refused (link-local or nobody's; allow_private can list it)";
    }
  }
  return std::nullopt;
}

}  // namespace bezalel::notify
