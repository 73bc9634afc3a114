// The reading half of Calendar.
#include <algorithm>
#include <limits>

#include "base/escape.h"
#include "schedule/calendar.h"
#include "schedule/civil.h"

namespace bezalel::schedule {
namespace {

constexpr int kSecond = 1'000'000;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool starts_with_no_case(std::string_view text, std::string_view start) {
  if (text.size() < start.size()) return false;
  return std::equal(start.begin(), start.end(), text.begin(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

bool same_no_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && starts_with_no_case(a, b);
}

struct DayName {
  std::string_view name;
  int day;
};

// Full names first, so that "Mon" does not end "Monday" early.
constexpr DayName kDays[] = {{"Monday", 0},   {"Mon", 0},       {"Tuesday", 1},
                             {"Tue", 1},      {"Wednesday", 2}, {"Wed", 2},
                             {"Thursday", 3}, {"Thu", 3},       {"Friday", 4},
                             {"Fri", 4},      {"Saturday", 5},  {"Sat", 5},
                             {"Sunday", 6},   {"Sun", 6}};

CalendarTerms only(int value) {
  return {{value, -1, 0}};
}

void widen_year(int& year) {
  if (year >= 0 && year < 70) {
    year += 2000;
  } else if (year >= 70 && year < 100) {
    year += 1900;
  }
}

void put_in_order(CalendarTerms& terms) {
  for (CalendarTerm& term : terms) {
    if (term.stop > term.start && term.repeat > 0) {
      term.stop -= (term.stop - term.start) % term.repeat;
    }
    // A range that holds one value is that value.
    if (term.stop == term.start) term = {term.start, -1, 0};
  }
  std::sort(terms.begin(), terms.end());
  terms.erase(std::unique(terms.begin(), terms.end()), terms.end());
}

enum class FromEnd { no, yes };

bool is_valid(const CalendarTerms& terms, int low, int high,
              FromEnd from_end = FromEnd::no) {
  const bool backwards = from_end == FromEnd::yes;
  // Every month has 28 days.
  if (backwards) high -= 3;
  return std::all_of(terms.begin(), terms.end(), [&](const CalendarTerm& t) {
    if (t.start < low || t.start > high) return false;
    if (t.repeat > high - low) return false;
    if (t.stop >= 0) {
      return t.stop >= low && t.stop <= high && t.start + t.repeat <= t.stop;
    }
    return backwards ? t.start - t.repeat >= low : t.start + t.repeat <= high;
  });
}

}  // namespace

// Reads one expression. A part's function returns what is wrong, or null.
class CalendarParser {
 public:
  explicit CalendarParser(std::string_view text) : all_(text), text_(text) {}

  Result<Calendar> run(std::size_t* column) {
    const char* why = parse();
    if (why == nullptr) return std::move(spec_);
    if (column != nullptr) *column = at_;
    return err(Kind::invalid, '"' + escape_line(all_, 64) + "\": " + why);
  }

 private:
  using Why = const char*;

  static constexpr Why kForm =
      "not a calendar event; expected one like Mon..Fri *-*-* 03:00:00";

  char here() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  char ahead(std::size_t n) const {
    return at_ + n < text_.size() ? text_[at_ + n] : '\0';
  }
  bool at_end() const { return at_ >= text_.size(); }
  bool at_word_end() const { return at_end() || here() == ' '; }
  void skip_spaces() {
    while (here() == ' ') ++at_;
  }

  Why parse() {
    // A zero byte would look like the end.
    at_ = text_.find('\0');
    if (at_ != std::string_view::npos) return kForm;
    at_ = 0;
    take_zone();
    if (text_.empty()) return "empty; expected one like *-*-* 03:00:00";
    if (!shorthand()) {
      if (Why why = weekdays()) return why;
      bool done = false;
      if (Why why = date(done)) return why;
      if (!done) {
        if (Why why = time()) return why;
      }
      if (!at_end()) return kForm;
    }
    return finish();
  }

  // Takes a zone off the end; a last word that is none stays for the rest.
  void take_zone() {
    if (text_.size() >= 4 &&
        same_no_case(text_.substr(text_.size() - 4), " UTC")) {
      text_.remove_suffix(4);
      spec_.zone_ = Zone::utc();
      return;
    }
    const std::size_t space = text_.rfind(' ');
    if (space == std::string_view::npos) return;
    // Only names can be zones; this spares the look into the database.
    const std::string_view word = text_.substr(space + 1);
    if (word.empty() || is_digit(word[0]) || word[0] == '*') return;
    if (auto zone = Zone::load(word)) {
      spec_.zone_ = *std::move(zone);
      text_ = text_.substr(0, space);
    }
  }

  bool shorthand() {
    const auto is = [&](std::string_view name) {
      return same_no_case(text_, name);
    };
    if (is("minutely")) {
    } else if (is("hourly")) {
      spec_.minute_ = only(0);
    } else if (is("daily")) {
      at_midnight();
    } else if (is("weekly")) {
      spec_.weekdays_ = 1;
      at_midnight();
    } else if (is("monthly")) {
      spec_.day_ = only(1);
      at_midnight();
    } else if (is("annually") || is("yearly") || is("anually")) {
      on_first_of(only(1));
    } else if (is("quarterly")) {
      on_first_of({{1, -1, 0}, {4, -1, 0}, {7, -1, 0}, {10, -1, 0}});
    } else if (is("biannually") || is("bi-annually") || is("semiannually") ||
               is("semi-annually")) {
      on_first_of({{1, -1, 0}, {7, -1, 0}});
    } else {
      return false;
    }
    spec_.micros_ = only(0);
    return true;
  }

  void at_midnight() {
    spec_.hour_ = only(0);
    spec_.minute_ = only(0);
    spec_.micros_ = only(0);
  }

  void on_first_of(CalendarTerms months) {
    spec_.month_ = std::move(months);
    spec_.day_ = only(1);
    at_midnight();
  }

  const DayName* day_name() const {
    const std::string_view rest = text_.substr(at_);
    for (const DayName& day : kDays) {
      if (starts_with_no_case(rest, day.name)) return &day;
    }
    return nullptr;
  }

  Why weekdays() {
    constexpr Why kWhy = "bad weekdays; expected Mon, Mon,Wed or Mon..Fri";
    int open = -1;  // where a range began
    for (bool first = true;; first = false) {
      const DayName* day = day_name();
      if (day == nullptr) return first ? nullptr : kWhy;
      const char follows = ahead(day->name.size());
      if (std::string_view("\0-., ", 5).find(follows) ==
          std::string_view::npos) {
        return kWhy;
      }
      if (open > day->day) return kWhy;
      for (int d = open >= 0 ? open : day->day; d <= day->day; ++d) {
        spec_.weekdays_ |= 1U << d;
      }
      at_ += day->name.size();
      if (at_end()) return nullptr;
      if (here() == ' ') {
        skip_spaces();
        return nullptr;
      }
      if (here() == ',') {
        open = -1;
        ++at_;
      } else {
        if (open >= 0 || (here() == '.' && ahead(1) != '.')) return kWhy;
        open = day->day;
        at_ += here() == '.' ? 2 : 1;
      }
      // A comma may end the list, an open range may not.
      if (at_word_end()) {
        skip_spaces();
        return open < 0 ? nullptr : kWhy;
      }
    }
  }

  Why date(bool& done) {
    if (at_end()) return nullptr;
    if (here() == '@') {
      done = true;
      return unix_time();
    }
    constexpr Why kWhy =
        "bad date; expected year-month-day, month-day, or "
        "~day for days from the month's end";
    const std::size_t begin = at_;
    CalendarTerms first;
    CalendarTerms second;
    CalendarTerms third;
    if (Why why = terms(first, 1)) return why;
    if (at_end() || here() == ':') {
      at_ = begin;  // a time, no date
      return nullptr;
    }
    if (!date_separator()) return kWhy;
    if (Why why = terms(second, 1)) return why;
    if (at_word_end()) {
      skip_spaces();
      spec_.month_ = std::move(first);
      spec_.day_ = std::move(second);
      return nullptr;
    }
    if (spec_.end_of_month_ || !date_separator()) return kWhy;
    if (Why why = terms(third, 1)) return why;
    if (!at_word_end()) return kWhy;
    skip_spaces();
    spec_.year_ = std::move(first);
    spec_.month_ = std::move(second);
    spec_.day_ = std::move(third);
    return nullptr;
  }

  bool date_separator() {
    if (here() != '-' && here() != '~') return false;
    spec_.end_of_month_ = here() == '~';
    ++at_;
    return true;
  }

  Why unix_time() {
    constexpr Why kWhy = "bad time; expected @ and Unix seconds";
    ++at_;
    std::int64_t value = 0;
    const std::size_t begin = at_;
    for (; is_digit(here()); ++at_) {
      value = value * 10 + (here() - '0');
      if (value > 1'000'000'000'000) return kWhy;
    }
    if (at_ == begin || !at_end()) return kWhy;
    const std::int64_t days = value / kSecondsPerDay;
    const Date date = date_from_days(days);
    const auto rest = static_cast<int>(value - days * kSecondsPerDay);
    spec_.year_ = only(date.year);
    spec_.month_ = only(date.month);
    spec_.day_ = only(date.day);
    spec_.hour_ = only(rest / 3600);
    spec_.minute_ = only(rest / 60 % 60);
    spec_.micros_ = only(rest % 60 * kSecond);
    spec_.zone_ = Zone::utc();
    return nullptr;
  }

  Why time() {
    constexpr Why kWhy =
        "bad time; expected hour:minute or "
        "hour:minute:second";
    if (at_end()) {
      at_midnight();
      return nullptr;
    }
    if (Why why = terms(spec_.hour_, 1)) return why;
    if (here() != ':') return kWhy;
    ++at_;
    if (Why why = terms(spec_.minute_, 1)) return why;
    if (at_end()) {
      spec_.micros_ = only(0);
      return nullptr;
    }
    if (here() != ':') return kWhy;
    ++at_;
    if (Why why = terms(spec_.micros_, kSecond)) return why;
    return at_end() ? nullptr : kWhy;
  }

  // "*" or a list; `unit` is how many of its counts one written number is.
  Why terms(CalendarTerms& out, int unit) {
    if (here() == '*') {
      ++at_;
      if (unit > 1) out = {{0, -1, unit}};
      return nullptr;
    }
    // systemd's own bound
    for (int count = 0; count <= 240; ++count) {
      CalendarTerm term;
      if (Why why = one_term(term, unit)) return why;
      out.push_back(term);
      if (here() != ',') return nullptr;
      ++at_;
    }
    return "too long a list; expected at most 240 values";
  }

  Why one_term(CalendarTerm& term, int unit) {
    if (Why why = number(term.start, unit)) return why;
    if (here() == '.' && ahead(1) == '.') {
      at_ += 2;
      if (Why why = number(term.stop, unit)) return why;
      term.repeat = unit;
    }
    if (here() == '/') {
      ++at_;
      if (Why why = number(term.repeat, unit)) return why;
      if (term.repeat == 0) return "a step of 0; expected 1 or more";
    } else if (unit > 1 && term.stop >= 0 &&
               std::int64_t{term.start} + term.repeat > term.stop) {
      return "a range of less than a second needs a step";
    }
    if (at_end() ||
        std::string_view(" ,-~:").find(here()) != std::string_view::npos) {
      return nullptr;
    }
    return kForm;
  }

  Why number(int& out, int unit) {
    if (!is_digit(here())) {
      return "not a number; expected one like *-*-* 03:00:00";
    }
    constexpr Why kTooLarge = "number too large";
    std::int64_t value = 0;
    for (; is_digit(here()); ++at_) {
      value = value * 10 + (here() - '0');
      if (value > std::numeric_limits<int>::max()) return kTooLarge;
    }
    value *= unit;
    if (unit > 1 && here() == '.' && ahead(1) != '.') {
      ++at_;
      if (!is_digit(here())) return "bad fraction; expected digits";
      value += fraction();
    }
    if (value > std::numeric_limits<int>::max()) return kTooLarge;
    out = static_cast<int>(value);
    return nullptr;
  }

  // Six digits, rounded by the seventh.
  int fraction() {
    int value = 0;
    for (int place = 0; place < 6; ++place) {
      value *= 10;
      if (is_digit(here())) value += text_[at_++] - '0';
    }
    if (here() >= '5' && here() <= '9') ++value;
    while (is_digit(here())) ++at_;
    return value;
  }

  Why finish() {
    if (spec_.weekdays_ == 0x7f) spec_.weekdays_ = 0;
    if (spec_.day_.empty()) spec_.end_of_month_ = false;
    for (CalendarTerm& term : spec_.year_) {
      widen_year(term.start);
      widen_year(term.stop);
    }
    for (CalendarTerms* terms :
         {&spec_.year_, &spec_.month_, &spec_.day_, &spec_.hour_,
          &spec_.minute_, &spec_.micros_}) {
      put_in_order(*terms);
    }
    at_ = 0;
    if (!is_valid(spec_.year_, 1970, 2199)) {
      return "year out of range; expected 1970-2199";
    }
    if (!is_valid(spec_.month_, 1, 12)) {
      return "month out of range; expected 1-12";
    }
    if (!is_valid(spec_.day_, 1, 31,
                  spec_.end_of_month_ ? FromEnd::yes : FromEnd::no)) {
      return spec_.end_of_month_ ? "day out of range; expected ~1-28"
                                 : "day out of range; expected 1-31";
    }
    if (!is_valid(spec_.hour_, 0, 23))
      return "hour out of range; expected 0-23";
    if (!is_valid(spec_.minute_, 0, 59)) {
      return "minute out of range; expected 0-59";
    }
    if (!is_valid(spec_.micros_, 0, 60 * kSecond - 1)) {
      return "second out of range; expected 0-59";
    }
    return nullptr;
  }

  std::string_view all_;
  std::string_view text_;  // without the zone
  std::size_t at_ = 0;
  Calendar spec_;
};

Result<Calendar> Calendar::parse(std::string_view text, std::size_t* column) {
  return CalendarParser(text).run(column);
}

}  // namespace bezalel::schedule
