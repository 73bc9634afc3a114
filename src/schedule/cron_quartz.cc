#include "schedule/cron_quartz.h"

namespace bezalel::schedule {
namespace {

std::uint32_t bit(int day) {
  return std::uint32_t{1} << day;
}

// Saturday's is the day before, Sunday's the day after; never in another
// month.
int nearest_workday(int day, int weekday, int length) {
  if (weekday == 6) return day == 1 ? day + 2 : day - 1;
  if (weekday == 0) return day == length ? day - 2 : day + 1;
  return day;
}

class QuartzReader {
 public:
  QuartzReader(const Field& rule, FieldText& text, QuartzDays& days)
      : rule_(rule),
        text_(text),
        days_(days),
        is_day_(&rule == &kMonthDay),
        is_weekday_(&rule == &kWeekday) {}

  Complaint list(std::uint64_t& bits) {
    while (true) {
      if (Complaint why = term(bits)) return why;
      if (text_.at_end()) return nullptr;
      if (text_.here() != ',') return kNotValue;
      text_.skip();
    }
  }

 private:
  Complaint term(std::uint64_t& bits) {
    const std::size_t begin = text_.at();
    int first = rule_.low;
    int last = rule_.high;
    int step = 1;
    const bool any = (is_day_ || is_weekday_) && text_.text() == "?";
    if (text_.here() == '*' || any) {
      text_.skip();
    } else {
      if (is_day_ && (last_day() || workday())) return nullptr;
      if (is_weekday_ && last_weekday()) return nullptr;
      if (Complaint why = value(first)) return why;
      if (is_weekday_ && text_.here() == '#') return week_of_month(first);
      last = first;
      if (text_.here() == '-') {
        text_.skip();
        if (Complaint why = value(last)) return why;
        if (last < first) {
          text_.back_to(begin);
          return "a range that runs backwards";
        }
      } else if (text_.here() == '/') {
        last = rule_.high;
      }
    }
    if (text_.here() == '/') {
      text_.skip();
      const std::size_t number = text_.at();
      if (text_.take_number(step) != nullptr || step <= 0) {
        text_.back_to(number);
        return kBadStep;
      }
    }
    return set_range(rule_, first, last, step, bits)
               ? nullptr
               : text_.out_of_range_at(begin);
  }

  Complaint value(int& value) {
    const std::size_t begin = text_.at();
    if (Complaint why = text_.take_value(rule_, value)) return why;
    return value < rule_.low || value > rule_.high
               ? text_.out_of_range_at(begin)
               : nullptr;
  }

  bool last_day() {
    const std::size_t begin = text_.at();
    const std::string_view word = text_.take_word();
    if (word == "L" || word == "l") return days_.last_day = true;
    if (word == "LW" || word == "lw") return days_.last_workday = true;
    text_.back_to(begin);
    return false;
  }

  bool workday() {
    const std::size_t begin = text_.at();
    std::string_view word = text_.take_word();
    if (word.size() >= 2 && word.size() <= 3 &&
        (word.back() == 'W' || word.back() == 'w')) {
      word.remove_suffix(1);
      const int day =
          word.find_first_not_of("0123456789") == std::string_view::npos
              ? wrapping_int(word)
              : 0;
      if (day >= 1 && day <= 31) {
        days_.near_days |= bit(day);
        return true;
      }
    }
    text_.back_to(begin);
    return false;
  }

  bool last_weekday() {
    const std::size_t begin = text_.at();
    std::string_view word = text_.take_word();
    if (word.ends_with('L') || word.ends_with('l')) {
      word.remove_suffix(1);
      const bool digit = word.size() == 1 && word[0] >= '0' && word[0] <= '7';
      const int named =
          digit ? (word[0] - '0') % 7 : name_index(kWeekdayNames, word);
      if (named >= 0) {
        days_.last_weekdays |= bit(named);
        return true;
      }
    }
    text_.back_to(begin);
    return false;
  }

  Complaint week_of_month(int weekday) {
    text_.skip();
    const std::size_t begin = text_.at();
    int week = 0;
    if (text_.take_number(week) != nullptr || week < 1 || week > 5) {
      text_.back_to(begin);
      return "not a week of the month (#1 to #5)";
    }
    auto& weeks = days_.weeks[static_cast<std::size_t>(weekday % 7)];
    weeks = static_cast<std::uint8_t>(weeks | bit(week));
    return nullptr;
  }

  const Field& rule_;
  FieldText& text_;
  QuartzDays& days_;
  bool is_day_;
  bool is_weekday_;
};

}  // namespace

std::uint32_t QuartzDays::by_date(int weekday, int length) const {
  const auto weekday_of = [&](int day) { return (weekday + day - 1) % 7; };
  std::uint32_t out = 0;
  if (last_day) out |= bit(length);
  if (last_workday) {
    out |= bit(nearest_workday(length, weekday_of(length), length));
  }
  for (int day = 1; day <= length; ++day) {
    if ((near_days >> day & 1) == 0) continue;
    out |= bit(nearest_workday(day, weekday_of(day), length));
  }
  return out;
}

std::uint32_t QuartzDays::by_weekday(int weekday, int length) const {
  std::uint32_t out = 0;
  for (int w = 0; w < 7; ++w) {
    const int first = 1 + (w - weekday + 7) % 7;
    const std::uint32_t nth = weeks[static_cast<std::size_t>(w)];
    for (int n = 1; n <= 5; ++n) {
      const int day = first + 7 * (n - 1);
      if (day > length) break;
      const bool is_last = day + 7 > length;
      if ((nth >> n & 1) != 0 || (is_last && (last_weekdays >> w & 1) != 0)) {
        out |= bit(day);
      }
    }
  }
  return out;
}

Complaint quartz_field(const Field& rule, FieldText& text, std::uint64_t& bits,
                       QuartzDays& days) {
  return QuartzReader(rule, text, days).list(bits);
}

}  // namespace bezalel::schedule
