#include "app/local_time.h"

#include <absl/time/time.h>

namespace bezalel::app {
namespace {

absl::TimeZone zone_of(const std::string& name) {
  absl::TimeZone zone;
  // Loaded zones are cached by abseil; a failed load leaves UTC.
  if (!name.empty()) absl::LoadTimeZone(name, &zone);
  return zone;
}

std::string format(const char* text, Timestamp t, const std::string& zone) {
  return absl::FormatTime(
      text, absl::FromUnixMicros(t.time_since_epoch().count()), zone_of(zone));
}

// abseil pads %e with a blank; people do not.
std::string day_of(Timestamp t, const std::string& zone) {
  const std::string padded = format("%e", t, zone);
  return padded[0] == ' ' ? padded.substr(1) : padded;
}

}  // namespace

std::string local_long(Timestamp t, const std::string& zone) {
  return format("%a ", t, zone) + day_of(t, zone) +
         format(" %b %Y %H:%M %z", t, zone);
}

std::string local_day(Timestamp t, const std::string& zone) {
  return format("%a ", t, zone) + day_of(t, zone) +
         format(" %b %H:%M %z", t, zone);
}

std::string local_short(Timestamp t, Timestamp now, const std::string& zone) {
  const Duration distance = t > now ? t - now : now - t;
  if (distance <= std::chrono::hours(6 * 24)) {
    return format("%a %H:%M", t, zone);
  }
  return day_of(t, zone) + format(" %b %H:%M", t, zone);
}

std::string local_date(Timestamp t, const std::string& zone) {
  return format("%Y-%m-%d", t, zone);
}

std::string local_clock(Timestamp t, const std::string& zone) {
  return format("%H:%M:%S", t, zone);
}

}  // namespace bezalel::app
