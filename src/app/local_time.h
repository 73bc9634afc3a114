// Instants as people read them: local time with its weekday.
//
// `zone` is an IANA name. One that is not known reads as UTC: a wrong zone
// must not cost an alarm, and the offset that is printed tells it.
#pragma once

#include <string>

#include "base/time.h"

namespace bezalel::app {

// "Sun 22 Nov 2026 01:06 +0200"
std::string local_long(Timestamp t, const std::string& zone);
// "Sun 22 Nov 01:06 +0200": where the year is plain.
std::string local_day(Timestamp t, const std::string& zone);
// "Tue 01:06"; further than six days from `now`: "14 Nov 01:06".
std::string local_short(Timestamp t, Timestamp now, const std::string& zone);
// "2026-11-24"
std::string local_date(Timestamp t, const std::string& zone);
// "01:06:59"
std::string local_clock(Timestamp t, const std::string& zone);

}  // namespace bezalel::app
