// What access.conf(5) says to cron's jobs of a user. Inside of discover.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace bezalel::discover {

enum class Access {
  granted,
  refused,
  unknown,  // only a name service of the network could say
};

struct AccessRule {
  Access access = Access::granted;
  int line = 0;  // the one that decides
};

struct AccessOptions {
  std::string field_separators = ":";
  std::string list_separators = ", \t";
  bool bare_groups = true;  // a group needs no parentheses
};

using InGroup = std::function<bool(const std::string& group)>;

// As pam_access(8) 1.5 decides for somebody who comes from `cron`: the first
// line that matches. nullopt: none does.
std::optional<AccessRule> access_of(std::string_view text,
                                    const AccessOptions& options,
                                    std::string_view user,
                                    const InGroup& in_group);

}  // namespace bezalel::discover
