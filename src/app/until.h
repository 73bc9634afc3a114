// "tomorrow 09:00": an instant as people name it.
#pragma once

#include <string_view>

#include "base/time.h"

namespace bezalel::app {

// A span from now ("2h"), "HH:MM" (the next), "tomorrow [HH:MM]", a weekday
// with a time ("Mon 09:00", the next), a date with or without a time, or RFC
// 3339; local times in `zone`. Kind::invalid otherwise, and for the past.
Result<Timestamp> parse_until(std::string_view text, Timestamp now,
                              std::string_view zone);

}  // namespace bezalel::app
