// A job of at(1) as it lies in the spool of atd(8). Pure.
//
// Its file's name is the queue (`a` to `z`, `A` to `Z`; `=` while it runs),
// five hexadecimal digits of its number and eight of its time in minutes since
// 1970. The text is a script that sets the environment and the directory, and
// then holds the commands, bare (Debian) or between `<< 'MARK'` and the mark
// (RHEL).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace bezalel::crontab {

struct AtName {
  char queue = 'a';
  int number = 0;
  Timestamp at;
};
// nullopt: no such name.
std::optional<AtName> parse_at_name(std::string_view name);

// The first command, with " ..." where more follow; empty: none was found.
std::string at_command(std::string_view text);

}  // namespace bezalel::crontab
