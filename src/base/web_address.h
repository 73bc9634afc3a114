// What can be an address of the web at all, before anything asks it.
#pragma once

#include <string_view>

namespace bezalel {

// "http://" or "https://" and a host, perhaps a user, a port, a path; no blank
// and no control character anywhere. Whether somebody answers is not asked.
bool is_web_address(std::string_view url);

// Whether its host is this one, by its spelling: localhost, 127.0.0.1 or
// [::1]. The scheme, smtp:// as well, may be missing.
bool is_on_loopback(std::string_view url);

// "root": whose mailbox is where the mail server is, so only this host's own
// can be meant.
bool is_mailbox_here(std::string_view name, std::string_view mail_server);

}  // namespace bezalel
