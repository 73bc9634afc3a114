// systemd's calendar events (OnCalendar=), as systemd 252 takes them.
//
// The answers are those of systemd itself, also where they surprise: what a
// gap skips is not run at all; in an overlap only the first pass counts, and
// the whole repeated stretch is skipped even by "hourly", unless the search
// begins inside it; some expressions make systemd give up at a gap, and then
// the timer has no next time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "schedule/zone.h"

namespace bezalel::schedule {

// One term of a list: start, start..stop, start/repeat, start..stop/repeat.
// Seconds are counted in microseconds, everything else as written.
struct CalendarTerm {
  int start = 0;
  int stop = -1;   // none
  int repeat = 0;  // none

  friend auto operator<=>(const CalendarTerm&, const CalendarTerm&) = default;
};

// An empty list matches every value.
using CalendarTerms = std::vector<CalendarTerm>;

class Calendar {
 public:
  // "Mon..Fri 03:00", "*-*-01 04:00 Europe/Riga", "weekly"; at the end a zone
  // of the database or UTC. An error repeats the text and names the part, and
  // `column` (0-based, where given) is where the trouble starts.
  static Result<Calendar> parse(std::string_view text,
                                std::size_t* column = nullptr);

  // The form that `systemd-analyze calendar` prints.
  std::string normalized() const;

  // The zone the expression itself names; it holds over any other.
  std::optional<std::string> own_zone() const;
  const std::optional<Zone>& zone() const { return zone_; }

  // The same without a zone of its own.
  Calendar without_zone() const;

  // What it is made of; of `micros` a minute holds 60 million.
  std::uint32_t weekdays() const { return weekdays_; }
  bool counts_from_end() const { return end_of_month_; }
  const CalendarTerms& years() const { return year_; }
  const CalendarTerms& months() const { return month_; }
  const CalendarTerms& days() const { return day_; }
  const CalendarTerms& hours() const { return hour_; }
  const CalendarTerms& minutes() const { return minute_; }
  const CalendarTerms& micros() const { return micros_; }

  friend bool operator==(const Calendar& a, const Calendar& b) {
    return a.normalized() == b.normalized();
  }

 private:
  friend class CalendarParser;
  friend class CalendarSearch;

  Calendar() = default;

  std::uint32_t weekdays_ = 0;  // bits 0-6, Monday first; 0: any
  bool end_of_month_ = false;   // days count from the month's end
  CalendarTerms year_;
  CalendarTerms month_;
  CalendarTerms day_;
  CalendarTerms hour_;
  CalendarTerms minute_;
  CalendarTerms micros_;
  std::optional<Zone> zone_;
};

// The first instant strictly after at which systemd would elapse; nullopt if
// there is none before the year 2200, or where systemd itself gives up.
// `zone` is the host's, for expressions that name none.
std::optional<Timestamp> next(const Calendar& calendar, const Zone& zone,
                              Timestamp after);

// The last instant strictly before, of those that a timer would have elapsed
// at one after the other; nullopt if there is none since 1970.
std::optional<Timestamp> previous(const Calendar& calendar, const Zone& zone,
                                  Timestamp before);

}  // namespace bezalel::schedule
