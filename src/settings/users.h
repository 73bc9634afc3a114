// The host's users by getpwuid and getpwnam, each asked once.
#pragma once

#include <map>

#include "app/sources.h"

namespace bezalel::settings {

class SystemUsers final : public app::Users {
 public:
  std::string name_of(std::uint32_t uid) override;
  std::optional<std::uint32_t> uid_of(const std::string& name) override;
  std::optional<std::string> home_of(std::uint32_t uid) override;

 private:
  struct Entry {
    std::string name;
    std::optional<std::string> home;
  };
  const Entry& entry_of(std::uint32_t uid);

  std::map<std::uint32_t, Entry> by_uid_;
  std::map<std::string, std::optional<std::uint32_t>> by_name_;
};

}  // namespace bezalel::settings
