#include "schedule/clock_changes.h"

#include <algorithm>
#include <array>
#include <bit>

#include "schedule/civil.h"
#include "schedule/suspect.h"

namespace bezalel::schedule {
namespace {

using Effect = ClockChange::Effect;

constexpr std::int64_t kMicros = 1'000'000;
constexpr std::int64_t kDebianCatchesUp = 3 * 3600;
constexpr int kMostCounted = 100;

Timestamp from_seconds(std::int64_t seconds) {
  return Timestamp(Duration(seconds * kMicros));
}
std::int64_t to_seconds(Timestamp t) {
  return floor_div(t.time_since_epoch().count(), kMicros);
}

const Zone* zone_of(const Schedule& schedule) {
  if (const auto* cron = std::get_if<Cron>(&schedule)) return &cron->zone;
  if (const auto* timer = std::get_if<OnCalendar>(&schedule)) {
    return timer->calendar.zone() ? &*timer->calendar.zone() : &timer->zone;
  }
  return nullptr;
}

// The same schedule by a clock that never changes: its instants are the wall
// times that match.
Schedule on_the_wall(const Schedule& schedule) {
  if (const auto* cron = std::get_if<Cron>(&schedule)) {
    return Cron{cron->expr, Zone::utc()};
  }
  const auto& timer = std::get<OnCalendar>(schedule);
  return OnCalendar{timer.calendar.without_zone(), Zone::utc()};
}

bool runs_every_hour(const Schedule& schedule) {
  if (const auto* cron = std::get_if<Cron>(&schedule)) {
    return std::popcount(cron->expr.hours()) == 24;
  }
  const auto& hours = std::get<OnCalendar>(schedule).calendar.hours();
  if (hours.empty()) return true;
  return hours.size() == 1 && hours[0].start == 0 && hours[0].repeat == 1;
}

// Instants of the schedule in [begin, end), of which the first and last.
struct Found {
  int count = 0;
  std::int64_t first = 0;
  std::int64_t last = 0;
};

Found within(const Schedule& schedule, std::int64_t begin, std::int64_t end) {
  Found found;
  auto t = next_after(schedule, from_seconds(begin) - Duration(1));
  for (; t && *t < from_seconds(end); t = next_after(schedule, *t)) {
    if (found.count == 0) found.first = to_seconds(*t);
    found.last = to_seconds(*t);
    if (++found.count == kMostCounted) break;
  }
  return found;
}

bool catches_up(const Schedule& schedule, std::int64_t gap) {
  const auto* cron = std::get_if<Cron>(&schedule);
  return cron != nullptr && !cron->expr.is_wildcard() &&
         gap <= kDebianCatchesUp;
}

// systemd gives up at some gaps: nothing follows, though later it would.
bool gives_up(const Schedule& schedule, std::int64_t at) {
  if (!std::holds_alternative<OnCalendar>(schedule)) return false;
  if (next_after(schedule, from_seconds(at - 1))) return false;
  return next_after(schedule, from_seconds(at + kSecondsPerDay)).has_value();
}

std::string two(int n) {
  return (n < 10 ? "0" : "") + std::to_string(n);
}

std::string clock_of(std::int64_t wall) {
  const std::int64_t time = wall - floor_div(wall, kSecondsPerDay) * 86'400;
  std::string out = two(static_cast<int>(time / 3600)) + ':' +
                    two(static_cast<int>(time / 60 % 60));
  if (time % 60 != 0) out += ':' + two(static_cast<int>(time % 60));
  return out;
}

std::string day_of(std::int64_t wall) {
  constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed",
                                                "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr",
                                                   "May", "Jun", "Jul", "Aug",
                                                   "Sep", "Oct", "Nov", "Dec"};
  const std::int64_t days = floor_div(wall, kSecondsPerDay);
  const Date date = date_from_days(days);
  return std::string(kDays[static_cast<std::size_t>(weekday_of(days))]) + ' ' +
         std::to_string(date.day) + ' ' +
         kMonths[static_cast<std::size_t>(date.month - 1)] + ' ' +
         std::to_string(date.year);
}

}  // namespace

std::vector<ClockChange> clock_changes(const Schedule& schedule, Timestamp from,
                                       Duration span) {
  std::vector<ClockChange> out;
  const Zone* zone = zone_of(schedule);
  if (zone == nullptr) return out;
  const auto& all = zone->stretches();
  const std::int64_t end = to_seconds(from + span);
  const Schedule wall = on_the_wall(schedule);
  for (std::size_t i = zone->index_at(to_seconds(from)) + 1;
       i < all.size() && all[i].start <= end; ++i) {
    const std::int64_t at = all[i].start;
    const std::int64_t before = at + all[i - 1].offset;
    const std::int64_t after = at + all[i].offset;
    const auto add = [&](Effect effect, const Found& f) {
      out.push_back({effect, from_seconds(at), f.first, f.last, f.count});
    };
    if (after > before) {
      const Found gone = within(wall, before, after);
      if (gives_up(schedule, at)) {
        add(Effect::stops, gone.count > 0 ? gone : Found{1, before, before});
      } else if (gone.count > 0 && !runs_every_hour(schedule)) {
        add(catches_up(schedule, after - before) ? Effect::moved
                                                 : Effect::skipped,
            gone);
      }
    } else if (before > after) {
      const Found twice = within(wall, after, before);
      if (twice.count == 0) continue;
      // Begun in the first pass, as systemd then leaves out the second.
      const std::int64_t back = before - after;
      const Found both = within(schedule, at - back, at + back);
      const bool again = both.count > 0 && both.last >= at;
      if (again && !runs_every_hour(schedule)) {
        add(Effect::doubled, twice);
      } else if (!again && runs_every_hour(schedule)) {
        add(Effect::held_back, twice);
      }
    }
  }
  return out;
}

std::string in_words(const Schedule& schedule, const ClockChange& change) {
  const bool one = change.first_wall == change.last_wall;
  std::string out =
      day_of(change.first_wall) + ' ' + clock_of(change.first_wall);
  if (!one) out += " to " + clock_of(change.last_wall);
  const auto verb = [&](const char* single, const char* many) {
    return one ? single : many;
  };
  const std::string it = verb("it", "them");
  const std::string who = scheduler_name(schedule);
  switch (change.effect) {
    case Effect::moved: {
      const std::int64_t at = to_seconds(change.at);
      const Zone* zone = zone_of(schedule);
      const std::int64_t wall = at + zone->offset_at(change.at);
      return out + verb(" does", " do") + " not exist: " + who + " runs " + it +
             " at " + clock_of(wall);
    }
    case Effect::skipped:
      return out + verb(" does", " do") + " not exist: " + who + " skips " + it;
    case Effect::doubled:
      return out + verb(" comes", " come") + " twice: " + who + " runs " + it +
             " both times";
    case Effect::held_back:
      return out + verb(" comes", " come") + " twice: " + who +
             " runs it the first time only";
    case Effect::stops:
      return out + verb(" does", " do") + " not exist: " + who +
             " gives up, and the timer has no next time";
  }
  return out;
}

std::string scheduler_name(const Schedule& schedule) {
  if (const auto* cron = std::get_if<Cron>(&schedule)) {
    return std::string(daemon_name(cron->expr.dialect()));
  }
  return std::holds_alternative<OnCalendar>(schedule) ? "systemd" : "";
}

}  // namespace bezalel::schedule
