// One datagram to /dev/log; never waited for, never an error to the caller.
#pragma once

#include <string_view>

namespace bezalel::sys {

// RFC 3164 priorities (facility daemon).
enum class SyslogPriority {
  alert = 1,
  err = 3,
  warning = 4,
  notice = 5,
  info = 6
};

// True if the datagram was taken. `text` is one escaped line.
bool syslog_line(SyslogPriority priority, std::string_view tag,
                 std::string_view text);

}  // namespace bezalel::sys
