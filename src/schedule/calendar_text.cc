// A calendar expression as `systemd-analyze calendar` writes it.
#include <string>
#include <string_view>

#include "schedule/calendar.h"

namespace bezalel::schedule {
namespace {

constexpr int kMicros = 1'000'000;
constexpr std::string_view kWeekdays[] = {"Mon", "Tue", "Wed", "Thu",
                                          "Fri", "Sat", "Sun"};

std::string weekdays_text(std::uint32_t bits) {
  std::string out;
  int first = -1;
  for (int day = 0; day <= 7; ++day) {
    if (day < 7 && (bits >> day & 1) != 0) {
      if (first >= 0) continue;
      if (!out.empty()) out += ',';
      out += kWeekdays[day];
      first = day;
    } else if (first >= 0) {
      if (day > first + 1) {
        out += day > first + 2 ? ".." : ",";
        out += kWeekdays[day - 1];
      }
      first = -1;
    }
  }
  return out;
}

void append_number(std::string& out, int value, std::size_t width, int unit) {
  const std::string whole = std::to_string(value / unit);
  if (whole.size() < width) out.append(width - whole.size(), '0');
  out += whole;
  if (value % unit == 0) return;
  const std::string fraction = std::to_string(value % unit);
  out += '.';
  out.append(6 - fraction.size(), '0');
  out += fraction;
}

// `unit` is how many of the list's units one shown number counts.
void append_terms(std::string& out, const CalendarTerms& terms,
                  std::size_t width, int unit) {
  const bool every_second = unit > 1 && terms.size() == 1 &&
                            terms[0].start == 0 && terms[0].stop < 0 &&
                            terms[0].repeat == unit;
  if (terms.empty() || every_second) {
    out += '*';
    return;
  }
  for (std::size_t i = 0; i < terms.size(); ++i) {
    const CalendarTerm& term = terms[i];
    if (i > 0) out += ',';
    append_number(out, term.start, width, unit);
    if (term.stop > 0) {
      out += "..";
      append_number(out, term.stop, width, unit);
    }
    if (term.repeat > 0 && !(term.stop > 0 && term.repeat == unit)) {
      out += '/';
      append_number(out, term.repeat, 1, unit);
    }
  }
}

}  // namespace

std::string Calendar::normalized() const {
  std::string out = weekdays_text(weekdays_);
  if (!out.empty()) out += ' ';
  append_terms(out, year_, 1, 1);
  out += '-';
  append_terms(out, month_, 2, 1);
  out += end_of_month_ ? '~' : '-';
  append_terms(out, day_, 2, 1);
  out += ' ';
  append_terms(out, hour_, 2, 1);
  out += ':';
  append_terms(out, minute_, 2, 1);
  out += ':';
  append_terms(out, micros_, 2, kMicros);
  if (zone_) out += ' ' + zone_->name();
  return out;
}

Calendar Calendar::without_zone() const {
  Calendar copy = *this;
  copy.zone_.reset();
  return copy;
}

std::optional<std::string> Calendar::own_zone() const {
  if (!zone_) return std::nullopt;
  return zone_->name();
}

}  // namespace bezalel::schedule
