// What a command of this folder says while it works.
#pragma once

#include <functional>
#include <string>

namespace bezalel::setup {

// Prints one line at once: these commands take seconds, and a person watches.
using Say = std::function<void(const std::string& line)>;

}  // namespace bezalel::setup
