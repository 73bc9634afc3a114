// Spans of time as people write and read them.
#pragma once

#include <string>
#include <string_view>

#include "base/time.h"

namespace bezalel {

// A time span as systemd.time(7) takes it: "15min", "1h 30min", "2.5d"; a bare
// number is seconds; m is minutes, M months. "infinity" is refused: no
// interval of ours is endless. Never negative. On error the message begins
// with the text in quotes and names what was expected, for example
//   "1 dya": unknown unit; expected us, ms, s, min, h, d, w, month, y
// and `column` (0-based, where given) is where the trouble starts.
Result<Duration> parse_time_span(std::string_view text,
                                 std::size_t* column = nullptr);

// Like systemd's own FORMAT_TIMESPAN with microseconds ("1d 2h", "500ms").
std::string format_time_span(Duration d);

// At most two units for a person: "2d 2h", "4m 12s", "0.8s", "5m", "1d".
// Negative spans read "0s".
std::string format_age(Duration d);

// Bytes as options take them: "10", "4k", "1M", "2G" (powers of 1024).
Result<std::uint64_t> parse_size(std::string_view text);

}  // namespace bezalel
