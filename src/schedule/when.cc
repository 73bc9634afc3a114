#include "schedule/when.h"

#include <algorithm>
#include <array>
#include <functional>
#include <iterator>

namespace bezalel::schedule {
namespace {

constexpr std::array<const char*, 7> kWeekdayNames = {
    "Sunday",   "Monday", "Tuesday", "Wednesday",
    "Thursday", "Friday", "Saturday"};
constexpr std::array<const char*, 13> kMonthNames = {
    "",     "January", "February",  "March",   "April",    "May",     "June",
    "July", "August",  "September", "October", "November", "December"};

std::vector<int> members(std::uint64_t bits) {
  std::vector<int> out;
  for (int i = 0; i < 64; ++i) {
    if ((bits >> i & 1) != 0) out.push_back(i);
  }
  return out;
}

std::string two(int n) {
  return (n < 10 ? "0" : "") + std::to_string(n);
}

std::string counted(int n, const std::string& noun) {
  return n == 1 ? "every " + noun
                : "every " + std::to_string(n) + ' ' + noun + 's';
}

// "a", "a and b", "a, b and c"
std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) out += i + 1 == parts.size() ? " and " : ", ";
    out += parts[i];
  }
  return out;
}

// The distance of neighbours where it is always the same; else 0.
int step_of(const std::vector<int>& all) {
  if (all.size() < 2) return 0;
  const int step = all[1] - all[0];
  for (std::size_t i = 1; i < all.size(); ++i) {
    if (all[i] - all[i - 1] != step) return 0;
  }
  return step;
}

bool is_run(const std::vector<int>& all) {
  return all.size() == 1 || step_of(all) == 1;
}

// Parts of a list; three or more in a row are "x to y".
std::vector<std::string> with_runs(const std::vector<int>& all,
                                   const std::function<std::string(int)>& say) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < all.size();) {
    std::size_t end = i + 1;
    while (end < all.size() && all[end] == all[end - 1] + 1) ++end;
    if (end - i >= 3) {
      out.push_back(say(all[i]) + " to " + say(all[end - 1]));
      i = end;
    } else {
      out.push_back(say(all[i++]));
    }
  }
  return out;
}

std::string list(const std::vector<int>& all,
                 const std::function<std::string(int)>& say) {
  return joined(with_runs(all, say));
}

std::string plain(int n) {
  return std::to_string(n);
}

class TimeWords {
 public:
  explicit TimeWords(const When& when)
      : seconds_(members(when.seconds)),
        minutes_(members(when.minutes)),
        hours_(members(when.hours)) {}

  std::string say() const {
    if (seconds_.size() != 1) return by_the_second();
    if (minutes_.size() == 1) return by_the_hour();
    const std::size_t count = minutes_.size() * hours_.size();
    if (count <= 3) return "at " + times();
    if (is_cycle(minutes_, 60)) return by_the_minute();
    if (count <= 8) return "at " + times();
    std::string out = "at minutes " + list(minutes_, plain);
    out += every_hour() ? " of every hour" : of_hours();
    return out + at_second();
  }

  // True where "every day" goes without saying: all but a list of times.
  bool repeats() const {
    const std::string said = say();
    return !said.starts_with("at ") || said.find(':') == std::string::npos;
  }

 private:
  // All of 0, n, 2n, ... or of the same shifted, up to `modulus`.
  static bool is_cycle(const std::vector<int>& all, int modulus) {
    const int step = step_of(all);
    return step > 0 && static_cast<int>(all.size()) * step == modulus;
  }

  bool every_hour() const { return hours_.size() == 24; }

  std::string clock(int hour, int minute) const {
    std::string out = two(hour) + ':' + two(minute);
    if (seconds_.size() == 1 && seconds_[0] != 0) out += ':' + two(seconds_[0]);
    return out;
  }

  std::string at_second() const {
    if (seconds_.size() != 1 || seconds_[0] == 0) return {};
    return ", at second " + std::to_string(seconds_[0]);
  }

  std::string from_to(int first, int last) const {
    return " from " + clock(hours_.front(), first) + " to " +
           clock(hours_.back(), last);
  }

  std::string of_hours() const {
    return (hours_.size() == 1 ? " of hour " : " of the hours ") +
           list(hours_, two);
  }

  std::string times() const {
    std::vector<std::string> parts;
    for (const int hour : hours_) {
      for (const int minute : minutes_) parts.push_back(clock(hour, minute));
    }
    return joined(parts);
  }

  std::string by_the_second() const {
    const int step = step_of(seconds_);
    std::string out = is_cycle(seconds_, 60)
                          ? counted(step, "second")
                          : "at seconds " + list(seconds_, plain);
    if (is_cycle(seconds_, 60) && seconds_[0] != 0) {
      out += ", from second " + std::to_string(seconds_[0]);
    }
    if (minutes_.size() == 60 && every_hour()) {
      return is_cycle(seconds_, 60) ? out : out + " of every minute";
    }
    if (minutes_.size() == 60 && is_run(hours_)) return out + from_to(0, 59);
    out += " of minute";
    out += minutes_.size() == 1 ? ' ' : 's';
    if (minutes_.size() != 1) out += ' ';
    out += list(minutes_, plain);
    return out + (every_hour() ? " of every hour" : of_hours());
  }

  std::string by_the_hour() const {
    const int minute = minutes_[0];
    if (every_hour()) {
      if (minute == 0 && seconds_[0] == 0) return "every hour, on the hour";
      return "every hour, at minute " + std::to_string(minute) +
             (seconds_[0] == 0 ? "" : " and second ") +
             (seconds_[0] == 0 ? "" : std::to_string(seconds_[0]));
    }
    const int step = step_of(hours_);
    if (step > 0 && hours_.size() >= 4) {
      return counted(step, "hour") + from_to(minute, minute);
    }
    return "at " + times();
  }

  std::string by_the_minute() const {
    const int step = step_of(minutes_);
    std::string out = counted(step, "minute");
    if (is_run(hours_) && !every_hour()) {
      return out + from_to(minutes_.front(), minutes_.back());
    }
    if (minutes_[0] != 0) {
      out += ", from minute " + std::to_string(minutes_[0]);
    }
    if (!every_hour()) out += of_hours();
    return out + at_second();
  }

  std::vector<int> seconds_, minutes_, hours_;
};

class DayWords {
 public:
  explicit DayWords(const When& when)
      : when_(when),
        has_days_(when.days != kAllDays),
        has_weekdays_(when.weekdays != kAllWeek) {}

  std::string say() const {
    if (when_.join == When::Join::either && !(has_days_ && has_weekdays_)) {
      return every_day();
    }
    if (has_days_ && has_weekdays_) return of_both();
    if (has_days_) return " on " + dates() + of_months();
    if (has_weekdays_) {
      const bool monthly = !when_.more_weekdays.empty();
      return weekdays() + (monthly ? of_months() : in_months());
    }
    return every_day();
  }

 private:
  bool every_month() const { return when_.months == kAllMonths; }

  std::string months() const {
    return list(members(when_.months),
                [](int n) { return kMonthNames[static_cast<std::size_t>(n)]; });
  }
  std::string of_months() const {
    return every_month() ? " of every month" : " of " + months();
  }
  std::string in_months() const {
    return every_month() ? "" : " in " + months();
  }

  std::string every_day() const {
    if (TimeWords(when_).repeats()) {
      return every_month() ? "" : ", in " + months();
    }
    return " every day" + in_months();
  }

  std::string of_both() const {
    if (when_.join == When::Join::either) {
      const std::string second = weekdays();
      const bool on = second.starts_with(" on ");
      std::string out = " on " + dates() + " of the month and also" +
                        (on ? second : " on" + second.substr(1));
      return every_month() ? out : out + ", in " + months();
    }
    const bool within = when_.count_from == When::CountFrom::end &&
                        when_.days != 2 && dates().starts_with("the last ");
    return weekdays() + (within ? " in " : " that fall on ") + dates() +
           of_months();
  }

  std::string dates() const {
    const auto days = members(when_.days);
    const int step = step_of(days);
    if (when_.count_from == When::CountFrom::end) return from_end(days);
    if (step >= 2 && days.size() >= 5 && when_.more_days.empty()) {
      return "every " + ordinal(step) + " day from the " + ordinal(days[0]) +
             " to the " + ordinal(days.back());
    }
    std::vector<std::string> parts = with_runs(days, ordinal);
    if (!parts.empty()) parts[0] = "the " + parts[0];
    parts.insert(parts.end(), when_.more_days.begin(), when_.more_days.end());
    return joined(parts);
  }

  static std::string from_end(const std::vector<int>& days) {
    if (days.size() > 1 && days[0] == 1 && is_run(days)) {
      return "the last " + std::to_string(days.size()) + " days";
    }
    return "the " + list(days, [](int n) {
             return n == 1 ? "last day" : ordinal(n) + " last day";
           });
  }

  // " on Mondays and Fridays", ", Monday to Friday"
  std::string weekdays() const {
    // The week begins on Monday, for people.
    const std::uint64_t bits = when_.weekdays >> 1 | (when_.weekdays & 1) << 6;
    const auto name = [](int n) {
      return std::string(weekday_name((n + 1) % 7));
    };
    const auto all = members(bits);
    const auto with = with_runs(all, name);
    if (with.size() < all.size() && when_.more_weekdays.empty()) {
      return ", " + joined(with);
    }
    std::vector<std::string> parts;
    for (const int n : all) parts.push_back(name(n) + 's');
    parts.insert(parts.end(), when_.more_weekdays.begin(),
                 when_.more_weekdays.end());
    return " on " + joined(parts);
  }

  const When& when_;
  bool has_days_;
  bool has_weekdays_;
};

}  // namespace

std::string time_words(const When& when) {
  return TimeWords(when).say();
}

std::string day_words(const When& when) {
  return DayWords(when).say();
}

const char* weekday_name(int weekday) {
  return kWeekdayNames[static_cast<std::size_t>(weekday)];
}

std::string ordinal(int n) {
  const int last = n % 10;
  const bool teen = n / 10 % 10 == 1;
  const char* end = teen || last == 0 || last > 3 ? "th"
                    : last == 1                   ? "st"
                    : last == 2                   ? "nd"
                                                  : "rd";
  return std::to_string(n) + end;
}

}  // namespace bezalel::schedule
