#include "schedule/cron.h"

#include <bit>

#include "schedule/civil.h"

namespace bezalel::schedule {
namespace {

constexpr std::int64_t kMicros = 1'000'000;
// The 29th of February of one weekday can be 40 years away.
constexpr std::int64_t kHorizon = 60 * 366 * kSecondsPerDay;
// Debian's cron takes a greater step for a clock that was set.
constexpr std::int64_t kCaughtUp = 3 * 3600;

// The lowest set bit at or above / the highest at or below `from`; -1: none.
int bit_from(std::uint64_t bits, int from) {
  if (from > 63) return -1;
  const std::uint64_t rest = bits >> from << from;
  return rest == 0 ? -1 : std::countr_zero(rest);
}

int bit_to(std::uint64_t bits, int to) {
  if (to < 0) return -1;
  const std::uint64_t rest = to >= 63 ? bits : bits & ((2ULL << to) - 1);
  return rest == 0 ? -1 : 63 - std::countl_zero(rest);
}

// Days of one month that match; the months of a search come in a row, so the
// weekday of the first is all that has to be worked out.
std::uint32_t days_of(const CronExpr& expr, int year, int month) {
  if ((expr.months() >> month & 1) == 0) return 0;
  return expr.days(weekday_of(days_from_date(year, month, 1)),
                   days_in_month(year, month));
}

struct TimeOfDay {
  int hour;
  int minute;
  int second;

  static TimeOfDay of(std::int64_t seconds) {
    return {static_cast<int>(seconds / 3600),
            static_cast<int>(seconds / 60 % 60),
            static_cast<int>(seconds % 60)};
  }
  std::int64_t count() const { return (hour * 60 + minute) * 60 + second; }
};

// The first matching second of a day at or after `from`, or -1.
std::int64_t time_from(const CronExpr& e, std::int64_t from) {
  TimeOfDay t = TimeOfDay::of(from);
  const auto first_minute = bit_from(e.minutes(), 0);
  const auto first_second = bit_from(e.seconds(), 0);
  if ((e.hours() >> t.hour & 1) != 0) {
    if ((e.minutes() >> t.minute & 1) != 0) {
      const int second = bit_from(e.seconds(), t.second);
      if (second >= 0) return TimeOfDay{t.hour, t.minute, second}.count();
    }
    const int minute = bit_from(e.minutes(), t.minute + 1);
    if (minute >= 0) return TimeOfDay{t.hour, minute, first_second}.count();
  }
  const int hour = bit_from(e.hours(), t.hour + 1);
  if (hour < 0) return -1;
  return TimeOfDay{hour, first_minute, first_second}.count();
}

// The last matching second of a day at or before `to`, or -1.
std::int64_t time_to(const CronExpr& e, std::int64_t to) {
  TimeOfDay t = TimeOfDay::of(to);
  const auto last_minute = bit_to(e.minutes(), 63);
  const auto last_second = bit_to(e.seconds(), 63);
  if ((e.hours() >> t.hour & 1) != 0) {
    if ((e.minutes() >> t.minute & 1) != 0) {
      const int second = bit_to(e.seconds(), t.second);
      if (second >= 0) return TimeOfDay{t.hour, t.minute, second}.count();
    }
    const int minute = bit_to(e.minutes(), t.minute - 1);
    if (minute >= 0) return TimeOfDay{t.hour, minute, last_second}.count();
  }
  const int hour = bit_to(e.hours(), t.hour - 1);
  if (hour < 0) return -1;
  return TimeOfDay{hour, last_minute, last_second}.count();
}

// The first matching wall second in [from, limit).
std::optional<std::int64_t> wall_from(const CronExpr& e, std::int64_t from,
                                      std::int64_t limit) {
  const std::int64_t today = floor_div(from, kSecondsPerDay);
  auto [year, month, day] = date_from_days(today);
  std::uint32_t days = days_of(e, year, month);
  if ((days >> day & 1) != 0) {
    const auto time = time_from(e, from - today * kSecondsPerDay);
    if (time >= 0) {
      const std::int64_t wall = today * kSecondsPerDay + time;
      return wall < limit ? std::optional(wall) : std::nullopt;
    }
  }
  const std::int64_t first_time = time_from(e, 0);
  for (++day;; day = 1) {
    if (const int match = bit_from(days, day); match > 0) {
      const std::int64_t wall =
          days_from_date(year, month, match) * kSecondsPerDay + first_time;
      return wall < limit ? std::optional(wall) : std::nullopt;
    }
    month = bit_from(e.months(), month + 1);
    if (month < 0) {
      ++year;
      month = bit_from(e.months(), 1);
    }
    if (days_from_date(year, month, 1) * kSecondsPerDay >= limit) return {};
    days = days_of(e, year, month);
  }
}

// The last matching wall second in [limit, to].
std::optional<std::int64_t> wall_to(const CronExpr& e, std::int64_t to,
                                    std::int64_t limit) {
  const std::int64_t today = floor_div(to, kSecondsPerDay);
  auto [year, month, day] = date_from_days(today);
  std::uint32_t days = days_of(e, year, month);
  if ((days >> day & 1) != 0) {
    const auto time = time_to(e, to - today * kSecondsPerDay);
    if (time >= 0) {
      const std::int64_t wall = today * kSecondsPerDay + time;
      return wall >= limit ? std::optional(wall) : std::nullopt;
    }
  }
  const std::int64_t last_time = time_to(e, kSecondsPerDay - 1);
  for (--day;; day = 31) {
    if (const int match = bit_to(days, day); match > 0) {
      const std::int64_t wall =
          days_from_date(year, month, match) * kSecondsPerDay + last_time;
      return wall >= limit ? std::optional(wall) : std::nullopt;
    }
    month = bit_to(e.months(), month - 1);
    if (month < 0) {
      --year;
      month = bit_to(e.months(), 12);
    }
    if (days_from_date(year, month + 1, 1) * kSecondsPerDay < limit) return {};
    days = days_of(e, year, month);
  }
}

// How one expression sees the step of the clocks that begins a stretch.
struct Step {
  std::int64_t start;    // when the stretch begins
  std::int64_t offset;   // its own
  std::int64_t skipped;  // wall seconds to be caught up at the start
  std::int64_t quiet;    // seconds after the start in which nothing runs
};

Step step_into(const CronExpr& e, const Zone& zone, std::size_t index) {
  const auto& all = zone.stretches();
  Step step{all[index].start, all[index].offset, 0, 0};
  if (index == 0 || e.is_wildcard()) return step;
  const std::int64_t ahead = step.offset - all[index - 1].offset;
  if (ahead > 0 && ahead <= kCaughtUp) step.skipped = ahead;
  if (ahead < 0 && -ahead <= kCaughtUp) step.quiet = -ahead;
  return step;
}

bool catches_up(const CronExpr& e, const Step& step) {
  if (step.skipped == 0) return false;
  const std::int64_t wall = step.start + step.offset;
  return wall_from(e, wall - step.skipped, wall).has_value();
}

std::int64_t end_of(const Zone& zone, std::size_t index, std::int64_t horizon) {
  const auto& all = zone.stretches();
  if (index + 1 == all.size() || all[index + 1].start > horizon) return horizon;
  return all[index + 1].start;
}

Timestamp from_seconds(std::int64_t seconds) {
  return Timestamp(Duration(seconds * kMicros));
}

// What a Timestamp can hold and a calendar can be reckoned with.
bool is_in_reach(Timestamp t) {
  constexpr std::int64_t kReach = 100'000'000'000;
  const auto seconds = t.time_since_epoch().count() / kMicros;
  return seconds > -kReach && seconds < kReach;
}

}  // namespace

bool CronExpr::never_runs() const {
  if (reboot_) return false;
  if (seconds_ == 0 || minutes_ == 0 || hours_ == 0) return true;
  // Over the centuries every date falls on every weekday.
  for (int month = 1; month <= 12; ++month) {
    if ((months_ >> month & 1) == 0) continue;
    const int length = days_in_month(2000, month);
    for (int weekday = 0; weekday < 7; ++weekday) {
      if (days(weekday, length) != 0) return false;
    }
  }
  return true;
}

std::uint32_t CronExpr::days(int weekday, int length) const {
  const auto in_month = static_cast<std::uint32_t>((1ULL << (length + 1)) - 2);
  // Seven bits turned so that bit 0 is the first of the month, then repeated.
  const auto spread = [&](std::uint64_t week) {
    const std::uint64_t turned = ((week | week << 7) >> weekday) & 0x7f;
    return static_cast<std::uint32_t>(
        (turned | turned << 7 | turned << 14 | turned << 21 | turned << 28)
        << 1);
  };
  std::uint32_t by_date = month_days_;
  std::uint32_t by_weekday = spread(weekdays_);
  if (dialect_ == Dialect::quartz) {
    by_date |= quartz_.by_date(weekday, length);
    by_weekday |= quartz_.by_weekday(weekday, length);
  }
  return (both_days_ ? by_date & by_weekday : by_date | by_weekday) & in_month;
}

std::optional<Timestamp> next(const CronExpr& expr, const Zone& zone,
                              Timestamp after) {
  if (expr.timer()) return next(*expr.timer(), zone, after);
  if (expr.is_reboot() || expr.never_runs() || !is_in_reach(after)) return {};
  // The first whole second that is strictly after.
  const std::int64_t from =
      floor_div(after.time_since_epoch().count(), kMicros) + 1;
  const std::int64_t horizon = from + kHorizon;
  std::size_t index = zone.index_at(from - 1);
  for (; index < zone.stretches().size(); ++index) {
    const Step step = step_into(expr, zone, index);
    if (index > 0 && step.start >= horizon) return {};
    if (index > 0 && step.start >= from && catches_up(expr, step)) {
      return from_seconds(step.start);
    }
    std::int64_t begin = from;
    if (index > 0) begin = std::max(from, step.start + step.quiet);
    const std::int64_t end = end_of(zone, index, horizon);
    if (begin >= end) continue;
    if (const auto wall =
            wall_from(expr, begin + step.offset, end + step.offset)) {
      return from_seconds(*wall - step.offset);
    }
  }
  return std::nullopt;
}

std::optional<Timestamp> previous(const CronExpr& expr, const Zone& zone,
                                  Timestamp before) {
  if (expr.timer()) return previous(*expr.timer(), zone, before);
  if (expr.is_reboot() || expr.never_runs() || !is_in_reach(before)) return {};
  // The last whole second that is strictly before.
  std::int64_t to = floor_div(before.time_since_epoch().count() - 1, kMicros);
  const std::int64_t horizon = to - kHorizon;
  for (std::size_t index = zone.index_at(to); to >= horizon; --index) {
    const Step step = step_into(expr, zone, index);
    const std::int64_t begin =
        index == 0 ? horizon : std::max(horizon, step.start + step.quiet);
    if (begin <= to) {
      if (const auto wall =
              wall_to(expr, to + step.offset, begin + step.offset)) {
        return from_seconds(*wall - step.offset);
      }
    }
    if (index == 0) break;
    if (catches_up(expr, step)) return from_seconds(step.start);
    to = step.start - 1;
  }
  return std::nullopt;
}

}  // namespace bezalel::schedule
