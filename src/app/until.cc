#include "app/until.h"

#include <fmt/format.h>

#include "base/duration.h"
#include "base/escape.h"
#include "schedule/schedule.h"

namespace bezalel::app {
namespace {

// A local time is the next elapse of the calendar expression that names it:
// weekdays, dates and times then mean what they mean everywhere else here.
std::optional<Timestamp> next_of(std::string_view expression,
                                 const schedule::Zone& zone, Timestamp after) {
  auto calendar = schedule::Calendar::parse(expression);
  if (!calendar) return std::nullopt;
  return schedule::next_after(schedule::OnCalendar{*calendar, zone}, after);
}

constexpr std::string_view kTomorrow = "tomorrow";

}  // namespace

Result<Timestamp> parse_until(std::string_view text, Timestamp now,
                              std::string_view zone_name) {
  auto loaded = schedule::Zone::load(zone_name);
  const schedule::Zone zone = loaded ? *loaded : schedule::Zone::utc();
  std::optional<Timestamp> at;
  if (text.starts_with(kTomorrow)) {
    std::string_view time = text.substr(kTomorrow.size());
    while (time.starts_with(' ')) time.remove_prefix(1);
    const auto midnight = next_of("*-*-* 00:00:00", zone, now);
    if (midnight) {
      at =
          next_of(time.empty() ? "09:00" : time, zone, *midnight - Duration(1));
    }
  } else if (auto span = parse_time_span(text); span && !text.empty()) {
    at = now + *span;
  } else if (auto exact = parse_rfc3339(text);
             exact && text.find('T') != std::string_view::npos) {
    at = *exact;
  } else {
    at = next_of(text, zone, now);
    // Never again, and not a day that no calendar has.
    if (const auto past = schedule::Calendar::parse(text);
        !at && past &&
        schedule::previous_before(schedule::OnCalendar{*past, zone}, now)) {
      at = now;
    }
  }
  if (at && *at > now) return *at;
  return err(Kind::invalid,
             fmt::format("\"{}\": {}; expected 2h, \"tomorrow 09:00\", \"Mon "
                         "09:00\" or a date",
                         escape_line(text, 60),
                         at ? "lies in the past" : "not a time"));
}

}  // namespace bezalel::app
