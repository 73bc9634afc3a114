// A time on the wall, taken apart. Inside of schedule.
#pragma once

#include <cstdint>

#include "schedule/civil.h"

namespace bezalel::schedule {

// A broken-down time whose fields may be out of range.
struct WallFields {
  int year;
  int month;  // 1-12
  int day;
  int hour;
  int minute;
  int second;

  static WallFields of(std::int64_t wall) {
    const std::int64_t days = floor_div(wall, kSecondsPerDay);
    const Date date = date_from_days(days);
    const auto rest = static_cast<int>(wall - days * kSecondsPerDay);
    return {date.year,   date.month,     date.day,
            rest / 3600, rest / 60 % 60, rest % 60};
  }

  std::int64_t wall() const {
    const int months = month - 1;
    const int carry = static_cast<int>(floor_div(months, 12));
    const std::int64_t days =
        days_from_date(year + carry, months - carry * 12 + 1, 1) + day - 1;
    return days * kSecondsPerDay + hour * 3600 + minute * 60 + second;
  }

  void clear_from_month() { month = 1, clear_from_day(); }
  void clear_from_day() { day = 1, clear_from_hour(); }
  void clear_from_hour() { hour = 0, clear_from_minute(); }
  void clear_from_minute() { minute = 0, second = 0; }
};

}  // namespace bezalel::schedule
