// A field of the quartz dialect: cron's fields behind one of seconds, with
// signs of Quartz's. Not Quartz itself: weekdays are numbered as cron does (0
// and 7 are Sunday, 1 is Quartz's), there is no year and no L-3. Inside of
// schedule.
//
// It reads strictly: what is not understood is refused. Besides numbers, names
// and ranges it takes, in a term of its own,
//
//   n/step  from n to the end
//   ?       any day: the other day field says which
//   L, LW   the month's last day, its last working day
//   15W     the working day that is nearest to the 15th, in the same month
//   5L FRIL the month's last Friday
//   5#2     the month's second Friday
#pragma once

#include <array>
#include <cstdint>

#include "schedule/cron_field.h"

namespace bezalel::schedule {

// What the bits of a field cannot say.
struct QuartzDays {
  bool last_day = false;                // L
  bool last_workday = false;            // LW
  std::uint32_t near_days = 0;          // 15W: bits 1-31
  std::uint32_t last_weekdays = 0;      // 5L: bits 0-6
  std::array<std::uint8_t, 7> weeks{};  // 5#2: bits 1-5 per weekday

  // Days of a month that the day fields add, as bits 1-31. `weekday` is that
  // of the first (0 is Sunday), `length` the number of days.
  std::uint32_t by_date(int weekday, int length) const;
  std::uint32_t by_weekday(int weekday, int length) const;
};

Complaint quartz_field(const Field& rule, FieldText& text, std::uint64_t& bits,
                       QuartzDays& days);

}  // namespace bezalel::schedule
