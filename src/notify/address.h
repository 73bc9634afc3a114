// Which addresses a channel may connect to.
//
// Settings belong to root, and forges are often self-hosted, so loopback and
// private networks are fine. Never fine, unless listed: link-local addresses
// (169.254.0.0/16, fe80::/10), where clouds keep their metadata services with
// credentials in them, fd00:ec2::254 for the same reason, and addresses that
// are nobody's (0.0.0.0/8, ::, multicast, broadcast). The rule is asked about
// the address that is being connected to, so that no name server and no
// spelling of an address (0x7f000001, ::ffff:169.254.1.1) gets around it.
#pragma once

#include <sys/socket.h>

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/network.h"
#include "base/result.h"

namespace bezalel::notify {

class AddressRule {
 public:
  // `allowed`: networks as "169.254.0.0/16", "fe80::/10" or single addresses.
  static Result<AddressRule> parse(const std::vector<std::string>& allowed);
  AddressRule() = default;

  // Why this address is refused, as one line; nullopt: it may be used. Address
  // families other than IPv4 and IPv6 are refused.
  std::optional<std::string> refuse(const sockaddr* address) const;

 private:
  // IPv4 as ::ffff:a.b.c.d.
  using Bytes = std::array<unsigned char, 16>;
  static bool contains(const IpNetwork& network, const Bytes& address);

  std::vector<IpNetwork> allowed_;
};

}  // namespace bezalel::notify
