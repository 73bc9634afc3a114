#include "notify/address.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <cstring>

namespace bezalel::notify {
namespace {

sockaddr_storage address(const std::string& text) {
  sockaddr_storage storage{};
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  if (::inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    std::memcpy(&storage, &v4, sizeof v4);
  } else {
    REQUIRE(::inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) == 1);
    v6.sin6_family = AF_INET6;
    std::memcpy(&storage, &v6, sizeof v6);
  }
  return storage;
}

bool refused(const AddressRule& rule, const std::string& text) {
  const sockaddr_storage storage = address(text);
  return rule.refuse(reinterpret_cast<const sockaddr*>(&storage)).has_value();
}

TEST_CASE("metadata services and nobody's addresses are refused") {
  const AddressRule rule;
  for (const char* text :
       {"169.254.169.254", "169.254.0.1", "0.0.0.0", "0.1.2.3", "224.0.0.1",
        "255.255.255.255", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe",
        "fe80::1", "febf::1", "ff02::1", "::", "fd00:ec2::254"}) {
    CAPTURE(text);
    CHECK(refused(rule, text));
  }
}

TEST_CASE("loopback, private and public addresses may be used") {
  const AddressRule rule;
  for (const char* text :
       {"127.0.0.1", "10.1.2.3", "192.168.1.1", "172.16.0.1", "169.253.255.255",
        "169.255.0.0", "8.8.8.8", "::1", "fd00::1", "fec0::1", "2001:db8::1"}) {
    CAPTURE(text);
    CHECK_FALSE(refused(rule, text));
  }
}

TEST_CASE("what the settings list may be used") {
  const auto rule = AddressRule::parse({"169.254.169.254", "fe80::/16"});
  REQUIRE(rule);
  CHECK_FALSE(refused(*rule, "169.254.169.254"));
  CHECK_FALSE(refused(*rule, "::ffff:169.254.169.254"));
  CHECK(refused(*rule, "169.254.169.253"));
  CHECK_FALSE(refused(*rule, "fe80::1"));
  CHECK(refused(*rule, "fe81::1"));
}

TEST_CASE("a network that is none is an error that names it") {
  for (const char* text : {"", "x", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1",
                           "::/129", "10.0.0.0/8x", "10.0.0/8"}) {
    CAPTURE(text);
    const auto rule = AddressRule::parse({text});
    REQUIRE_FALSE(rule);
    CHECK(rule.error().kind == Kind::invalid);
  }
}

TEST_CASE("other families than IP are refused") {
  sockaddr_un local{};
  local.sun_family = AF_UNIX;
  CHECK(AddressRule().refuse(reinterpret_cast<const sockaddr*>(&local)));
}

}  // namespace
}  // namespace bezalel::notify
