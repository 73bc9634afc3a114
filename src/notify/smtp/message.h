// A mail as bytes (RFC 5322): plain text, nothing that a header could break.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/channel.h"

namespace bezalel::notify {

// A header's value on one line: CR, LF, NUL and other control bytes become
// blanks, anything that is not ASCII becomes RFC 2047 encoded words, folded so
// that no line is longer than 76. The one sanitiser; every header goes through
// it.
std::string header_value(std::string_view text);

// "a@b" of "Name <a@b>" or of itself; empty if it holds anything that could
// leave an SMTP command (blanks, control bytes, more brackets).
std::string bare_address(std::string_view text);

// The same for the same notice, so that a repeat can be seen as one.
std::string message_id(const app::Notice& notice);

struct MailAddresses {
  std::string from;
  std::vector<std::string> to;
};
// Lines end with CRLF; none is longer than 998 bytes.
std::string mail(const app::Notice& notice, const MailAddresses& addresses);

}  // namespace bezalel::notify
