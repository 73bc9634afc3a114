#include "settings/users.h"

#include <pwd.h>

#include <charconv>
#include <cstdint>
#include <string>

namespace bezalel::settings {

namespace {

// A user without an entry is named by the number.
std::optional<std::uint32_t> number_in(const std::string& name) {
  std::uint32_t uid = 0;
  const char* end = name.data() + name.size();
  const auto [rest, error] = std::from_chars(name.data(), end, uid);
  if (error != std::errc() || rest != end) return std::nullopt;
  return uid;
}

}  // namespace

const SystemUsers::Entry& SystemUsers::entry_of(std::uint32_t uid) {
  const auto [at, fresh] = by_uid_.try_emplace(uid);
  if (fresh) {
    at->second.name = std::to_string(uid);
    if (const passwd* user = ::getpwuid(uid)) {
      at->second = {user->pw_name, std::string(user->pw_dir)};
    }
  }
  return at->second;
}

std::string SystemUsers::name_of(std::uint32_t uid) {
  return entry_of(uid).name;
}

std::optional<std::string> SystemUsers::home_of(std::uint32_t uid) {
  return entry_of(uid).home;
}

std::optional<std::uint32_t> SystemUsers::uid_of(const std::string& name) {
  const auto [at, fresh] = by_name_.try_emplace(name);
  if (fresh) {
    if (const passwd* user = ::getpwnam(name.c_str())) {
      at->second = user->pw_uid;
    } else {
      at->second = number_in(name);
    }
  }
  return at->second;
}

}  // namespace bezalel::settings
