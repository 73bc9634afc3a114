// Who we are towards a channel.
#pragma once

#include <string>

namespace bezalel::notify {

struct Identity {
  std::string version;  // "1.0.0"
  std::string host;     // [host] name of the settings
};

}  // namespace bezalel::notify
