// What can be an address of the web at all, before anything asks it.
#pragma once

#include <string_view>

namespace bezalel {

// "http://" or "https://" and a host, perhaps a user, a port, a path; no blank
// and no control character anywhere. Whether somebody answers is not asked.
bool is_web_address(std::string_view url);

}  // namespace bezalel
