#include "schedule/calendar.h"

#include <algorithm>

#include "schedule/wall_fields.h"

namespace bezalel::schedule {
namespace {

constexpr std::int64_t kMicros = 1'000'000;
constexpr int kLastYear = 2199;
constexpr std::int64_t kEnd =
    days_from_date(kLastYear + 1, 1, 2) * kSecondsPerDay * kMicros;
constexpr int kMostRounds = 1000;  // after which systemd gives up

}  // namespace

// One search. Like the C library's mktime(), it remembers the offset it met
// last, and prefers it where a wall time exists twice; that is why systemd
// stays in the pass of an overlap in which it began.
class CalendarSearch {
 public:
  CalendarSearch(const Calendar& calendar, const Zone& zone)
      : spec_(calendar), zone_(zone) {}

  std::optional<Timestamp> after(Timestamp t) {
    std::int64_t micros = t.time_since_epoch().count();
    if (micros >= kEnd || !some_date_fits()) return std::nullopt;
    // systemd knows no time before 1970.
    micros = std::max<std::int64_t>(micros, -1) + 1;
    const std::int64_t seconds = micros / kMicros;
    micros_ = static_cast<int>(micros % kMicros);
    guess_ = stretch_at(seconds).offset;
    dst_ = stretch_at(seconds).dst ? Dst::yes : Dst::no;
    now_ = WallFields::of(seconds + guess_);
    for (int round = 0; round < kMostRounds; ++round) {
      switch (advance()) {
        case Step::found: {
          const auto found = resolve(now_.wall(), Dst::unknown);
          if (!found) return std::nullopt;
          return Timestamp(Duration(*found * kMicros + micros_));
        }
        case Step::never:
          return std::nullopt;
        case Step::again:
          break;
      }
    }
    return std::nullopt;
  }

 private:
  enum class Step { found, never, again };
  enum class Fit { same, moved, none };
  enum class Bounds { inside, moved, outside };
  enum class Dst { unknown, no, yes };  // tm_isdst

  static bool allows(const CalendarTerm& term, int value) {
    if (value == term.start) return true;
    return term.repeat > 0 && value > term.start &&
           (value - term.start) % term.repeat == 0 &&
           (term.stop < 0 || value <= term.stop);
  }

  // False for a day that none of the months has (31 February): found out here,
  // and not by a search through all the years.
  bool some_date_fits() const {
    if (spec_.end_of_month_ || spec_.day_.empty()) return true;
    int longest = 0;
    for (int month = 1; month <= 12; ++month) {
      const auto fits = [&](const CalendarTerm& t) { return allows(t, month); };
      if (spec_.month_.empty() ||
          std::any_of(spec_.month_.begin(), spec_.month_.end(), fits)) {
        longest = std::max(longest, days_in_month(2000, month));
      }
    }
    return std::any_of(
        spec_.day_.begin(), spec_.day_.end(),
        [&](const CalendarTerm& term) { return term.start <= longest; });
  }

  // The instant of a wall time, by the C library's way, because its answers
  // for times that exist twice or never are what systemd builds on. Stepping
  // from guess to guess ends at the instant or swings between the two sides
  // of a gap; then the side counts whose `dst` is not the one asked for.
  std::optional<std::int64_t> resolve(std::int64_t wall, Dst asked) {
    std::int64_t t = wall - guess_;
    std::int64_t t1 = t;
    std::int64_t t2 = t;
    bool dst_before = false;
    for (int probes = 6;; --probes) {
      const Stretch& here = stretch_at(t);
      const std::int64_t better = wall - here.offset;
      if (better == t) {
        t = with_dst(t, wall, asked);
        break;
      }
      const bool leans = asked == Dst::unknown
                             ? !dst_before || here.dst
                             : (asked == Dst::yes) != here.dst;
      if (t == t1 && t != t2 && leans) break;
      if (probes == 1) return std::nullopt;
      t1 = t2;
      t2 = t;
      t = better;
      dst_before = here.dst;
    }
    guess_ = wall - t;
    return t;
  }

  // `t` if its dst is the one asked for; else the same wall time by the
  // offset of the nearest time that has it.
  std::int64_t with_dst(std::int64_t t, std::int64_t wall, Dst asked) const {
    const auto fits = [&](const Stretch& s) {
      return asked == Dst::unknown || s.dst == (asked == Dst::yes);
    };
    if (fits(stretch_at(t))) return t;
    constexpr std::int64_t kStride = 601'200;
    constexpr std::int64_t kFarthest = 536'454'000 / 2 + kStride;
    for (std::int64_t delta = kStride; delta < kFarthest; delta += kStride) {
      for (const std::int64_t other : {t - delta, t + delta}) {
        const Stretch& s = stretch_at(other);
        if (fits(s)) return wall - s.offset;
      }
    }
    return t;
  }

  const Stretch& stretch_at(std::int64_t t) const {
    return zone_.stretches()[zone_.index_at(t)];
  }

  // The wall time at an instant, which may differ from the one asked for.
  std::int64_t wall_at(std::int64_t t) const {
    return t + stretch_at(t).offset;
  }

  std::optional<WallFields> normalized(const WallFields& fields, Dst asked) {
    const auto t = resolve(fields.wall(), asked);
    if (!t) return std::nullopt;
    return WallFields::of(wall_at(*t));
  }

  // Whether the fields are a wall time that exists. Where they overflow or
  // fall into a gap, they move on to what exists, at the start of the first
  // part that changed; backwards never.
  Bounds check_bounds() {
    if (now_.year > kLastYear) return Bounds::outside;
    const auto instant = resolve(now_.wall(), Dst::unknown);
    if (!instant) return Bounds::outside;
    WallFields t = WallFields::of(wall_at(*instant));
    int change = t.year - now_.year;
    if (change != 0) {
      t.clear_from_month();
    } else if ((change = t.month - now_.month) != 0) {
      t.clear_from_day();
    } else if ((change = t.day - now_.day) != 0) {
      t.clear_from_hour();
    } else if ((change = t.hour - now_.hour) != 0) {
      t.clear_from_minute();
    } else if ((change = t.minute - now_.minute) != 0) {
      t.second = 0;
    } else {
      change = t.second - now_.second;
    }
    if (change < 0) return Bounds::outside;
    if (change == 0) return Bounds::inside;
    now_ = t;
    // systemd keeps the dst of where it was moved to, though the start of
    // that part may lie before the step; here it can go round for ever.
    dst_ = stretch_at(*instant).dst ? Dst::yes : Dst::no;
    return Bounds::moved;
  }

  // Day of the month that is `day` days from its end, or -1.
  int from_end(int day) {
    WallFields t = now_;
    t.month += 1;
    t.day = 1 - day;
    const auto normal = normalized(t, Dst::unknown);
    return normal && normal->month == now_.month ? normal->day : -1;
  }

  // Moves `value` on to the first one at or above it that the terms allow.
  Fit fit(const CalendarTerms& terms, int& value) {
    if (terms.empty()) return Fit::same;
    std::optional<int> best;
    for (const CalendarTerm& term : terms) {
      int start = term.start;
      int stop = term.stop;
      if (spec_.end_of_month_ && &terms == &spec_.day_) {
        start = from_end(start);
        stop = from_end(stop);
        if (stop > 0) std::swap(start, stop);
      }
      if (start >= value) {
        if (!best || start < *best) best = start;
      } else if (term.repeat > 0) {
        const int steps = (value - start + term.repeat - 1) / term.repeat;
        const int candidate = start + steps * term.repeat;
        if ((!best || candidate < *best) && (stop < 0 || candidate <= stop)) {
          best = candidate;
        }
      }
    }
    if (!best) return Fit::none;
    const bool moved = *best != value;
    value = *best;
    return moved ? Fit::moved : Fit::same;
  }

  bool weekday_fits() {
    if (spec_.weekdays_ == 0) return true;
    const auto t = resolve(now_.wall(), Dst::unknown);
    if (!t) return false;
    const int sunday_first = weekday_of(floor_div(wall_at(*t), kSecondsPerDay));
    return (spec_.weekdays_ >> (sunday_first + 6) % 7 & 1) != 0;
  }

  // One round: from the year down to the microsecond, until a part has to
  // move so far that all has to be looked at again.
  Step advance() {
    const std::int64_t wall = now_.wall();
    if (auto t = resolve(wall, dst_)) {
      // Where winter is what the zone calls dst (Europe/Dublin), a gap would
      // throw the search back to before it began; systemd goes on behind it.
      if (dst_ == Dst::unknown && wall_at(*t) < wall) {
        t = wall - stretch_at(*t).offset;
      }
      now_ = WallFields::of(wall_at(*t));
    }
    dst_ = Dst::unknown;

    Fit found = fit(spec_.year_, now_.year);
    if (found == Fit::none) return Step::never;
    if (found == Fit::moved) now_.clear_from_month(), micros_ = 0;
    if (check_bounds() != Bounds::inside) return Step::never;

    found = fit(spec_.month_, now_.month);
    if (found == Fit::moved) now_.clear_from_day(), micros_ = 0;
    Bounds bounds = bounds_after(found);
    if (bounds == Bounds::outside) {
      ++now_.year;
      now_.clear_from_month();
      return again();
    }
    if (bounds == Bounds::moved) return Step::again;

    found = fit(spec_.day_, now_.day);
    if (found == Fit::moved) now_.clear_from_hour(), micros_ = 0;
    bounds = bounds_after(found);
    if (bounds == Bounds::outside) {
      ++now_.month;
      now_.clear_from_day();
      return again();
    }
    if (bounds == Bounds::moved) return Step::again;

    if (!weekday_fits()) return next_day();
    return advance_time();
  }

  Step advance_time() {
    Fit found = fit(spec_.hour_, now_.hour);
    if (found == Fit::moved) now_.clear_from_minute(), micros_ = 0;
    Bounds bounds = bounds_after(found);
    if (bounds == Bounds::outside) return next_day();
    if (bounds == Bounds::moved) return Step::again;

    found = fit(spec_.minute_, now_.minute);
    if (found == Fit::moved) now_.second = 0, micros_ = 0;
    bounds = bounds_after(found);
    if (bounds == Bounds::outside) {
      ++now_.hour;
      now_.clear_from_minute();
      return again();
    }
    if (bounds == Bounds::moved) return Step::again;

    int micros = now_.second * static_cast<int>(kMicros) + micros_;
    found = fit(spec_.micros_, micros);
    now_.second = micros / static_cast<int>(kMicros);
    micros_ = micros % static_cast<int>(kMicros);
    bounds = bounds_after(found);
    if (bounds == Bounds::outside) {
      ++now_.minute;
      now_.second = 0;
      return again();
    }
    return bounds == Bounds::moved ? Step::again : Step::found;
  }

  Bounds bounds_after(Fit found) {
    return found == Fit::none ? Bounds::outside : check_bounds();
  }

  Step next_day() {
    ++now_.day;
    now_.clear_from_hour();
    return again();
  }

  Step again() {
    micros_ = 0;
    return Step::again;
  }

  const Calendar& spec_;
  const Zone& zone_;
  WallFields now_{};
  int micros_ = 0;
  Dst dst_ = Dst::unknown;
  std::int64_t guess_ = 0;  // seconds east of UTC, met last
};

namespace {

// Where the clocks repeat themselves a timer skips the second pass; a search
// that should see what the timer saw must begin before it.
std::int64_t out_of_second_pass(const Zone& zone, std::int64_t micros) {
  const auto& all = zone.stretches();
  const std::int64_t seconds = floor_div(micros, kMicros);
  const std::size_t i = zone.index_at(seconds);
  if (i == 0) return micros;
  const std::int64_t back = all[i - 1].offset - all[i].offset;
  if (seconds >= all[i].start + back) return micros;
  return all[i].start * kMicros - 1;
}

}  // namespace

std::optional<Timestamp> next(const Calendar& calendar, const Zone& zone,
                              Timestamp after) {
  const Zone& own = calendar.zone() ? *calendar.zone() : zone;
  return CalendarSearch(calendar, own).after(after);
}

std::optional<Timestamp> previous(const Calendar& calendar, const Zone& zone,
                                  Timestamp before) {
  const Zone& own = calendar.zone() ? *calendar.zone() : zone;
  const auto next_of = [&](std::int64_t micros) {
    return CalendarSearch(calendar, own)
        .after(Timestamp(Duration(out_of_second_pass(own, micros))));
  };
  const auto is_before = [&](const std::optional<Timestamp>& t) {
    return t && *t < before;
  };
  // Back in growing steps to a time from which something lies before.
  const std::int64_t end = std::min(before.time_since_epoch().count(), kEnd);
  std::optional<Timestamp> found;
  std::int64_t high = end;
  for (std::int64_t step = kMicros; high >= 0; step *= 4) {
    const std::int64_t low = std::max<std::int64_t>(end - step, -1);
    found = next_of(low);
    if (is_before(found)) break;
    high = low;
  }
  if (!is_before(found)) return std::nullopt;
  // Then forward: what follows is the answer once nothing lies between.
  while (true) {
    const std::int64_t at = found->time_since_epoch().count();
    const auto following = next_of(at);
    if (!is_before(following)) return found;
    found = following;
    const std::int64_t middle = at + (high - at) / 2;
    if (middle <= found->time_since_epoch().count()) continue;
    if (const auto later = next_of(middle); is_before(later)) {
      found = later;
    } else {
      high = middle;
    }
  }
}

}  // namespace bezalel::schedule
