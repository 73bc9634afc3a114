#include "schedule/schedule.h"

#include <limits>

#include "base/duration.h"
#include "schedule/civil.h"

namespace bezalel::schedule {
namespace {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

std::optional<Timestamp> shifted(Timestamp t, std::int64_t micros) {
  std::int64_t result = 0;
  if (__builtin_add_overflow(t.time_since_epoch().count(), micros, &result)) {
    return std::nullopt;
  }
  return Timestamp(Duration(result));
}

std::string with_zone(std::string text, const Zone& zone) {
  text += " (";
  text += zone.name();
  text += ')';
  return text;
}

}  // namespace

bool has_slots(const Schedule& schedule) {
  return std::holds_alternative<Cron>(schedule) ||
         std::holds_alternative<OnCalendar>(schedule);
}

std::optional<Timestamp> next_after(const Schedule& schedule, Timestamp t) {
  using Answer = std::optional<Timestamp>;
  return std::visit(
      Overloaded{
          [&](const Every& e) { return shifted(t, e.interval.count()); },
          [&](const Cron& c) { return next(c.expr, c.zone, t); },
          [&](const OnCalendar& c) { return next(c.calendar, c.zone, t); },
          [](const Manual&) { return Answer(); },
          [](const Reboot&) { return Answer(); }},
      schedule);
}

std::optional<Timestamp> previous_before(const Schedule& schedule,
                                         Timestamp t) {
  using Answer = std::optional<Timestamp>;
  return std::visit(
      Overloaded{
          [&](const Every& e) { return shifted(t, -e.interval.count()); },
          [&](const Cron& c) { return previous(c.expr, c.zone, t); },
          [&](const OnCalendar& c) { return previous(c.calendar, c.zone, t); },
          [](const Manual&) { return Answer(); },
          [](const Reboot&) { return Answer(); }},
      schedule);
}

std::string describe(const Schedule& schedule) {
  return std::visit(
      Overloaded{[](const Every& e) {
                   return "every " + format_time_span(e.interval);
                 },
                 [](const Cron& c) {
                   if (c.expr.is_reboot()) return std::string("@reboot");
                   return with_zone(c.expr.text(), c.zone);
                 },
                 [](const OnCalendar& c) {
                   std::string text = c.calendar.normalized();
                   // A zone of its own is part of the text already.
                   if (c.calendar.zone()) return text;
                   return with_zone(std::move(text), c.zone);
                 },
                 [](const Manual&) { return std::string("manual"); },
                 [](const Reboot&) { return std::string("@reboot"); }},
      schedule);
}

Duration dst_catch_up(const Schedule& schedule, Timestamp slot) {
  const auto* cron = std::get_if<Cron>(&schedule);
  if (cron == nullptr || cron->expr.dialect() == Dialect::quartz) return {};
  constexpr std::int64_t kLongest = 3 * 3600;
  const auto& all = cron->zone.stretches();
  const auto day = [](std::int64_t wall) {
    return floor_div(wall, kSecondsPerDay);
  };
  const std::int64_t seconds =
      floor_div(slot.time_since_epoch().count(), 1'000'000);
  const std::size_t here = cron->zone.index_at(seconds);
  const std::int64_t today = day(seconds + all[here].offset);
  std::int64_t skipped = 0;
  // The step before the slot and the one after it are all a day can hold.
  for (std::size_t i = here == 0 ? 1 : here; i <= here + 1; ++i) {
    if (i >= all.size()) break;
    const std::int64_t gap = all[i].offset - all[i - 1].offset;
    if (gap <= 0 || gap > kLongest) continue;
    if (day(all[i].start + all[i].offset) == today) skipped += gap;
  }
  return Duration(skipped / 6 * 1'000'000);
}

}  // namespace bezalel::schedule
