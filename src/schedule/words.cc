#include "schedule/words.h"

#include <optional>

#include "base/duration.h"
#include "schedule/when.h"

namespace bezalel::schedule {
namespace {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

void add_quartz(const QuartzDays& days, When& when) {
  if (days.last_day) when.more_days.emplace_back("the last day");
  if (days.last_workday) when.more_days.emplace_back("the last working day");
  for (int day = 1; day <= 31; ++day) {
    if ((days.near_days >> day & 1) == 0) continue;
    when.more_days.push_back("the working day nearest the " + ordinal(day));
  }
  for (int w = 0; w < 7; ++w) {
    const std::string name = weekday_name(w);
    const std::uint32_t weeks = days.weeks[static_cast<std::size_t>(w)];
    for (int n = 1; n <= 5; ++n) {
      if ((weeks >> n & 1) == 0) continue;
      when.more_weekdays.push_back("the " + ordinal(n) + ' ' + name);
    }
    if ((days.last_weekdays >> w & 1) != 0) {
      when.more_weekdays.push_back("the last " + name);
    }
  }
}

// Bits of a calendar's list; nullopt where they are not whole `unit`s.
std::optional<std::uint64_t> bits_of(const CalendarTerms& terms, int low,
                                     int high, int unit = 1) {
  std::uint64_t bits = 0;
  if (terms.empty()) {
    for (int i = low; i <= high; ++i) bits |= std::uint64_t{1} << i;
    return bits;
  }
  for (const CalendarTerm& term : terms) {
    if (term.start % unit != 0 || term.repeat % unit != 0) return std::nullopt;
    const int start = term.start / unit;
    const int repeat = term.repeat / unit;
    const int stop = term.stop >= 0 ? term.stop / unit
                     : repeat > 0   ? high
                                    : start;
    for (int i = start; i <= stop && i <= high; i += repeat > 0 ? repeat : 1) {
      bits |= std::uint64_t{1} << i;
    }
  }
  return bits;
}

// ~07/1 goes from the seventh last day on to the last.
std::optional<std::uint64_t> bits_from_end(const CalendarTerms& terms) {
  std::uint64_t bits = 0;
  for (const CalendarTerm& term : terms) {
    if (term.stop >= 0) return std::nullopt;
    int day = term.start;
    do {
      bits |= std::uint64_t{1} << day;
      day -= term.repeat;
    } while (term.repeat > 0 && day >= 1);
  }
  return bits;
}

std::string years_words(const CalendarTerms& terms) {
  std::string out;
  for (const CalendarTerm& term : terms) {
    out += out.empty() ? ", in " : ", ";
    out += std::to_string(term.start);
    if (term.stop >= 0) out += " to " + std::to_string(term.stop);
    if (term.repeat > 1) {
      out += term.stop < 0 ? " and" : "";
      out += " every " + std::to_string(term.repeat) + " years";
      out += term.stop < 0 ? " after it" : "";
    } else if (term.repeat == 1 && term.stop < 0) {
      out += " and every year after it";
    }
  }
  return out;
}

}  // namespace

std::string in_words(const CronExpr& expr) {
  if (expr.is_reboot()) return "once at every boot";
  if (expr.never_runs()) return "never";
  if (expr.timer()) return in_words(*expr.timer());
  When when;
  when.seconds = expr.seconds();
  when.minutes = expr.minutes();
  when.hours = expr.hours();
  when.days = expr.month_days() & kAllDays;
  when.months = expr.months();
  when.weekdays = expr.weekdays();
  when.join = expr.needs_both_days() ? When::Join::both : When::Join::either;
  add_quartz(expr.quartz(), when);
  std::string out = time_words(when) + day_words(when);
  if (expr.spread() > Duration::zero()) {
    out += ", or up to " + format_age(expr.spread()) + " later";
  }
  return out;
}

std::string in_words(const Calendar& calendar) {
  constexpr int kMicrosPerSecond = 1'000'000;
  const auto seconds = bits_of(calendar.micros(), 0, 59, kMicrosPerSecond);
  const auto days = calendar.counts_from_end()
                        ? bits_from_end(calendar.days())
                        : bits_of(calendar.days(), 1, 31);
  if (!seconds || !days) return "as " + calendar.normalized();
  When when;
  when.seconds = *seconds;
  when.minutes = *bits_of(calendar.minutes(), 0, 59);
  when.hours = *bits_of(calendar.hours(), 0, 23);
  when.days = *days;
  when.months = *bits_of(calendar.months(), 1, 12);
  if (calendar.counts_from_end()) when.count_from = When::CountFrom::end;
  // systemd's week begins on Monday.
  const std::uint64_t week = calendar.weekdays();
  when.weekdays =
      week == 0 ? kAllWeek : (week << 1 & kAllWeek) | (week >> 6 & 1);
  return time_words(when) + day_words(when) + years_words(calendar.years());
}

std::string in_words(const Schedule& schedule) {
  return std::visit(
      Overloaded{
          [](const Every& e) {
            return "every " + format_time_span(e.interval) +
                   ", counted from the last time";
          },
          [](const Cron& c) { return in_words(c.expr); },
          [](const OnCalendar& c) { return in_words(c.calendar); },
          [](const Manual&) {
            return std::string("whenever somebody starts it");
          },
          [](const Reboot&) { return std::string("once at every boot"); }},
      schedule);
}

}  // namespace bezalel::schedule
