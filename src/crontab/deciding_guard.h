// A test before the work of a command, by whose no the whole command ends.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "crontab/shell_text.h"

namespace bezalel::crontab {

// `[ "$(date +\%u)" = 7 ] && work`: where the test says no the command ends
// with 1, which whoever records it takes for a failure. Where the && behind the
// test begins, in bytes of `command`, of which `shell` was read; nullopt: there
// is none, or nobody can tell. `[ -x F ] && F` is none: where it says no, F is
// gone.
std::optional<std::size_t> deciding_test(const ShellText& shell,
                                         std::string_view command);

}  // namespace bezalel::crontab
